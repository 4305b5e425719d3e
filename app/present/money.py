"""What a run spent of what it may spend."""

from __future__ import annotations

from app.present.figures import cost_of
from workflows.money import money
from workflows.runs.state import RunState
from workflows.values import Json

ENDINGS = {"ask": "then you are asked", "abort": "then it ends"}
"""What follows where there is no room, by `on_exceed`."""


def spent_of(state: RunState) -> str:
    """What models cost, and with a budget of how much: `$0.12 of $0.50`; `at most` where some of it is not known."""
    purse = state.purses.get("")
    if purse is None:
        return cost_of(state.spent)
    return f"{'at most ' * purse.at_most}{money(purse.spent)} of {money(purse.limit)}"


def price_words(most_usd: float | None) -> str:
    """What one question to a model may cost; None where nobody knows."""
    if most_usd is None:
        return "its price is not known"
    return f"{money(most_usd)} at most" if most_usd else "no cost"


def cost_words(usd: float | None) -> str:
    """What models did cost; None where nobody knows."""
    return "what it cost is not known" if usd is None else f"it cost {money(usd)}" if usd else "no cost"


def budget_lines(state: RunState) -> list[str]:
    """A line for each budget: the run's, and those of child workflows."""
    lines = []
    for scope, purse in state.purses.items():
        raised = f", raised from {money(purse.budget.usd)}" if purse.limit != purse.budget.usd else ""
        reserved = f", {money(purse.reserved)} held back for calls under way" if purse.held else ""
        most = "at most " * purse.at_most
        words = f"{most}{money(purse.spent)} of {money(purse.limit)} spent{reserved}{raised}"
        lines.append(f"budget{f' of {scope}' if scope else ''}: {words}, {ENDINGS[purse.budget.on_exceed]}")
    lines += [f"{model} counts as {money(usd)} a million tokens at most" for model, usd in state.prices.items()]
    return lines


def budget_document(state: RunState) -> Json:
    """The budgets as JSON, by the step whose workflow each is for; the run's own under "". Null where there is none."""
    if not state.purses:
        return None
    return {
        scope: {
            "limit_usd": purse.limit,
            "spent_usd": round(purse.spent, 9),
            "spent_is_known": not purse.at_most,
            "reserved_usd": round(purse.reserved, 9),
            "stated_usd": purse.budget.usd,
            "on_exceed": purse.budget.on_exceed,
        }
        for scope, purse in state.purses.items()
    }
