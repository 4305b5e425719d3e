"""A comparison of two runs as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.comparison import Change, Comparison, StepCompared
from app.present.differences import Difference, difference_lines, text_lines
from app.present.ending import took
from app.present.figures import NOTHING, cost_of, duration, plural, timestamp
from app.present.forked import saved_by
from app.present.money import budget_document, spent_of
from app.present.status import run_badge
from app.present.timing import seconds_at_work
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.text import one_line
from workflows.values import Json

MOST = 12
"""Lines of a text's difference that are shown where not all of them are asked for."""

Line = tuple[str, str]
"""A line, and its colour's role."""


@dataclass(frozen=True)
class Section:
    """One place where two runs part: what it is called, and what each has there."""

    title: str
    lines: tuple[Line, ...]


def comparison_lines(found: Comparison, *, full: bool = False) -> Iterator[Line]:
    """The comparison for people. With `full` nothing is shortened."""
    yield from comparison_head(found)
    for section in comparison_sections(found, full=full):
        yield section.title, "attention"
        yield from section.lines
    if not found.same:
        same = found.compared - len(found.steps)
        yield f"{plural(len(found.steps), 'step')} not the same, {same} the same.", "strong"


def comparison_head(found: Comparison) -> Iterator[Line]:
    """Which two runs, and where they first part."""
    yield f"a  {_head(found.first)}", "strong"
    yield f"b  {_head(found.second)}", "strong"
    if found.same:
        yield f"The same: text, inputs, {plural(found.compared, 'step')}, decisions and outputs.", "good"
    else:
        yield f"They part at {one_line(found.parts_at, 80)}.", "strong"


def comparison_sections(found: Comparison, *, full: bool = False) -> Iterator[Section]:
    """Every place where they part, in the order in which a run comes to it."""
    most = None if full else MOST
    if found.text is not None:
        yield Section("the text", tuple(_text_line(f"  {line}") for line in _some(text_lines(*found.text), most)))
    if found.code:
        yield Section("the code", tuple(line for change in found.code for line in _change(change, most, "  ")))
    if found.parameters:
        yield Section("the inputs", tuple(line for place in found.parameters for line in _place("", place, most)))
    for step in found.steps:
        yield _step(found, step, most)
    if found.ending:
        yield Section("the end", tuple(line for change in found.ending for line in _change(change, most, "  ")))


def _head(state: RunState) -> str:
    figures = [duration(state.ended - state.started)] if state.ended is not None else []
    figures += [spent_of(state)] if spent_of(state) != NOTHING else []
    saved = cost_of(saved_by(state))
    figures += [f"{saved} of run {state.forked_from} reused"] if saved not in (NOTHING, "no cost") else []
    again = f"run {state.forked_from} again" if state.forked_from else ""
    at = f"{again} from {one_line(state.fork_at, 60)}" if again and state.fork_at else again
    parts = [f"run {state.run_id}", one_line(state.title or state.workflow, 60), str(run_badge(state.status, 0)), at]
    return " · ".join(filter(None, [*parts, *figures]))


def _step(found: Comparison, step: StepCompared, most: int | None) -> Section:
    if step.only:
        side = "a" if step.only == found.first.run_id else "b"
        return Section(f"{one_line(step.address, 80)}: only in {side}", ())
    figures = [_figures(state, step.address) for state in (found.first, found.second)]
    told = f"  (a {figures[0]}, b {figures[1]})" if all(figures) else ""
    lines = tuple(line for change in step.changes for line in _change(change, most, "  "))
    return Section(f"{one_line(step.address, 80)}{told}", lines)


def _figures(state: RunState, address: str) -> str:
    """How long a step took and what it cost; `reused` where that was in another run."""
    step = state.steps[address]
    if step.reused:
        return "reused"
    return " ".join(text for text in (took(state, step), cost_of(step.spent)) if text not in ("", NOTHING))


def _change(change: Change, most: int | None, indent: str) -> Iterator[Line]:
    for place in change.places[: most or None]:
        yield from _place(change.what, place, most, indent)
    if most is not None and len(change.places) > most:
        yield f"{indent}… {len(change.places) - most} more places in its {change.what}", "quiet"


def _place(what: str, place: Difference, most: int | None, indent: str = "  ") -> Iterator[Line]:
    name = Difference(place.path.removeprefix(".") if not what else place.path, place.before, place.after, place.there)
    for line in difference_lines(what, name, most=most):
        yield _text_line(f"{indent}{line}")


def _text_line(line: str) -> Line:
    marked = line.strip()[:1]
    return line, "good" if marked == "+" else "bad" if marked == "-" else ""


def _some(lines: list[str], most: int | None) -> list[str]:
    if most is None or len(lines) <= most:
        return lines
    return [*lines[:most], f"… {len(lines) - most} more lines"]


def comparison_document(found: Comparison) -> Json:
    """The comparison as JSON. A change has the places where it differs, each with the path to it."""
    from app.present.run import SCHEMA_VERSION

    return {
        "schema_version": SCHEMA_VERSION,
        "same": found.same,
        "parts_at": found.parts_at or None,
        "runs": [_run(found.first), _run(found.second)],
        "text": None if found.text is None else text_lines(*found.text),
        "code": [_change_document(change) for change in found.code],
        "inputs": [_place_document(place) for place in found.parameters],
        "steps": [
            {
                "step": step.address,
                "only_in": step.only or None,
                "changes": [_change_document(change) for change in step.changes],
                "took_s": [_seconds(state, step.address) for state in (found.first, found.second)],
                "spent": [_spent(state, step.address) for state in (found.first, found.second)],
            }
            for step in found.steps
        ],
        "end": [_change_document(change) for change in found.ending],
        "steps_compared": found.compared,
    }


def _run(state: RunState) -> Json:
    from app.present.run import spending_document

    return {
        "run": state.run_id,
        "workflow": state.workflow,
        "status": state.status,
        "forked_from": state.forked_from or None,
        "fork_at": state.fork_at or None,
        "started": timestamp(state.started),
        "duration_s": None if state.ended is None else round(state.ended - state.started, 3),
        "spent": spending_document(state.spent),
        "budget": budget_document(state),
        "saved": spending_document(saved_by(state)),
    }


def _seconds(state: RunState, address: str) -> Json:
    step = state.steps.get(address)
    seconds = seconds_at_work(state, step, state.updated) if step else None
    return None if seconds is None else round(seconds, 3)


def _spent(state: RunState, address: str) -> Json:
    from app.present.run import spending_document

    return spending_document(state.steps[address].spent) if address in state.steps else None


def _change_document(change: Change) -> Json:
    return {"what": change.what, "places": [_place_document(place) for place in change.places]}


def _place_document(place: Difference) -> Json:
    document = {"path": place.path.removeprefix("."), "before": place.before, "after": place.after}
    return document if place.there == "both" else {**document, "only_in": place.there}
