"""What a run, or a child workflow in it, may spend on models, and what became of it.

A call's worst cost is held back before the call and settled when it ends. What nobody can tell stays spent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from workflows.effects import Usage
from workflows.planning.plan import Budget
from workflows.records import changed, dataclass, write

if TYPE_CHECKING:
    from workflows.runs.inbox_events import BudgetRaised
    from workflows.runs.state import Call, RunState


@dataclass(frozen=True)
class Purse:
    """The money of one workflow. US dollars.

    `held` are the worst costs of the calls under way, by `step/call`. `at_most`: some of `spent` is only known as an
    upper bound, because a call was cut off or its price is not known. `passed` are higher limits that count for the
    next call of a step, by its address.
    """

    budget: Budget
    limit: float
    spent: float = 0.0
    at_most: bool = False
    held: Mapping[str, float] = field(default_factory=dict)
    passed: Mapping[str, float] = field(default_factory=dict)

    def limit_of(self, step: str) -> float:
        """Up to what the next call of a step may be made."""
        return max(self.limit, self.passed.get(step, 0.0))

    @property
    def reserved(self) -> float:
        return sum(self.held.values())


def opened(purses: Mapping[str, Purse], scope: str, budget: Budget | None) -> Mapping[str, Purse]:
    """The purses when a workflow begins. One that begins again goes on with what is left."""
    if budget is None or scope in purses:
        return purses
    return {**purses, scope: Purse(budget, budget.usd)}


def budget_raised(draft: RunState, event: BudgetRaised, at: float) -> None:
    """A higher limit. A workflow that had none begins to count with what its run has spent."""
    scope, purse = event.scope, draft.purses.get(event.scope)
    if purse is None:
        purse = Purse(Budget(event.usd), event.usd, draft.spent.cost_usd or 0.0)
    elif event.step:
        purse = changed(purse, passed={**purse.passed, event.step: event.usd})
    else:
        purse = changed(purse, limit=event.usd)
    write(draft, purses={**draft.purses, scope: purse})


def purses_of(state: RunState, step: str) -> Iterator[tuple[str, Purse]]:
    """The purses that a step's calls are paid from, the nearest first, by the scope of their workflow."""
    if not state.purses:
        return
    home = state.scopes[state.steps[step].scope].home
    while True:
        if home in state.purses:
            yield home, state.purses[home]
        owner = state.scopes[home].owner
        if not owner:
            return
        home = state.scopes[state.steps[owner].scope].home


def hold(draft: RunState, step: str, key: str, usd: float | None) -> None:
    """Hold a call's worst cost back."""
    if usd is None:
        return
    name = f"{step}/{key}"
    purses = draft.purses
    for scope, purse in purses_of(draft, step):
        # A call that a person let pass was this one.
        passed = {other: limit for other, limit in purse.passed.items() if other != step}
        purses = {**purses, scope: changed(purse, held={**purse.held, name: usd}, passed=passed)}
    write(draft, purses=purses)


def settle(draft: RunState, step: str, call: Call, usage: Usage | None, *, failed: bool) -> None:
    """Put what a call cost in the place of what was held back for it."""
    if not draft.purses:
        return
    usd, sure = charged(draft, call, usage, failed=failed)
    name = f"{step}/{call.key}"
    purses = draft.purses
    for scope, purse in purses_of(draft, step):
        left = {held: worst for held, worst in purse.held.items() if held != name}
        spent, at_most = purse.spent + usd, purse.at_most or not sure
        purses = {**purses, scope: changed(purse, spent=spent, at_most=at_most, held=left)}
    write(draft, purses=purses)


def charged(state: RunState, call: Call, usage: Usage | None, *, failed: bool) -> tuple[float, bool]:
    """What a call that ended counts as, and whether that is what it cost and not only the most that it can have cost.

    A failed call without usage never reached a model. One that was answered did, whatever it says.
    """
    if usage is not None and usage.cost_usd is not None and 0 <= usage.cost_usd < float("inf"):
        return usage.cost_usd, True
    if (usage is None and (failed or call.reserved_usd is None)) or (usage is not None and usage.simulated):
        return 0.0, True
    if usage is not None and usage.at_most_usd is not None:
        return usage.at_most_usd, False
    price = state.prices.get(call.model)
    if price is not None and usage is not None and usage.tokens_in is not None and usage.tokens_out is not None:
        return (usage.tokens_in + usage.tokens_out) * price / 1e6, False
    return call.reserved_usd or 0.0, False
