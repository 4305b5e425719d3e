"""What a failed run says of its workflow: an account of it for whoever mends it, and what rules would change."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import AddItem, Edit, SetField
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState
from workflows.text import one_line, safe_text
from workflows.values import canonical

LONGEST_INPUT = 1_500
"""Characters of a failed step's input that are told."""

MOST_STEPS = 5

REPEATABLE = ("transient", "rate_limited")
"""Failures that pass by themselves: trying again is what helps."""


@dataclass(frozen=True)
class Mend:
    """A change that would help, and why."""

    edits: tuple[Edit, ...]
    why: str


def failed_steps(state: RunState) -> list[StepState]:
    """The steps that failed by themselves, also those about which a person is asked now; of those that hold others
    none, where one of the others did."""
    # What waits for a yes, with nobody there to give it, did not fail.
    asked = {each.asked.step for each in state.open_inquiries if each.asked.reason in ("intervention", "unknown")}
    failed = [
        step
        for address, step in state.steps.items()
        if (step.status == "failed" or address in asked) and failure_of(step) is not None
    ]
    return [step for step in failed if not step.planned.holds_steps] or failed


def went_wrong(state: RunState) -> bool:
    """Whether there is anything to mend: a step failed, or the run as a whole."""
    return bool(failed_steps(state)) or (state.status == "failed" and state.failure is not None)


def failure_of(step: StepState) -> Failure | None:
    """Why it failed last; None where it did not."""
    return step.failure or (step.last.failure if step.last is not None else None)


def account(state: RunState) -> str:
    """What went wrong, as data for a model: each failed step with its failure, its tries and what it was given."""
    return "What happened in a run of it, as data:\n<data>\n" + "\n".join(_account(state)) + "\n</data>"


def _account(state: RunState) -> Iterator[str]:
    whole = f": {state.failure.kind}: {one_line(state.failure.message, 600)}" if state.failure is not None else ""
    yield f"run: {state.status}{whole}"
    for step in failed_steps(state)[:MOST_STEPS]:
        failure = failure_of(step)
        assert failure is not None
        yield f"step {step.id} ({step.planned.kind}) failed: {failure.kind}: {one_line(failure.message, 600)}"
        if failure.hint:
            yield f"  hint: {one_line(failure.hint, 300)}"
        yield f"  tries: {len(step.attempts)}; " + ", ".join(attempt.status for attempt in step.attempts[:10])
        if step.input is not None:
            yield f"  input: {one_line(safe_text(canonical(step.input)), LONGEST_INPUT)}"
    done = [step.id for step in state.steps.values() if step.status == "succeeded"]
    yield f"steps that succeeded: {', '.join(done[:40]) or 'none'}"


def mends(state: RunState, stand_ins: tuple[str, ...]) -> list[Mend]:
    """What rules would change, step by step. `stand_ins` are agents that can answer here, the best first."""
    if not (failed := failed_steps(state)):
        return _mends_of_run(state)
    return [mend for step in failed if (mend := _mend(step, stand_ins)) is not None]


def _mends_of_run(state: RunState) -> list[Mend]:
    """No step is at fault: the time for all of them was not enough."""
    limit = state.plan.timeout if state.plan is not None else None
    if state.failure is None or state.failure.kind != "timeout" or limit is None:
        return []
    return [
        Mend((SetField(("timeout",), int(limit * 3)),), f"a run of it may take {int(limit * 3)} s, not {limit:g} s")
    ]


def _mend(step: StepState, stand_ins: tuple[str, ...]) -> Mend | None:
    failure, planned = failure_of(step), step.planned
    assert failure is not None
    name = planned.id
    if failure.kind == "timeout" and planned.timeout is not None:
        longer = int(planned.timeout * 3)
        why = f"'{name}' took longer than {planned.timeout:g} s: it may take {longer} s"
        return Mend((SetField(("timeout",), longer, name),), why)
    if failure.kind in REPEATABLE and planned.retry.attempts < 3:
        why = f"'{name}' failed for a reason that passes by itself: it is tried again, later and later"
        return Mend((SetField(("retry",), {"max_attempts": 4, "backoff": "exponential", "delay": 2}, name),), why)
    free = [agent for agent in stand_ins if agent not in planned.performers]
    if planned.kind == "agent" and failure.kind in ("agent", "authentication", "dependency", "rate_limited") and free:
        return Mend((AddItem(("fallback",), free[0], name),), f"'{name}' has an understudy: {free[0]} takes over")
    return None
