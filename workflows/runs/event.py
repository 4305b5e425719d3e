"""What every event is."""

from __future__ import annotations

from typing import ClassVar

from workflows.records import dataclass


@dataclass(frozen=True)
class Event:
    """One fact. Past tense."""

    version: ClassVar[int] = 1
