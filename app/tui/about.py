"""What a step is where it stands: which item, which branch, whose workflow; and how far one is that holds others."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.figures import clock_time, duration, plural, saved_words
from app.present.inquiry import item_of, item_text
from app.present.plan import shown_value
from app.present.status import step_badge
from app.tui.outline import progress
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import home_of
from workflows.secrets import hide, shown
from workflows.text import one_line
from workflows.values import Json

MOST = 200
"""Steps that are listed of what a step holds."""

LISTED = ("running", "waiting", "failed", "paused")
"""Statuses of those that are listed of very many."""


def about(state: RunState, step: StepState, now: float) -> Iterator[str]:
    """Lines about a step, each short enough to be one."""
    if (found := item_of(state, step)) is not None and found[1] is not None:
        item, value = found
        total = len(tuple(state.scopes[item.scope].steps))
        yield f"item {item.id[item.id.rindex('[') :]} of {total}: {shown_value(hide(value))}"
    scope = state.scopes[step.scope]
    if done_for := _aftermath(state, step, scope):
        yield done_for
    home = home_of(state, step)
    if home.owner:
        yield f"in the workflow {home.plan.title or home.name} ({home.name})"
    if held := _held(state, step):
        yield held
    if not step.over and (until := max(step.timers.values(), default=0.0)) > now:
        yield f"waits for {duration(until - now)}, until {clock_time(until)}"
    if step.status == "undone":
        yield "It was done, and then undone."
    if step.reused and step.reused.by:
        yield f"Its output was given by {step.reused.by}."
    elif step.reused:
        yield f"Reused from run {step.reused.run}: nothing was done again{saved_words(step.reused.spent)}."
    if step.cached_from:
        yield f"Taken from run {step.cached_from}: nothing was done again{saved_words(step.saved)}."


def _aftermath(state: RunState, step: StepState, scope: Scope) -> str:
    subject = step.id.rpartition("~")[0]
    match scope.kind:
        case "undo":
            return f"undoes {subject}"
        case "verify":
            return f"finds out whether {subject} happened"
        case "notify":
            return f"tells how {subject.partition('~')[0]} went"
        case "handler":
            return f"handles the failure of {scope.owner}"
        case "rollback":
            return "a step of `rollback`"
        case "finally":
            return "a step of `finally`"
    return ""


def _held(state: RunState, step: StepState) -> str:
    """What a step holds, and what it was made from."""
    planned = step.planned
    given: Json = step.input if isinstance(step.input, dict) else {}
    if planned.each is not None:
        count = plural(len(given["items"]), "item") if "items" in given else "each item of a list"
        return f"for {count}, {planned.each.width} at a time{_how_far(state, step)}"
    if planned.child is not None:
        parameters = given.get("parameters") or {}
        text = ", ".join(f"{name}={shown_value(hide(value))}" for name, value in parameters.items())
        return f"the workflow {planned.child.title}" + (f" with {text}" if text else "") + _how_far(state, step)
    if planned.kind == "decision":
        return _branch(step, given) + _how_far(state, step)
    if planned.inside:
        return f"{planned.summary or 'steps at the same time'}{_how_far(state, step)}"
    return ""


def _branch(step: StepState, given: Json) -> str:
    blocks = step.planned.inside
    if "branch" not in given:
        return f"one of {plural(len(blocks), 'branch', 'branches')}, not decided yet"
    chosen = given["branch"]
    if chosen is None:
        return "no branch was taken: no condition is true, and there is no default"
    if not blocks[chosen].when:
        return "the default was taken: no condition is true"
    return f"branch {chosen + 1} was taken: {one_line(shown(blocks[chosen].when), 120)}"


def _how_far(state: RunState, step: StepState) -> str:
    text = progress(state, step, 0)
    return f" · {text}" if text else ""


def contents_text(state: RunState, step: StepState) -> str:
    """The steps that a step holds, a line each, in order. Of very many those that move, need somebody or failed."""
    scope = state.scopes.get(step.id)
    if scope is None:
        return ""
    steps = [state.steps[name] for name in scope.steps]
    chosen = steps if len(steps) <= MOST else [each for each in steps if each.status in LISTED][:MOST]
    lines = [_line(state, step, each) for each in chosen]
    left = len(steps) - len(chosen)
    return "\n".join([*lines, *([f"… and {left} others"] if left else [])])


def _line(state: RunState, holder: StepState, step: StepState) -> str:
    name = step.id.removeprefix(holder.id).removeprefix(">")
    if step.item is not None:
        name += f" {item_text(step.item)}"
    result = ""
    if step.failure is not None and step.status == "failed":
        result = shown(step.failure.message)
    elif step.output is not None:
        result = shown_value(hide(step.output))
    return f"{step_badge(state, step.id)!s:<13} {one_line(name, 80)}" + (f"  {one_line(result, 200)}" if result else "")
