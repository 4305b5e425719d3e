"""Addresses as people type them: whether a run has such a step, and what they may have meant. Pure."""

from __future__ import annotations

from workflows.diagnostics import listed, suggest
from workflows.errors import UnderstudyError
from workflows.planning.plan import Plan
from workflows.runs.state import RunState
from workflows.runs.tree import is_aftermath, stands


def must_be_a_step(origin: RunState, at: str, plan: Plan) -> None:
    """Whether the run has such a step of its own, or the plan will. Raises UnderstudyError, saying what was meant."""
    step = origin.steps.get(at)
    if "~" in at or (step is not None and is_aftermath(origin, step.scope)):
        main = at.partition("~")[0]
        about = f"`--from {main}`" if main in origin.steps and main != at else "a step of the workflow itself"
        raise UnderstudyError(
            f"{at} is done about other steps: when they fail, are undone or end, it is done anew.",
            f"Begin at {about}.",
        )
    if step is None:
        if at not in plan.by_id:
            raise _no_such_step(origin, at)
    elif not stands(origin, step):
        owner = origin.scopes[step.scope].owner
        raise UnderstudyError(f"{at} is no part of what {owner} did in the end.", f"Begin at {owner}.")


def _no_such_step(origin: RunState, at: str) -> UnderstudyError:
    known = [step.id for step in origin.steps.values() if not is_aftermath(origin, step.scope) and stands(origin, step)]
    same = [
        address for address in known if address.rpartition(">")[2] == at or (at[:1] == "[" and address.endswith(at))
    ]
    if same:
        hint = f"It stands inside others: {listed(f'`--from {address!r}`' for address in same[:3])}."
    else:
        close = suggest(at, known)
        hint = f"{close[0].upper()}{close[1:]}" if close else f"It has: {listed(known)}."
    what = f"Run {origin.run_id} has no step {at!r}"
    holder = at.rpartition(">")[0] or at.rpartition("[")[0]
    if not same and holder in origin.steps:
        what = f"Nothing was done in run {origin.run_id} as {at!r}"
        inner = [address for address in known if address.startswith((f"{holder}>", f"{holder}["))]
        hint = hint if inner else f"Begin at {holder}, which holds it."
    return UnderstudyError(f"{what}.", hint)
