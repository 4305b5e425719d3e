"""What runs came to, by workflow, version, day, model or step: counts, durations, cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias, get_args

from workflows.journal.figures import ErrorFigures
from workflows.records import dataclass

By: TypeAlias = Literal["all", "part", "workflow", "version", "day", "model", "step"]
"""What is counted together: all runs; those that began in one part of the time; those of a workflow, of one of its
versions, or of a day (that of here); those that asked a model; or the tries of a step by one performer."""

WAYS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True)
class Group:
    """What some runs, or tries of a step, came to.

    `key` is the number of a part, a workflow, a workflow and its version (`nightly@3`, empty where it was none that was
    published), a day (`2026-11-21`), a model, or a workflow, a step and its performer. Durations are seconds of what
    succeeded or failed, None where nothing did; `longest_in` is the run of the longest. Of a model, cost and tokens are
    those of its own calls. `unpriced` are runs of which some price is not known; tries have neither cost nor tokens.
    """

    key: tuple[str, ...]
    count: int
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    simulated: int = 0
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    longest: float | None = None
    longest_in: str = ""
    cost_usd: float | None = None
    unpriced: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def rate(self) -> float | None:
        """The part of those that succeeded among those that succeeded or failed; None where there is none."""
        over = self.succeeded + self.failed
        return self.succeeded / over if over else None


class BreakdownStore(Protocol):
    """Whoever can tell what runs came to. May raise StoreError."""

    async def breakdown(
        self, by: By, since: float | None = None, workflow: str = "", edges: Sequence[float] = ()
    ) -> list[Group]:
        """Of all runs that began at or after `since` (seconds since the epoch), of workflows with this text, by key.

        `edges` are when the parts begin, in order; what began before the first of them counts there.
        """
        ...

    async def errors(self, since: float | None = None, workflow: str = "") -> tuple[ErrorFigures, ...]:
        """The ways in which tries of those runs failed, in no order."""
        ...


def any_item(step: str) -> str:
    """The address without the numbers of items: `each[3]>write` is `each[]>write`."""
    return re.sub(r"\[\d+\]", "[]", step)
