"""Small changes that events are made of, with all counts kept: they write into a draft of a run's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.records import changed, fill, write
from workflows.runs.front import front_after, front_of
from workflows.runs.state import ENDED, Call, Inquiry, RunState, Scope, Status, StepState, empty, under_way


def draft_of(state: RunState) -> RunState:
    """A copy to fold events into. It shares steps and scopes with the state until they are written to."""
    return changed(state, draft=object(), steps={**state.steps}, scopes={**state.scopes})


def sealed(draft: RunState) -> RunState:
    """What a draft is now, for others to keep. The draft goes on, and copies what both share before it writes to it."""
    state = changed(draft, steps={**draft.steps}, scopes={**draft.scopes})
    write(draft, draft=object())
    return state


def _set(draft: RunState, entries: Any, name: str, changes: Mapping[str, Any]) -> Any:
    """Change these fields of one of the draft's steps or scopes: of a copy, where it has none of its own yet."""
    entry, mark = entries[name], draft.draft
    if entry.draft is not mark:
        entry = entries[name] = changed(entry, draft=mark)
    fill(entry, changes)
    return entry


def set_step(draft: RunState, name: str, **changes: Any) -> None:
    """Change these fields of a step; the counts are kept, and what holds it moves or waits as it does."""
    step = draft.steps[name]
    before, retried = step.status, step.retry_at is not None
    step = _set(draft, draft.steps, name, changes)
    if step.status == before and (step.retry_at is not None) == retried:
        return
    scope = draft.scopes[step.scope]
    known = draft.counts
    counts = _shifted(known, before, step.status)
    own = draft.__dict__
    own["counts"], own["status"] = counts, standing(draft.status, counts)
    front = front_after(scope, draft.steps, step, before, retried)
    # A run whose steps hold no others has one scope, with the same counts as the run itself.
    inner = counts if known is scope.counts else _shifted(scope.counts, before, step.status)
    if before in ENDED or step.status in ENDED:
        set_scope(draft, scope.name, counts=inner, front=front)
    else:
        _may_start(draft, _set(draft, draft.scopes, scope.name, {"counts": inner, "front": front}))
    if scope.owner:
        move_owner(draft, scope.name)


def put_all(draft: RunState, changes: Iterable[StepState]) -> None:
    """The same for many steps at once."""
    steps, counts, touched = {step.id: step for step in changes}, draft.counts, dict[str, Mapping[str, int]]()
    for step in steps.values():
        before = draft.steps[step.id]
        counts = _shifted(counts, before.status, step.status)
        inner = touched.get(step.scope, draft.scopes[step.scope].counts)
        touched[step.scope] = _shifted(inner, before.status, step.status)
    write(draft, steps={**draft.steps, **steps}, counts=counts)
    for name, inner in touched.items():
        write(draft, status=standing(draft.status, counts))
        set_scope(draft, name, counts=inner, front=front_of(draft.scopes[name], draft.steps))
        move_owner(draft, name)


def _shifted(counts: Mapping[str, int], before: Status, after: Status) -> Mapping[str, int]:
    if before == after:
        return counts
    return {**counts, before: counts[before] - 1, after: counts.get(after, 0) + 1}


def move_owner(draft: RunState, name: str) -> None:
    """The step that holds a scope waits while all in it that is under way waits."""
    scope = draft.scopes[name]
    if not scope.owner or not scope.open:
        return
    owner = draft.steps[scope.owner]
    if owner.status in ("running", "waiting") and (status := standing(owner.status, scope.counts)) != owner.status:
        set_step(draft, owner.id, status=status)


def standing(status: Status, counts: Mapping[str, int]) -> Status:
    """What holds steps waits when nothing in it moves and something in it waits."""
    if status not in ("running", "waiting"):
        return status
    return "waiting" if counts.get("waiting", 0) and not counts.get("running", 0) else "running"


def put_scope(draft: RunState, scope: Scope) -> None:
    """Put this scope in the place of the one of that name, or last."""
    known = draft.scopes.get(scope.name)
    number = len(draft.scopes) if known is None else known.number
    scopes: Any = draft.scopes
    scopes[scope.name] = changed(scope, number=number, draft=draft.draft)
    set_scope(draft, scope.name)


def set_scope(draft: RunState, name: str, **changes: Any) -> None:
    """Change these fields of a scope. It is kept whether something may start in it, or it may be over."""
    scope: Scope = _set(draft, draft.scopes, name, changes)
    _may_start(draft, scope)
    counts, open_ = scope.counts, scope.status == "open"
    ends = open_ and (
        scope.aborting or not under_way(counts) or (bool(counts.get("succeeded")) and first_is_enough(draft, scope))
    )
    if (name in draft.closable) != ends:
        write(draft, closable=draft.closable ^ {name})


def _may_start(draft: RunState, scope: Scope) -> None:
    """Keep whether something may start in the scope."""
    starts = bool(scope.front.free) and scope.status == "open" and scope.room > 0
    if (scope.name in draft.startable) != starts:
        write(draft, startable=draft.startable ^ {scope.name})


def set_call(draft: RunState, step: str, key: str, **changes: Any) -> None:
    """Change these fields of a call."""
    calls = draft.steps[step].calls
    set_step(draft, step, calls={**calls, key: changed(calls[key], **changes)})


def set_inquiry(draft: RunState, entry: str, **changes: Any) -> None:
    """Change these fields of an inbox entry."""
    put_inquiry(draft, changed(draft.inquiries[entry], **changes))


def put_inquiry(draft: RunState, inquiry: Inquiry) -> None:
    """Put this inbox entry in its place, and among those that are open or not."""
    entry, unanswered = inquiry.asked.entry, draft.unanswered
    if (entry in unanswered) != inquiry.open:
        others = tuple(each for each in unanswered if each != entry)
        unanswered = (*others, entry) if inquiry.open else others
    write(draft, inquiries={**draft.inquiries, entry: inquiry}, unanswered=unanswered)


def counted(step: StepState) -> int:
    """How many of its tries count."""
    return sum(attempt.counts for attempt in step.attempts)


def set_aside(step: StepState) -> Mapping[str, Call]:
    """The calls so far under names that no later call can have: kept for history and cost, never replayed.

    One with an unknown outcome keeps its name until it is settled: nothing takes its place before. Where its step was
    undone that is done with.
    """
    mark = f"@{len(step.attempts)}"

    def stays(key: str, call: Call) -> bool:
        return "@" in key or (call.status == "unknown" and step.status != "undone")

    return {key if stays(key, call) else key + mark: call for key, call in step.calls.items()}


def afresh(step: StepState) -> StepState:
    """The step as if nothing had been done yet, but for its history and what is in doubt."""
    step = changed(step, generation=step.generation + 1, calls=set_aside(step), timers=empty())
    return _waiting_again(step)


def reopened(step: StepState) -> StepState:
    """The step when what it is part of is done again: what succeeded stands, and what was undone is done anew."""
    if step.status == "succeeded":
        return step
    return afresh(step) if step.status == "undone" else _waiting_again(step)


def _waiting_again(step: StepState) -> StepState:
    return changed(
        step,
        status="pending",
        performer=0,
        chosen=False,
        retry_at=None,
        retry_base=counted(step),
        handled=(),
        output=None,
        failure=None,
        why="",
        then="",
        started=None,
        ended=None,
        ended_at=0,
        reused=None,
    )


def first_is_enough(state: RunState, scope: Scope) -> bool:
    """Whether the scope is over with the first of its steps that succeeds."""
    owner = state.steps.get(scope.owner)
    given = owner.input if owner and scope.kind == "block" else None
    return isinstance(given, dict) and given.get("wait_for") == "first"
