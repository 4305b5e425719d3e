"""The message by which people are told of what waits in a run that nobody attends.

It holds what a model or a tool wrote, and is read where links are clicked: so what is ours comes first, and each line
of theirs begins with a mark of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from app.present.inquiry import LAPSED, Card
from workflows.runs.state import Inquiry, RunState
from workflows.text import one_line

MOST_LINES = 40
MOST = 3000
"""Lines, and characters, of what would be done that a message shows."""

LONGEST_LINE = 400


def message_of(state: RunState, inquiry: Inquiry, card: Card, link: str = "") -> str:
    """What is asked, what it would do, what counts where nobody answers and when, and how to answer."""
    return "\n".join(_lines(state, inquiry, card, link)) + "\n"


def moment(at: float) -> str:
    """A time for people who may be anywhere."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def silence(inquiry: Inquiry) -> str:
    """What counts where nobody answers, and from when."""
    until = inquiry.asked.until
    if until is None:
        return "It waits until somebody answers."
    return f"Where nobody answers by {moment(until)}, {LAPSED.get(inquiry.asked.default, 'it is denied')}."


def _lines(state: RunState, inquiry: Inquiry, card: Card, link: str) -> Iterator[str]:
    yield one_line(f"Understudy: {card.headline}", 160)
    yield one_line(f"Run {state.run_id} of {state.workflow}, {card.who}, in {state.root}", 300)
    yield silence(inquiry)
    if link:
        yield f"Answer here: {link}"
    yield f"{'Or by' if link else 'Answer by'} one of these commands:"
    for choice in card.choices:
        # What a value would look like is made from what the step was given.
        command, carries, _ = choice.command.partition(" --value ")
        yield f"  {command}{' --value …' if carries else ''}"
    yield ""
    yield "What is asked:"
    yield from (f"│ {line}" for line in body_lines(card))


def body_lines(card: Card) -> list[str]:
    """What is asked with its facts, and what would be done: capped, and it is said what is left out."""
    lines = [one_line(card.what, LONGEST_LINE)]
    lines += [
        one_line(f"{name}: {text}", LONGEST_LINE) for name, text in card.facts if not name.startswith("no answer")
    ]
    body = card.body.split("\n") if card.body and card.body != card.what else []
    size = 0
    for number, line in enumerate(body):
        size += min(len(line), LONGEST_LINE)
        if number >= MOST_LINES or size > MOST:
            lines.append(f"… {len(body) - number} more lines: `understudy show {card.run}` shows all")
            break
        lines.append(one_line(line, LONGEST_LINE) if len(line) > LONGEST_LINE else line)
    return lines
