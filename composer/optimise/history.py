"""What earlier runs of a workflow say of its steps: who tried them, how often that went well, how long and how dear."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from workflows.records import dataclass
from workflows.runs.state import RunState, StepState

_ITEM = re.compile(r"\[\d+\]$")


@dataclass(frozen=True)
class Tries:
    """The tries of one step by one performer, empty where nobody performs it by name. `usd` is what one cost on
    average; None where that is not known of some."""

    performer: str
    count: int
    succeeded: int
    longest: float
    average: float
    usd: float | None

    @property
    def rate(self) -> float:
        return self.succeeded / self.count if self.count else 0.0


History = Mapping[str, tuple[Tries, ...]]
"""By the id of a step."""


def history_of(states: Iterable[RunState]) -> History:
    """What these runs say, of steps at any depth. Dry runs and tries that were cut off say nothing."""
    seconds: defaultdict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    cost: defaultdict[tuple[str, str], list[float | None]] = defaultdict(list)
    for state in states:
        for step in state.steps.values():
            if "~" in step.id or step.planned.holds_steps or step.cached_from or step.reused:
                continue  # what holds others took as long as these
            key = _ITEM.sub("", step.id.rsplit(">", 1)[-1])
            for attempt in step.attempts:
                if attempt.counts and attempt.ended is not None:
                    took = max(attempt.ended - attempt.started, 0.0)
                    seconds[key, attempt.performer].append((took, attempt.status == "succeeded"))
            if len({attempt.performer for attempt in step.attempts}) == 1:
                cost[key, step.attempts[0].performer].append(_usd(step))
    found: defaultdict[str, list[Tries]] = defaultdict(list)
    for (key, performer), tries in seconds.items():
        times = [each for each, _ in tries]
        known = cost[key, performer]
        usd = sum(each or 0.0 for each in known) / len(known) if known and None not in known else None
        good = sum(succeeded for _, succeeded in tries)
        found[key].append(Tries(performer, len(tries), good, max(times), sum(times) / len(times), usd))
    return {key: tuple(each) for key, each in found.items()}


def _usd(step: StepState) -> float | None:
    return (step.spent.cost_usd or 0.0) if step.spent.cost_known else None
