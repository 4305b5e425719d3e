"""What leaving means for the runs that are under way, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.present.figures import plural
from workflows.diagnostics import listed
from workflows.runs.state import RunState, StepState
from workflows.text import one_line

NAMED = 8
"""Runs that are named."""


def at_work(state: RunState) -> list[StepState]:
    """The steps that do something themselves just now."""
    return [step for step in state.steps.values() if step.status == "running" and not step.planned.holds_steps]


def run_lines(states: Sequence[RunState]) -> list[str]:
    """A line a run: what it is, what is at work in it, what waits for a person."""
    lines = []
    for state in states[:NAMED]:
        working, waiting = [step.id for step in at_work(state)], len(state.open_inquiries)
        parts = [f"{listed(working, 4)} at work"] if working else []
        parts += [f"{waiting} waiting for you"] if waiting else []
        parts = parts or [state.status]
        lines.append(f"{one_line(state.title or state.workflow, 60)} ({state.run_id}): {', '.join(parts)}")
    if len(states) > NAMED:
        lines.append(f"and {len(states) - NAMED} more")
    return lines


def cut_off(states: Sequence[RunState]) -> list[str]:
    """What becomes of steps at work where they are not waited for."""
    working = [step for state in states for step in at_work(state)]
    doubtful = [step.id for step in working if _is_in_doubt(step)]
    again = [step.id for step in working if step.id not in doubtful]
    lines = [f"Cut off unless you pause, and begun anew later: {listed(again, 4)}."] if again else []
    return lines + ([f"Cut off, you are asked whether it happened: {listed(doubtful, 4)}."] if doubtful else [])


def keeping(states: Sequence[RunState]) -> str:
    """What it means that a process of its own goes on with them."""
    return f"in {'a process' if len(states) == 1 else 'processes'} of {_its(states)} own: `understudy attach`"


def finishing(states: Sequence[RunState]) -> str:
    """What it means to let what is at work come to its end."""
    count = sum(len(at_work(state)) for state in states)
    return f"starts nothing new; leaves when {plural(count, 'step')} {'is' if count == 1 else 'are'} done"


def stopping(states: Sequence[RunState]) -> str:
    """What it means to stop them."""
    return f"now; `understudy resume` goes on with {_each(states)}"


def cancelling(states: Sequence[RunState]) -> str:
    """What it means to cancel them."""
    last = "; `finally` is still done" if any(state.plan.finally_ for state in states) else ""
    return f"ends {_each(states)} for good{last}"


def _is_in_doubt(step: StepState) -> bool:
    """Whether it is in the middle of what must not be done twice."""
    return any(call.status == "started" and call.effect == "unsafe" for call in step.calls.values())


def _each(states: Sequence[RunState]) -> str:
    return "it" if len(states) == 1 else "each"


def _its(states: Sequence[RunState]) -> str:
    return "its" if len(states) == 1 else "their"
