"""What can be told of a run before it begins, in words: files, tools, people, time and cost. Unknown stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.present.figures import duration, plural
from workflows.diagnostics import listed
from workflows.money import money
from workflows.text import one_line
from workflows.values import Json

if TYPE_CHECKING:
    from app.foresight import Foreseen, Range

SHOWS = 400
"""Characters of a line."""


NAMED = 6
"""Steps that a line names."""


def foreseen_lines(foreseen: Foreseen) -> Iterator[str]:
    """A line for each thing that is known, and for time and cost also where they are not."""
    files = [f"{what} {', '.join(paths)}" for what, paths in _files(foreseen) if paths]
    if files:
        yield one_line(f"files: {' · '.join(files)}", SHOWS)
    if foreseen.tools:
        yield one_line(f"tools of agents: {', '.join(foreseen.tools)}", SHOWS)
    reasons: dict[str, list[str]] = {}
    for need in foreseen.needs:
        if not need.surely:
            reasons.setdefault(need.why, []).append(need.step)
    for why, steps in reasons.items():
        yield one_line(f"a person may be needed {why}: {listed(steps, NAMED)}", SHOWS)
    yield f"time: {_time(foreseen.seconds)} · cost: {cost_told(foreseen)}"


def foreseen_document(foreseen: Foreseen) -> Json:
    """The same as JSON. Null where nobody knows."""
    return {
        "files": {what: list(paths) for what, paths in _files(foreseen)},
        "tools": list(foreseen.tools),
        "people": [{"step": need.step, "why": need.why, "surely": need.surely} for need in foreseen.needs],
        "expected": {
            "seconds": asdict(foreseen.seconds) if foreseen.seconds else None,
            "usd": asdict(foreseen.usd) if foreseen.usd else None,
        },
    }


def _files(foreseen: Foreseen) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("reads", foreseen.reads), ("writes", foreseen.writes)


def _time(seconds: Range | None) -> str:
    if seconds is None:
        return "not known, it never succeeded here"
    return f"{_between(duration(seconds.least), duration(seconds.usual), duration(seconds.most))} ({_of(seconds)})"


def cost_told(foreseen: Foreseen) -> str:
    """What a run costs: as earlier ones did, else at most for one call of each agent. Everywhere in these words."""
    usd = foreseen.usd
    if usd is not None and usd.most > 0:
        return f"{_between(money(usd.least), money(usd.usual), money(usd.most))} ({_of(usd)})"
    if foreseen.usd_at_most is None:
        return "not known"
    if not foreseen.usd_at_most and foreseen.unset:
        return f"none as it stands, no model is set for {listed(foreseen.unset, NAMED)}"
    if not foreseen.usd_at_most:
        return "none, no model that costs is asked"
    return f"{money(foreseen.usd_at_most)} at most for one call of each agent"


def _between(least: str, usual: str, most: str) -> str:
    return usual if least == most else f"{least} to {most}, usually {usual}"


def _of(found: Range) -> str:
    return f"{plural(found.runs, 'run')} before"
