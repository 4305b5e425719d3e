"""What the end of a run warns of, by the thresholds of the settings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from workflows.runs.state import RunState, StepState
from workflows.runs.tree import is_aftermath


class Monitored(Protocol):
    """The thresholds, as `app.settings.Monitoring` has them; None is no threshold."""

    @property
    def alert_threshold(self) -> int | None: ...

    @property
    def performance_threshold(self) -> int | None: ...

    @property
    def error_rate_threshold(self) -> int | None: ...


def alerts(state: RunState, monitored: Monitored) -> list[str]:
    """A line for each threshold that the run, which is over, has passed."""
    return list(_alerts(state, monitored))


def _alerts(state: RunState, monitored: Monitored) -> Iterator[str]:
    ended = [step for step in state.steps.values() if _counts(state, step)]
    failed = sum(step.status == "failed" for step in ended)
    tries = sum(attempt.status in ("failed", "timed_out") for step in ended for attempt in step.attempts)
    if (limit := monitored.alert_threshold) is not None and tries >= limit:
        yield f"{tries} tries failed (monitoring.alert_threshold is {limit})"
    if not ended:
        return
    rate = 100 * failed / len(ended)
    if (limit := monitored.error_rate_threshold) is not None and rate > limit:
        yield f"{rate:.0f}% of the steps failed (monitoring.error_rate_threshold is {limit}%)"
    at_once = sum(step.status != "failed" and sum(each.counts for each in step.attempts) <= 1 for step in ended)
    share = 100 * at_once / len(ended)
    if (limit := monitored.performance_threshold) is not None and share < limit:
        yield f"{share:.0f}% of the steps succeeded at once (monitoring.performance_threshold is {limit}%)"


def _counts(state: RunState, step: StepState) -> bool:
    """Work that came to an end of its own; what holds others is counted by those."""
    ended = step.status in ("succeeded", "failed", "undone")
    return ended and not step.planned.holds_steps and not is_aftermath(state, step.scope)
