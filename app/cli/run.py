"""understudy run WORKFLOW: start a run and take it as far as it goes."""

from __future__ import annotations

from typing import Literal

import click

from app.cli.options import input_option, json_option, plain_option, read_inputs
from app.cli.output import Output
from app.cli.session import open_desk, person, somebody_is_here, wait_for

Choice = Literal["", "approve", "deny"]


@click.command("run")
@click.argument("workflow")
@input_option
@json_option
@click.option("--jsonl", is_flag=True, help="Print every event to stdout as one JSON line.")
@click.option("--yes", is_flag=True, help="Approve every approval. Failed steps still wait for a person.")
@click.option("--deny", is_flag=True, help="Deny every approval.")
@click.option(
    "--attended/--unattended",
    default=None,
    help="Whether a person can be asked here. By default, whether stdin and stdout are terminals.",
)
@click.option("--details", is_flag=True, help="Narrate every call, not only what matters.")
@plain_option
def command(
    workflow: str,
    inputs: tuple[str, ...],
    as_json: bool,
    jsonl: bool,
    yes: bool,
    deny: bool,
    attended: bool | None,
    details: bool,
    plain: bool,
) -> int:
    """Run WORKFLOW, the name of one or the path of a file.

    On a terminal it asks you where a person is needed. Elsewhere it goes as far as it can, exits with 3 and names the
    command that answers. Narration goes to stderr, the outputs to stdout.
    """
    if as_json and jsonl:
        raise click.UsageError("Choose --json or --jsonl.")
    if yes and deny:
        raise click.UsageError("Choose --yes or --deny.")
    given = read_inputs(inputs)
    here = somebody_is_here() if attended is None else attended
    return wait_for(
        _run(workflow, given, _form(as_json, jsonl), _answer(yes, deny), here, details, Output(plain=plain))
    )


def _form(as_json: bool, jsonl: bool) -> str:
    return "json" if as_json else "jsonl" if jsonl else "text"


def _answer(yes: bool, deny: bool) -> Choice:
    return "approve" if yes else "deny" if deny else ""


async def _run(
    workflow: str, given: dict[str, str], form: str, answer: Choice, attended: bool, details: bool, out: Output
) -> int:
    from app.cli.conduct import Conductor, Manner, approvals
    from app.cli.report import report

    by = f"{person()} ({'--yes' if answer == 'approve' else '--deny'})" if answer else person()
    manner = Manner(attended, by, approvals(answer), "events" if form == "jsonl" else "story", details)
    async with open_desk() as desk:
        proposal = desk.propose(desk.load(workflow), given)
        ending = await Conductor(desk, out, manner).conduct(lambda: desk.start(proposal, attended=attended))
    return report(ending, out, form=form)
