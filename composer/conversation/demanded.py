"""What is demanded in passing, as in a first request: a schedule, to be told, so many at a time."""

from __future__ import annotations

from collections.abc import Callable

from composer.constraints import hold, read_constraints
from composer.constraints.starting import Starting
from composer.constraints.telling import Telling
from composer.conversation.said import Understood
from workflows.definition.model import Workflow
from workflows.records import dataclass

BESIDE = (Starting, Telling)
"""Demands that are often made beside another one, and that no other rule reads."""


@dataclass(frozen=True)
class Change:
    """A draft's text as it is after something was said, and what that meant. `notes` are what was taken for granted,
    `left_over` parts of what was said that no rule made anything of."""

    text: str
    means: str
    notes: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()


def demanded(
    said: str,
    text: str,
    reread: Callable[[str], Workflow | None],
    channels: frozenset[str],
    *,
    beside: bool = False,
) -> Change | Understood | None:
    """The text with what is demanded in it; None where nothing is. `beside`: only what another rule does not read."""
    found = [each for each in read_constraints(said) if not beside or isinstance(each, BESIDE)]
    if not found:
        return None
    held = hold(text, found, reread, None, channels)
    means = "; ".join(demand.means for demand in held.demands if demand.held)
    failed = [f"{demand.means}: {demand.how}" for demand in held.demands if not demand.held]
    if held.text == text:
        return Understood(refused="; ".join(failed) or f"It is so already: {means}.")
    return Change(held.text, means, (*held.assumed, *failed))
