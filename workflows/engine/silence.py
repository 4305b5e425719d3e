"""What becomes of an entry that nobody answers, in a run that nobody attends. Pure.

The workflow's `unattended` says it; of a child workflow its own, else that of whoever calls it. An entry that has a
time and a default of its own, as its step says, keeps them.
"""

from __future__ import annotations

from dataclasses import replace

from workflows.planning.plan import Unattended
from workflows.runs import events as e
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import home_of

GONE = "abort"
"""What no answer means where code is not there any more: there is nothing new to go on with."""


def unattended_of(state: RunState, step: StepState) -> Unattended | None:
    """What the workflow of a step says, else those that call it; None where none does, or somebody attends the run."""
    if state.attended:
        return None
    home = home_of(state, step)
    while home.plan.unattended is None and home.owner:
        home = home_of(state, state.steps[home.owner])
    return home.plan.unattended


def bounded(state: RunState, asked: e.Asked, now: float) -> e.Asked:
    """The entry with the time until which it is waited for, and what counts then."""
    if state.attended:
        return asked
    step = state.steps[asked.step]
    said = unattended_of(state, step)
    if said is None and asked.reason == "changed" and state.cause:
        # What started by itself and asks nothing else needs nobody for this either: it ends, and says why.
        return replace(asked, until=now, default=GONE)
    if said is None:
        return asked
    until = asked.until if asked.until is not None else now + said.timeout
    return replace(asked, until=until, default=asked.default or _default(state, step, asked, said))


def unbounded(state: RunState) -> tuple[str, ...]:
    """The entries that were asked while somebody attended the run, and would be waited for without end now."""
    waiting = [each.asked for each in state.open_inquiries if each.asked.until is None]
    return tuple(asked.entry for asked in waiting if unattended_of(state, state.steps[asked.step]) is not None)


def _default(state: RunState, step: StepState, asked: e.Asked, said: Unattended) -> str:
    match asked.reason:
        case "approval":
            # What an agent wants to do no file has seen, and what changed once after nobody had said no may do so
            # again and again.
            changed = any(state.inquiries[entry].voided for entry in step.inquiries)
            careful = asked.tool or step.planned.irreversible or changed
            return "deny" if careful else said.approval
        case "intervention":
            return said.intervention if said.intervention in asked.choices else "abort"
        case "unknown":
            return said.unknown
        case "budget":
            return said.budget
        case "changed":
            return said.changed if asked.digest else GONE
        case "question":
            return ""
