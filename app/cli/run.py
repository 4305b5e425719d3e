"""understudy run WORKFLOW: start a run and take it as far as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from app.cli.options import (
    after_option,
    budget_option,
    input_option,
    json_option,
    plain_option,
    priority_option,
    read_budget,
    read_inputs,
)
from app.cli.output import Output
from app.cli.session import here, open_desk, person, somebody_is_here, wait_for

if TYPE_CHECKING:
    from app.cli.detached import Begun, Own
    from workflows.engine.driver import Driver

Choice = Literal["", "approve", "deny"]


@click.command("run")
@click.argument("workflow")
@input_option
@budget_option
@json_option
@click.option("--jsonl", is_flag=True, help="Print every event to stdout as one JSON line.")
@click.option("--yes", is_flag=True, help="Approve every approval. Failed steps still wait for a person.")
@click.option("--deny", is_flag=True, help="Deny every approval.")
@click.option(
    "--attended/--unattended",
    default=None,
    help="Whether a person can be asked here. By default, whether stdin and stdout are terminals.",
)
@click.option("--detach", is_flag=True, help="Let a process of its own run it, print the run's id, and return at once.")
@priority_option
@after_option
@click.option("--details", is_flag=True, help="Narrate every call, not only what matters.")
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
    details: bool,
    plain: bool,
) -> int:
    """Run WORKFLOW, the name of one or the path of a file.

    On a terminal it asks you where a person is needed. Elsewhere it goes as far as it can, exits with 3 and names the
    command that answers. Narration goes to stderr, the outputs to stdout.

    With --detach the run outlives the terminal. Its process stays while it waits for people, so that an answer from
    anywhere counts at once; `understudy attach` watches it, `pause`, `resume` and `cancel` steer it.
    """
    if as_json + jsonl + (detach and jsonl) > 1:
        raise click.UsageError("Choose --detach or --jsonl." if detach else "Choose --json or --jsonl.")
    if yes and deny:
        raise click.UsageError("Choose --yes or --deny.")
    given, spend = read_inputs(inputs), read_budget(budget)
    somebody = somebody_is_here() if attended is None else attended
    wanted = Wanted(workflow, given, spend, _answer(yes, deny), somebody, details, priority, after)
    if not detach:
        return wait_for(_run(wanted, _form(as_json, jsonl), Output(plain=plain)))
    from app.cli.detached import Begun, Own, split

    split_off = split(here().narration)
    if isinstance(split_off, Own):
        try:
            return wait_for(_run(wanted, "text", Output(plain=True, log=split_off.log), split_off))
        finally:
            split_off.close()
    return _tell(split_off, as_json, Output(plain=plain)) if isinstance(split_off, Begun) else split_off


@dataclass(frozen=True)
class Wanted:
    """What is to be run, and how."""

    workflow: str
    given: Mapping[str, str]
    budget: float | Literal["none"] | None
    answer: Choice
    attended: bool
    details: bool
    priority: int
    after: tuple[str, ...]


def _tell(begun: Begun, as_json: bool, out: Output) -> int:
    if as_json:
        from app.present.run import SCHEMA_VERSION

        document = {"run": begun.run, "detached": True, "pid": begun.pid, "log": str(begun.log)}
        out.document({"schema_version": SCHEMA_VERSION, **document, "exit_code": 0})
    else:
        out.print(begun.run)
    out.say(f"Run {begun.run} goes on without this terminal, in process {begun.pid}.")
    out.say(f"  watch it: understudy attach {begun.run}   (or end it: understudy cancel {begun.run})")
    return 0


def _form(as_json: bool, jsonl: bool) -> str:
    return "json" if as_json else "jsonl" if jsonl else "text"


def _answer(yes: bool, deny: bool) -> Choice:
    return "approve" if yes else "deny" if deny else ""


async def _run(wanted: Wanted, form: str, out: Output, own: Own | None = None) -> int:
    from app.cli.conduct import Conductor, Manner, approvals
    from app.cli.report import report

    answer = wanted.answer
    by = f"{person()} ({'--yes' if answer == 'approve' else '--deny'})" if answer else person()
    lines: Literal["story", "events"] = "events" if form == "jsonl" else "story"
    manner = Manner(wanted.attended and own is None, by, approvals(answer), lines, wanted.details, own is not None)
    async with open_desk(hot=own is not None) as desk:
        proposal = desk.propose(desk.load(wanted.workflow), wanted.given, budget=wanted.budget)

        async def begin() -> Driver:
            driver = await desk.start(proposal, attended=wanted.attended, priority=wanted.priority, after=wanted.after)
            if own is not None:
                own.let_go(driver.state.run_id)
            return driver

        ending = await Conductor(desk, out, manner).conduct(begin)
    return report(ending, out, form=form)
