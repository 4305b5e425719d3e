"""The tries of a step one by one: what each was given and gave, and what changed from one to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.present.differences import difference_lines, differences
from app.present.status import status_badge
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState, StepState
from workflows.secrets import hide, shown
from workflows.text import one_line, safe_text
from workflows.values import Json


@dataclass(frozen=True)
class Try:
    """One try. `input` is what the step had when it began; `edited_by` who changed that since the try before."""

    n: int
    performer: str = ""
    digest: str = ""
    input: Json = None
    edited_by: str = ""
    status: str = "started"
    output: Json = None
    failure: Failure | None = None


def tries_told(journal: Iterable[e.Recorded], step: str) -> tuple[Try, ...]:
    """The tries of a step, from the run's journal."""
    found: list[Try] = []
    given: Json = None
    edited = ""
    for recorded in e.facts_in(journal):
        event = recorded.event
        if getattr(event, "step", "") != step:
            continue
        match event:
            case e.StepStarted():
                given = event.input
            case e.InputEdited():
                given, edited = event.input, event.by or "a person"
            case e.AttemptStarted():
                found.append(Try(event.n, event.performer, event.digest, given, edited))
                edited = ""
            case e.AttemptFinished() if found:
                found[-1] = replace(found[-1], status=event.status, failure=event.failure)
            case e.StepFinished() if found and event.status == "succeeded":
                found[-1] = replace(found[-1], output=event.output)
    return tuple(found)


def changes_text(state: RunState, step: StepState, tries: Sequence[Try], shown_try: int) -> str:
    """What a gate would change or did, and what is different in a try from the one before it."""
    lines: list[str] = []
    for inquiry in (state.inquiries[entry] for entry in step.inquiries):
        if inquiry.asked.reason == "approval" and inquiry.asked.body:
            lines += [*_gate(inquiry), ""]
    by_number = {each.n: each for each in tries}
    if shown_try in by_number and shown_try - 1 in by_number:
        lines += _between(by_number[shown_try - 1], by_number[shown_try])
    if not lines:
        return "Nothing to compare: one try, and nobody was shown a change to approve."
    return "\n".join(lines).rstrip("\n")


def _gate(inquiry: Inquiry) -> Iterator[str]:
    asked, answer = inquiry.asked, inquiry.answer
    if answer is not None:
        by = f" by {one_line(answer.by, 40)}" if answer.by else ""
        how = {"approve": "approved", "allow_pattern": "approved", "deny": "denied", "edit": "edited"}
        said = f"{how.get(answer.choice, one_line(answer.choice, 40))}{by}"
    else:
        said = "waits for you" if inquiry.open else f"no longer counts: {one_line(inquiry.voided, 80)}"
    yield f"‖ {one_line(shown(asked.title), 200)} ({said})"
    yield from safe_text(shown(asked.body)).rstrip("\n").split("\n")


def _between(before: Try, after: Try) -> Iterator[str]:
    yield f"from try {before.n} to try {after.n}"
    if before.performer != after.performer:
        yield f"performer: {before.performer or '–'} → {after.performer or '–'}"
    elif before.digest != after.digest:
        yield f"code of {after.performer or 'the step'}: {before.digest[:8]} → {after.digest[:8]}"
    changed = differences(hide(before.input), hide(after.input))
    if after.edited_by:
        yield f"input, edited by {one_line(after.edited_by, 40)}:"
    for difference in changed:
        yield from difference_lines("input", difference)
    if not changed:
        yield "input: the same"
    yield f"end: {_end(before)} → {_end(after)}"
    if before.output is not None and after.output is not None:
        for difference in differences(hide(before.output), hide(after.output)):
            yield from difference_lines("output", difference)


def _end(each: Try) -> str:
    why = f" ({one_line(shown(each.failure.message), 160)})" if each.failure else ""
    return f"{status_badge(each.status)}{why}"
