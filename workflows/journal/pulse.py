"""How the runs of a journal go just now, of all processes: what is under way, and what ended lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from workflows.records import dataclass


@dataclass(frozen=True)
class UnderWay:
    """A run that is not over. `done` of its steps are over, `failed` ones among them, and `active` are at work.

    `failed_tries` are those of all its steps. `process` is the number of the process that has it, 0 where none has.
    """

    run_id: str
    workflow: str
    status: str
    started: float
    done: int = 0
    failed: int = 0
    total: int = 0
    active: int = 0
    failed_tries: int = 0
    process: int = 0

    @property
    def queued(self) -> int:
        """Its steps that were not begun."""
        return max(self.total - self.done - self.active, 0)


@dataclass(frozen=True)
class AtWork:
    """A step's try that is under way, since `started` (seconds since the epoch)."""

    run_id: str
    workflow: str
    step: str
    performer: str
    started: float


@dataclass(frozen=True)
class Ended:
    """How many runs of a workflow ended; when one last succeeded, and when one last failed, with its id."""

    succeeded: int = 0
    failed: int = 0
    last_failed: tuple[float, str] = (0.0, "")
    last_succeeded: float = 0.0


@dataclass(frozen=True)
class Lately:
    """What ended in a stretch of time: runs by workflow, and tries of steps.

    `first` are those that were a step's first try, and `at_once` of them succeeded.
    """

    runs: Mapping[str, Ended] = field(default_factory=dict)
    tries: int = 0
    failed_tries: int = 0
    first: int = 0
    at_once: int = 0

    @property
    def succeeded(self) -> int:
        return sum(each.succeeded for each in self.runs.values())

    @property
    def failed(self) -> int:
        return sum(each.failed for each in self.runs.values())


@dataclass(frozen=True)
class Pulse:
    """Runs that are not over, oldest first, and the tries of steps that are under way, oldest first."""

    runs: tuple[UnderWay, ...] = ()
    at_work: tuple[AtWork, ...] = ()


class PulseStore(Protocol):
    """Whoever can tell how runs go. May raise StoreError."""

    async def pulse(self, limit: int = 500) -> Pulse:
        """What is under way in all processes that share the journal, so many of each at most.

        A run that waits for a person is under way too; one whose process is gone is not.
        """
        ...

    async def lately(self, since: float) -> Lately:
        """What ended at or after `since` (seconds since the epoch). Cancelled runs and interrupted tries count not."""
        ...

    async def took(self, workflow: str, limit: int = 50) -> list[float]:
        """Seconds from start to end of the newest runs of a workflow that succeeded."""
        ...
