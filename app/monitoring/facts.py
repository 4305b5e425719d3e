"""What rules are held against: what ended lately, what is under way, how busy we and the machine are. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from workflows.engine.limits import Load
from workflows.journal.pulse import Lately, UnderWay
from workflows.records import dataclass


@dataclass(frozen=True)
class Usual:
    """How long a workflow takes: of so many runs that succeeded, the seconds that 95 of 100 did not exceed."""

    runs: int
    p95: float


@dataclass(frozen=True)
class Use:
    """What we and the programs that we started use: bytes of memory, and percent of one processor."""

    memory: int
    cpu: float | None
    processes: int = 1


@dataclass(frozen=True)
class Facts:
    """All of it at one moment, `now` (seconds since the epoch).

    `lately` is what ended within a window, by the seconds of that window. `usual` is by workflow. `memory` is what was
    used at each moment that was looked at, oldest first.
    """

    now: float
    lately: Mapping[float, Lately] = field(default_factory=dict)
    under_way: tuple[UnderWay, ...] = ()
    usual: Mapping[str, Usual] = field(default_factory=dict)
    memory: tuple[tuple[float, int], ...] = ()
    load: Load = field(default_factory=Load)
