"""understudy run WORKFLOW: start a run and take it as far as it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from app.cli.options import (
    after_option,
    attended_option,
    budget_option,
    deny_option,
    details_option,
    input_option,
    json_option,
    jsonl_option,
    no_cache_option,
    plain_option,
    priority_option,
    read_budget,
    read_inputs,
    yes_option,
)
from app.cli.output import Output
from app.cli.session import here, open_desk, person, somebody_is_here, wait_for
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.cli.conduct import Ending
    from app.cli.detached import Begun, Own
    from app.desk import Desk, Proposal
    from app.named_workflows import WorkflowFile
    from workflows.engine.driver import Driver

Choice = Literal["", "approve", "deny"]


@click.command("run")
@click.argument("workflow")
@input_option
@budget_option
@json_option
@jsonl_option
@yes_option
@deny_option
@attended_option
@click.option("--detach", is_flag=True, help="Let a process of its own run it, print the run's id, and return at once.")
@priority_option
@after_option
@no_cache_option
@click.option(
    "--record",
    "record_in",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[DIR]",
    help="Keep the run as a recording for `understudy test`: in DIR, else in tests/WORKFLOW beside the workflow.",
)
@details_option
@plain_option
def command(
    workflow: str,
    inputs: tuple[str, ...],
    budget: str | None,
    as_json: bool,
    jsonl: bool,
    yes: bool,
    deny: bool,
    attended: bool | None,
    detach: bool,
    priority: int,
    after: tuple[str, ...],
    fresh: bool,
    record_in: str | None,
    details: bool,
    plain: bool,
) -> int:
    """Run WORKFLOW, the name of one, the path of a file, or a published version such as nightly@3.

    On a terminal it asks you where a person is needed. Elsewhere it goes as far as it can, exits with 3 and names the
    command that answers. Narration goes to stderr, the outputs to stdout.

    With --detach the run outlives the terminal. Its process stays while it waits for people, so that an answer from
    anywhere counts at once; `understudy attach` watches it, `pause`, `resume` and `cancel` steer it.
    """
    form, answer = form_of(as_json, jsonl, detach), answer_of(yes, deny)
    given, spend = read_inputs(inputs), read_budget(budget)
    somebody = somebody_is_here() if attended is None else attended
    # What is recorded is really done: nothing comes from a cache.
    fresh = fresh or record_in is not None
    wanted = Wanted(workflow, given, spend, Terms(answer, somebody, details), priority, after, fresh, record_in)
    return carried_out(lambda out, own: _run(wanted, form if own is None else "text", out, own), detach, as_json, plain)


def form_of(as_json: bool, jsonl: bool, detach: bool) -> str:
    """In which form stdout is. Raises click.UsageError."""
    if as_json + jsonl + (detach and jsonl) > 1:
        raise click.UsageError("Choose --detach or --jsonl." if detach else "Choose --json or --jsonl.")
    return "json" if as_json else "jsonl" if jsonl else "text"


def answer_of(yes: bool, deny: bool) -> Choice:
    """What is said to every approval. Raises click.UsageError."""
    if yes and deny:
        raise click.UsageError("Choose --yes or --deny.")
    return "approve" if yes else "deny" if deny else ""


def carried_out(
    work: Callable[[Output, Own | None], Coroutine[Any, Any, int]], detach: bool, as_json: bool, plain: bool
) -> int:
    """Do a run's work here, or with `detach` in a process of its own, and tell of that. Returns the exit code."""
    if not detach:
        return wait_for(work(Output(plain=plain), None))
    from app.cli.detached import Begun, Own, split

    split_off = split(here().spool)
    if isinstance(split_off, Own):
        try:
            return wait_for(work(Output(plain=True, log=split_off.log), split_off))
        finally:
            split_off.close()
    return _tell(split_off, as_json, Output(plain=plain)) if isinstance(split_off, Begun) else split_off


@dataclass(frozen=True)
class Wanted:
    """What is to be run, and how."""

    workflow: str
    given: Mapping[str, str]
    budget: float | Literal["none"] | None
    terms: Terms
    priority: int
    after: tuple[str, ...]
    fresh: bool
    record_in: str | None = None
    """Where it is recorded: a folder, or "" for the usual one. None: nowhere."""


@dataclass(frozen=True)
class Terms:
    """How a run is taken along: what is said to its approvals, whether a person can be asked, and what is narrated."""

    answer: Choice
    attended: bool
    details: bool


def _tell(begun: Begun, as_json: bool, out: Output) -> int:
    if as_json:
        from app.present.run import SCHEMA_VERSION

        document = {"run": begun.run, "detached": True, "pid": begun.pid, "log": str(begun.log), "queued": begun.queued}
        out.document({"schema_version": SCHEMA_VERSION, **document, "exit_code": 0})
    else:
        out.print(begun.run)
    out.say(f"Run {begun.run} goes on without this terminal, in process {begun.pid}.")
    if begun.queued:
        out.say(f"  it is queued, and begins by itself: {begun.queued}")
    out.say(f"  watch it: understudy attach {begun.run}   (or end it: understudy cancel {begun.run})")
    return 0


async def run_here(workflow: str, given: Mapping[str, str], out: Output) -> int:
    """Run a workflow with these inputs as `understudy run NAME` does on a terminal."""
    terms = Terms("", somebody_is_here(), False)
    return await _run(Wanted(workflow, given, None, terms, 0, (), False), "text", out, None)


async def _run(wanted: Wanted, form: str, out: Output, own: Own | None) -> int:
    from app.cli.report import report

    async with open_desk(hot=own is not None or wanted.terms.attended) as desk:
        proposal, version = await _proposed(desk, wanted)
        file = proposal.file
        start = partial(
            desk.start,
            proposal,
            attended=wanted.terms.attended,
            priority=wanted.priority,
            after=wanted.after,
            fresh=wanted.fresh,
            version=version,
        )
        ending = await conducted(desk, start, wanted.terms, form, out, own)
        if wanted.record_in is not None:
            await _record(desk, ending, file, wanted.record_in, out)
    return report(ending, out, form=form)


async def _proposed(desk: Desk, wanted: Wanted) -> tuple[Proposal, str]:
    """What would be run, and the name of the published version that it is of; empty where it is a file."""
    if "@" in wanted.workflow:
        from app.publishing import propose_version, reference_of, version_of

        if (reference := reference_of(wanted.workflow)) is not None:
            version = await version_of(desk.services.standing, *reference)
            return propose_version(desk, version, wanted.given, budget=wanted.budget), version.name
    return desk.propose(desk.load(wanted.workflow), wanted.given, budget=wanted.budget), ""


async def _record(desk: Desk, ending: Ending, file: WorkflowFile, folder: str, out: Output) -> None:
    """Keep what was run, as far as it is over. That it cannot be kept does not change how the run ended."""
    from app.cli.record import tell
    from app.failures import explain
    from app.testing.record import record
    from workflows.errors import UnderstudyError

    run = ending.state.run_id
    if not ending.state.over:
        out.say(f"Not recorded yet: the run is not over. When it is: understudy record {run}", "warning")
        return
    try:
        tell(out, await record(desk, run, Path(folder) if folder else None, workflow=file))
    except UnderstudyError as error:
        out.say(f"Not recorded: {explain(error)}", "bad")


async def conducted(
    desk: Desk, start: Callable[[], Awaitable[Driver]], terms: Terms, form: str, out: Output, own: Own | None
) -> Ending:
    """Begin a run by `start`, and take it as far as it goes. What `own` process it has lets go of the terminal."""
    from app.cli.conduct import Conductor, Manner, approvals

    answer = terms.answer
    by = f"{person()} ({'--yes' if answer == 'approve' else '--deny'})" if answer else person()
    lines: Literal["story", "events"] = "events" if form == "jsonl" else "story"
    manner = Manner(terms.attended and own is None, by, approvals(answer), lines, terms.details, own is not None)

    async def begin() -> Driver:
        driver = await start()
        if own is not None:
            own.let_go(driver.state.run_id, driver.state.why if driver.state.queued else "")
        return driver

    return await Conductor(desk, out, manner).conduct(begin)
