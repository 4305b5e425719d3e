"""A run's steps as a tree of lines: each followed by what it holds, and by what was done about it."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.ending import took
from app.present.figures import NOTHING, cost_of, plural, saved_words, tokens_of
from app.present.inquiry import item_text
from app.present.labels import step_label
from app.present.status import step_badge
from app.present.tries import tries_of
from workflows.runs.state import Reused, RunState, StepState
from workflows.runs.tree import walk
from workflows.secrets import shown
from workflows.text import one_line

ABOUT = {
    "undo": "undoes {}",
    "rollback": "rolling back",
    "finally": "at the end",
    "handler": "done by a handler",
    "verify": "finds out whether it happened",
    "notify": "tells how it ended",
}
"""What a step is done for that is no part of the workflow's own work."""

WIDEST = 44
"""Columns that names of steps take at most before the others follow."""


def step_lines(state: RunState, now: float | None = None) -> Iterator[str]:
    """A line a step: its name by its depth, state, time, who did it, what it cost, how it went.

    `now` is given where a living process has the run: steps that are at work took until then.
    """
    rows = [(_name(state, step, depth), step) for depth, step in walk(state)]
    wide = min(max((len(name) for name, _ in rows), default=0), WIDEST)
    for name, step in rows:
        badge = str(step_badge(state, step.id))
        notes = " · ".join(note for note in _notes(state, step) if note)
        yield f"{name:<{wide}}  {badge:<15} {took(state, step, now):>9}  {notes}".rstrip()


def _name(state: RunState, step: StepState, depth: int) -> str:
    """What is left of its address without that of the step it stands below."""
    owner = state.scopes[step.scope].owner
    name = step.id.removeprefix(owner).lstrip(">") if depth and owner and step.id != owner else step.id
    if state.scopes[step.scope].kind == "handler":
        name = name.partition(">")[2] or name
    return "  " * depth + one_line(name, 60)


def _notes(state: RunState, step: StepState) -> Iterator[str]:
    planned, scope = step.planned, state.scopes[step.scope]
    if scope.kind in ABOUT:
        yield ABOUT[scope.kind].format(one_line(step.id.removesuffix("~undo"), 60))
    if scope.kind == "each":
        yield one_line(item_text(step.item), 60)
    if planned.child is not None:
        yield f"workflow {one_line(planned.child.title, 60)}"
    elif planned.each is not None:
        inner = state.scopes.get(step.id)
        yield plural(len(list(inner.steps)), "item") if inner else "for each item of a list"
    elif planned.kind == "decision" and isinstance(step.input, dict):
        yield _branch(step)
    else:
        who = planned.performers[step.performer]
        yield f"{who} for {planned.performers[0]}" if step.understudied else who
    if (tries := tries_of(state, step)) > 1:
        yield plural(tries, "try", "tries")
    if step.cached_from:
        yield f"taken from run {step.cached_from}{saved_words(step.saved)}"
    if step.reused:
        yield (f"output given by {one_line(step.reused.by, 40)}" if step.reused.by else _reused(step.reused))
    yield from (text for text in (tokens_of(step.spent), cost_of(step.spent), step_label(step)) if text != NOTHING)
    stopped = step.last is not None and step.last.interrupted and not step.over
    if step.failure is not None and not stopped and step.status not in ("succeeded", "skipped", "undone"):
        yield one_line(shown(step.failure.message), 160)
    elif step.status == "skipped":
        yield one_line(shown(step.why), 160)


def _reused(reused: Reused) -> str:
    return f"reused from run {reused.run}{saved_words(reused.spent)}"


def _branch(step: StepState) -> str:
    """Which branch a decision took, and why."""
    taken = step.input.get("branch")
    if not isinstance(taken, int):
        return "no branch holds"
    when = step.planned.inside[taken].when if taken < len(step.planned.inside) else ""
    return f"because {one_line(when, 100)}" if when else "the default"
