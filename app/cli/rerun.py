"""understudy rerun RUN: begin a new run where another one stood, and reuse what does not come after that."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING

import click

from app.cli.options import (
    attended_option,
    budget_option,
    deny_option,
    details_option,
    input_option,
    json_option,
    jsonl_option,
    no_cache_option,
    plain_option,
    read_budget,
    read_inputs,
    yes_option,
)
from app.cli.output import Output
from app.cli.run import Terms, answer_of, carried_out, conducted, form_of
from app.cli.session import open_desk_of, person, somebody_is_here

if TYPE_CHECKING:
    from app.cli.detached import Own
    from app.reruns import Wanted


@click.command("rerun")
@click.argument("run")
@click.option(
    "--from", "at", metavar="ADDRESS", default=None, help="The step to begin at. Without it all is done again."
)
@click.option("--set", "sets", metavar="WHAT=VALUE", multiple=True, help="Its output, or its input, or a key of that.")
@input_option
@click.option(
    "--workflow",
    metavar="FILE",
    default="",
    help="Take the present text of a workflow: its name, a file, or a version such as nightly@3.",
)
@budget_option
@no_cache_option
@click.option("--dry-run", is_flag=True, help="Say what is reused and what is done again. Nothing runs.")
@json_option
@jsonl_option
@yes_option
@deny_option
@attended_option
@click.option("--detach", is_flag=True, help="Let a process of its own run it, print the run's id, and return at once.")
@details_option
@plain_option
def command(
    run: str,
    at: str | None,
    sets: tuple[str, ...],
    inputs: tuple[str, ...],
    workflow: str,
    budget: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    jsonl: bool,
    yes: bool,
    deny: bool,
    attended: bool | None,
    detach: bool,
    details: bool,
    plain: bool,
) -> int:
    """Begin a new run where RUN stood: its id, the beginning of it, or `last`.

    Every result that does not rest on ADDRESS counts in the new run: it is neither done nor paid again. ADDRESS and all
    that comes after it are done with the code of now. RUN stays as it is, over or not; what it had not finished is
    done too. What was reused is never undone by the new run.

    \b
    ADDRESS is a step of RUN; one inside another is named after that one:
      notes · each[3] · each[3]>check · child>build
    What is given to it:
      --set output='{"rows": 3}'      it is not done: it stands with this output
      --set input.parameters.to=ada   it is done with another input

    Steps that read what --input changed, or whose text --workflow changed, are done again too.
    """
    from app.reruns import Wanted

    if at is not None and not at.strip():
        raise click.UsageError("--from is empty: name a step, or leave it out to have the whole run done again.")
    wanted = Wanted((at or "").strip(), sets, read_inputs(inputs), workflow, read_budget(budget), fresh, person())
    form, answer = form_of(as_json, jsonl, detach), answer_of(yes, deny)
    terms = Terms(answer, somebody_is_here() if attended is None else attended, details)
    return carried_out(
        lambda out, own: _rerun(run, wanted, dry_run, terms, form if own is None else "text", out, own),
        detach and not dry_run,
        as_json,
        plain,
    )


async def _rerun(run: str, wanted: Wanted, dry_run: bool, terms: Terms, form: str, out: Output, own: Own | None) -> int:
    from app.cli.report import report
    from app.present.forked import reckon, rerun_document, rerun_lines
    from app.reruns import begin, propose

    async with open_desk_of(run, hot=own is not None or terms.attended) as desk:
        rerun = await propose(desk, run, wanted)
        if dry_run:
            if form != "text":
                out.document(rerun_document(rerun))
                return 0
            for line, role in rerun_lines(rerun):
                out.print(line, role)
            out.say(f"Nothing ran. Start it with: {_typed(rerun.origin.run_id, wanted)}")
            return 0
        out.say(reckon(rerun).words(rerun.origin.run_id))
        start = partial(begin, desk, rerun, attended=terms.attended)
        ending = await conducted(desk, start, terms, form, out, own)
    return report(ending, out, form=form)


def _typed(run: str, wanted: Wanted) -> str:
    """The command that begins what was only looked at."""
    words = ["understudy", "rerun", run, *(["--from", wanted.at] if wanted.at else [])]
    words += [word for text in wanted.sets for word in ("--set", text)]
    words += [word for name, value in wanted.inputs.items() for word in ("--input", f"{name}={value}")]
    words += ["--workflow", wanted.workflow] if wanted.workflow else []
    words += ["--budget", wanted.budget if wanted.budget == "none" else f"{wanted.budget:g}"] if wanted.budget else []
    return shlex.join([*words, *(["--no-cache"] if wanted.fresh else [])])
