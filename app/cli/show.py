"""understudy show RUN: how a run stands, what waits, and its story."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from app.present.inquiry import Card
    from workflows.journal.port import PostedAnswer, Summary
    from workflows.runs.state import RunState


@click.command("show")
@click.argument("run", default="last")
@click.option("--details", is_flag=True, help="Every event, not only what matters.")
@click.option("--events", is_flag=True, help="The journal itself, one JSON line an event.")
@json_option
@plain_option
def command(run: str, details: bool, events: bool, as_json: bool, plain: bool) -> int:
    """Tell the story of RUN: its id, the beginning of it, or `last`. Without RUN, of the newest.

    What waits in it is shown whole, with the commands that answer it.
    """
    if events and as_json:
        raise click.UsageError("Choose --json or --events.")
    return wait_for(_show(run, details, events, as_json, Output(plain=plain)))


async def _show(run: str, details: bool, events: bool, as_json: bool, out: Output) -> int:
    from app.cli.narrator import EventLines, story_lines
    from app.present.ending import statistics_lines, taken_back, warning_lines
    from app.present.figures import timestamp
    from app.present.forked import taken_over
    from app.present.owners import owner_lines
    from app.present.plan import shown_value
    from app.present.run import headline, run_document
    from app.present.steps import step_lines
    from workflows.bus import Committed
    from workflows.text import safe_json

    async with open_desk(journal="read") as desk:
        state = await desk.state(run)
        journal = await desk.journal(state.run_id)
        answers = await desk.answers(state.run_id)
        summary = await desk.summary(state.run_id)
        cards = desk.services.code.waiting(state)
        changed = await _changed_since_published(desk, state)
    now = time.time()
    at_work_until = now if summary.owner else None
    if as_json:
        owner = {"owner": summary.owner, "heard": timestamp(summary.heard)}
        out.document({**run_document(state, answers, journal, at_work_until), **owner})
        return 0
    if events:
        EventLines(out)(Committed(state.run_id, tuple(journal), state))
        return 0
    out.print(headline(state, now), "strong")
    out.print(f"in {state.root}")
    for line, role in owner_lines(summary, now):
        out.print(line, role)
    if state.forked_from:
        out.print(taken_over(state))
    if changed:
        out.print(f"{', '.join(changed)} had changed since {state.version} was published", "warning")
    for name, value in (state.parameters or {}).items():
        out.print(f"  {name} = {shown_value(value)}")
    out.print()
    for line in step_lines(state, at_work_until):
        out.print(line)
    out.print()
    for line in statistics_lines(state, now, bool(summary.owner)):
        out.print(line)
    for back in taken_back(state):
        out.print(back.words, "bad" if back.failed else "warning")
    for line in warning_lines(state):
        out.print(line, "warning")
    out.print("\nWhat happened", "strong")
    for line, role in story_lines(journal, state, details=details):
        out.print(line, role)
    if state.outputs:
        out.print("\nOutputs", "strong")
        out.print(json.dumps(safe_json(state.outputs), indent=2, ensure_ascii=False))
    if not state.over:
        _tell_what_waits(state, answers, summary, cards, out)
    return 0


async def _changed_since_published(desk: Desk, state: RunState) -> Sequence[str]:
    """The skills and agents of a published version that the run had others of."""
    if not state.version:
        return ()
    from app.publishing import changed_since, reference_of

    workflow, number = reference_of(state.version) or ("", 0)
    version = await desk.services.standing.version(workflow, number) if number else None
    return changed_since(version, state.digests) if version else ()


def _tell_what_waits(
    state: RunState, answers: Sequence[PostedAnswer], summary: Summary, cards: Sequence[Card], out: Output
) -> None:
    """What was answered and not taken yet, what waits for an answer, and the command that goes on."""
    from app.cli.report import print_answered, print_waiting

    out.print()
    print_answered(state, answers, summary.owner, out.print)
    print_waiting(state, out.print, most=None, answered={left.entry for left in answers}, cards=cards)
    if summary.owner and not state.paused:
        out.print(f"  watch it: understudy attach {state.run_id}")
    elif not state.open_inquiries:
        out.print(f"  go on with: understudy resume {state.run_id}")
