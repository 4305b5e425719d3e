"""How tests went: a line for each, and why one failed, down to the words of a prompt that are others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeAlias

from app.present.differences import Difference as Change
from app.present.differences import difference_lines, differences, text_lines
from app.present.figures import cost_of, plural, timestamp
from app.present.run import SCHEMA_VERSION
from workflows.recordings import Difference
from workflows.text import one_line, safe_json, safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from app.testing.running import Outcome

Line: TypeAlias = tuple[str, str]
"""A text and its role."""

GLYPHS = {"passed": ("✓", "good"), "failed": ("✗", "bad"), "broken": ("!", "bad")}

MOST_LINES = 60
"""Lines of one difference that are shown; `--json` has all of them."""

SHORT = 50
"""Characters of a text that is shown as `this → that`."""

LONG = 300
"""Characters of a line of which all is shown."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def outcome_line(outcome: Outcome) -> Line:
    """One test on one line, marked as replayed."""
    glyph, role = GLYPHS[outcome.verdict]
    if outcome.verdict == "broken" or outcome.state is None:
        return f"{glyph} {outcome.name}: cannot be played", role
    made = len(outcome.state.steps)
    cost = f", {cost_of(outcome.state.spent)} when recorded" if outcome.state.spent.cost_usd is not None else ""
    day = (timestamp(outcome.recorded) or "")[:10]
    return f"{glyph} {outcome.workflow} › {outcome.name}: {plural(made, 'step')} replayed from {day}{cost}", role


def problem_lines(outcome: Outcome) -> Iterator[Line]:
    """Why a test did not pass, and what is next."""
    for problem in outcome.problems:
        about = f"{problem.about}: " if problem.about else ""
        for number, line in enumerate(f"{about}{problem.message}".split("\n")):
            yield f"  {'  ' * bool(number)}{safe_text(line)}", "bad" if not number else ""
    for difference in outcome.differences:
        yield from _difference_lines(difference)
    if outcome.hint:
        yield f"  next: {one_line(outcome.hint, 400)}", ""
    elif outcome.differences:
        yield f"  next: if it is meant, record it anew: understudy test --update {outcome.path}", ""


WHY = {
    "differs": "asks for something else than when it was recorded",
    "unknown": "calls what it did not call when it was recorded",
    "more": "calls more often than when it was recorded",
}


def _difference_lines(difference: Difference) -> Iterator[Line]:
    yield f"  {one_line(f'{difference.step}/{difference.key}', 100)} {WHY[difference.why]}:", "bad"
    if difference.recorded is None:
        yield from ((f"    + {line}", "good") for line in _asked(difference.request)[:MOST_LINES])
        return
    found: list[str] = []
    for name, before, after in (
        ("request", difference.recorded.request, difference.request),
        ("told", difference.recorded.told, difference.told),
    ):
        for each in differences(before, after):
            found += lines_of(name, each)
    if difference.why == "more":
        found = [f"+ {line}" for line in _asked(difference.request)]
    for line in found[:MOST_LINES]:
        yield f"    {line}", _role(line)
    if len(found) > MOST_LINES:
        yield f"    … {len(found) - MOST_LINES} more lines: --json has all", ""


def lines_of(name: str, difference: Change) -> Iterator[str]:
    """A short value on one line; a prompt as `diff -u` shows it, of very long lines what is around the changes."""
    before, after = difference.before, difference.after
    texts = isinstance(before, str) and isinstance(after, str)
    if not texts or max(len(before), len(after)) <= SHORT or before.strip() == after.strip():
        yield from difference_lines(name, difference)
        return
    yield f"{one_line(name + difference.path, 100)}:"
    lines = text_lines(before, after)
    for place, line in enumerate(lines):
        beside = lines[place + 1 : place + 2] if line.startswith("-") else lines[max(place - 1, 0) : place]
        paired = beside and beside[0].startswith({"-": "+", "+": "-"}.get(line[:1], "\0"))
        if len(line) > LONG and paired:
            old, new = in_words(line, beside[0]) if line.startswith("-") else in_words(beside[0], line)
            yield f"  {_around_changes(old if line.startswith('-') else new)}"
        else:
            yield f"  {line}"


def _around_changes(pieces: Sequence[tuple[str, bool]]) -> str:
    """The pieces of a line, long ones that are the same in both without their middles."""
    half = LONG // 4
    return "".join(
        text if changed or len(text) <= LONG // 2 else f"{text[:half]} … {text[-half:]}" for text, changed in pieces
    )


def _role(line: str) -> str:
    text = line.lstrip()
    return "strong" if text.startswith("@@") else {"+": "good", "-": "bad"}.get(text[:1], "")


def _asked(request: Json) -> list[str]:
    return [line for each in differences({}, request) for line in difference_lines("request", each)]


def in_words(old: str, new: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two lines in pieces, each with whether it is another in the other line."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    one: list[tuple[str, bool]] = []
    two: list[tuple[str, bool]] = []
    for what, start, end, start_after, end_after in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if start < end:
            one.append(("".join(before[start:end]), what != "equal"))
        if start_after < end_after:
            two.append(("".join(after[start_after:end_after]), what != "equal"))
    return one, two


def summary_line(outcomes: Sequence[Outcome]) -> Line:
    """How many passed, and that nothing was called."""
    counts = {verdict: sum(outcome.verdict == verdict for outcome in outcomes) for verdict in GLYPHS}
    parts = [f"{counts['passed']} passed"]
    parts += [f"{counts['failed']} failed"] if counts["failed"] else []
    parts += [f"{counts['broken']} cannot be played"] if counts["broken"] else []
    role = "good" if counts["passed"] == len(outcomes) else "bad"
    return f"{plural(len(outcomes), 'test')}: {', '.join(parts)}. All replayed: no model and no tool was called.", role


def outcomes_document(outcomes: Sequence[Outcome], exit_code: int) -> Json:
    """The same as JSON. Durations are seconds, `spent_usd` is what it cost when it was recorded."""
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "replayed": True,
            "tests": [_document(outcome) for outcome in outcomes],
            "exit_code": exit_code,
        }
    )


def _document(outcome: Outcome) -> Json:
    state = outcome.state
    return {
        "test": str(outcome.path),
        "name": outcome.name,
        "verdict": outcome.verdict,
        "workflow": outcome.workflow,
        "recording": outcome.recording,
        "recorded": timestamp(outcome.recorded),
        "replayed": True,
        "seconds": round(outcome.seconds, 3),
        "status": state.status if state else None,
        "spent_usd": state.spent.cost_usd if state else None,
        "problems": [{"about": problem.about, "message": problem.message} for problem in outcome.problems],
        "differences": [
            {
                "step": each.step,
                "call": each.key,
                "why": each.why,
                "request": each.request,
                "told": each.told,
                "recorded": {"request": each.recorded.request, "told": each.recorded.told} if each.recorded else None,
            }
            for each in outcome.differences
        ],
        "notes": list(outcome.notes),
        "hint": outcome.hint,
    }
