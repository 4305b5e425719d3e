"""How a run was left, said once for `run`, `resume`, `answer` and `demo`: outputs to stdout, what is next to stderr."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from app.cli.conduct import Ending
from app.cli.output import Output
from app.present.ending import taken_back, warning_lines, warnings, with_more_money
from app.present.figures import plural
from app.present.labels import run_label
from app.present.run import headline, run_document, waiting_cards
from workflows.runs.state import RunState
from workflows.text import one_line, safe_json, safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from app.present.inquiry import Card
    from app.steering import Steered
    from workflows.journal.port import PostedAnswer

BODY = 40
"""Lines of a question's body that the end of a run shows; `understudy show` has all of them."""


def report(ending: Ending, out: Output, *, form: str) -> int:
    """Print how the run was left and return the exit code. `form` is text, json or jsonl."""
    state = ending.state
    if form == "json":
        out.document({**run_document(state), "alerts": ending.alerts, "exit_code": int(ending.exit)})
    _narrate(ending, out)
    if form == "text" and state.status == "succeeded":
        print_outputs(state.outputs, run_label(state), out)
    return int(ending.exit)


def report_steered(steered: Steered, out: Output, *, as_json: bool) -> int:
    """Say what a wish about a run came to."""
    if as_json:
        asked = {"what": steered.what, "became": steered.became, "owner": steered.owner or steered.summary.owner}
        out.document({**run_document(steered.state), "asked": asked, "exit_code": 0})
    from app.present.owners import steered_lines

    for line in steered_lines(steered, time.time()):
        out.say(line)
    return 0


def print_outputs(outputs: Json, label: str, out: Output) -> None:
    """A workflow's outputs as data: a single text as it is, else each under its name. A label comes first."""
    if not isinstance(outputs, dict) or not outputs:
        return
    if label:
        out.print(f"[{label}]", "warning")
    for name, value in outputs.items():
        if len(outputs) > 1:
            out.print(f"{one_line(str(name), 80)}:", "strong")
        if isinstance(value, str):
            out.print(safe_text(value, max_line=None))
        else:
            out.print(json.dumps(safe_json(value), indent=2, ensure_ascii=False))


def _narrate(ending: Ending, out: Output) -> None:
    state = ending.state
    out.say(headline(state, state.updated), "strong")
    if state.status == "failed":
        _say_failure(state, out)
    for back in taken_back(state):
        out.say(f"  {back.words}", "bad" if back.failed else "warning")
    for line in warning_lines(state) if state.status == "succeeded" else ():
        out.say(f"  {line}", "warning")
    for alert in ending.alerts:
        out.say(f"  ! {alert}", "warning")
    if state.status == "cancelled":
        out.say(f"  {_left_undone(state)}")
    if state.over and (state.status != "succeeded" or warnings(state)):
        out.say(f"  more: understudy show {state.run_id}")
    elif not state.over:
        print_answered(state, ending.left, "", out.say)
        print_waiting(state, out.say, most=BODY, answered={left.entry for left in ending.left})
        if ending.signal or not state.open_inquiries:
            out.say(f"  go on with: understudy resume {state.run_id}   (or end it: understudy cancel {state.run_id})")


def _left_undone(state: RunState) -> str:
    """What a cancelled run did, and what it did not."""
    work = [step for step in state.steps.values() if not step.planned.holds_steps]
    done = sum(step.status in ("succeeded", "skipped", "failed") for step in work)
    stopped = sum(step.status == "cancelled" for step in work)
    parts = [f"{plural(done, 'step')} done"]
    parts += [f"{stopped} stopped"] if stopped else []
    parts.append(f"{sum(step.status == 'blocked' for step in work)} never begun")
    return f"cancelled: {', '.join(parts)}. What was done stays done; nothing was undone."


def _say_failure(state: RunState, out: Output) -> None:
    failure = state.failure
    if failure is not None:
        out.say(f"  why:  {one_line(failure.message, 400)}")
        if failure.hint:
            out.say(f"  next: {one_line(failure.hint, 400)}")
        if failure.kind == "budget":
            out.say(f"  with more: {with_more_money(state)}")


def print_answered(
    state: RunState, answers: Sequence[PostedAnswer], owner: str, say: Callable[[str, str], None]
) -> None:
    """What was answered and not taken yet, and who takes it: the run's living `owner`, else whoever goes on with it."""
    takes = f"{owner} takes the answer"
    if not owner:
        takes = f"the answer counts when somebody goes on with: understudy resume {state.run_id}"
    for left in answers:
        by = f" by {one_line(left.by, 60)}" if left.by else ""
        note = f" ({one_line(left.note, 200)})" if left.note else ""
        say(f"‖ {left.entry} is answered: {one_line(left.choice, 60)}{by}{note}", "attention")
        say(f"  {takes}", "")


def print_waiting(
    state: RunState,
    say: Callable[[str, str], None],
    *,
    most: int | None,
    answered: Collection[str] = (),
    cards: Sequence[Card] | None = None,
) -> None:
    """What waits for a person, each entry with the commands that answer it. `most` limits the lines of its body.

    Entries that were `answered` are left out. `cards` are those of the run, where more is known of them.
    """
    cards = [card for card in (waiting_cards(state) if cards is None else cards) if card.entry not in answered]
    if not cards:
        return
    from app.present.inquiry import inquiry_lines

    say(f"Run {state.run_id} waits for a person: {plural(len(cards), 'entry', 'entries')}.", "attention")
    for card in cards:
        for line in inquiry_lines(card, most=most)[: -len(card.choices) or None]:
            say(line, "attention" if line.startswith("‖") else "")
        if most is not None and card.body.count("\n") >= most:
            say(f"  all of it: understudy show {state.run_id}", "")
        for choice in card.choices:
            say(f"  {choice.command}   # {choice.meaning}", "")
