"""How runs, steps, attempts and calls stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Status = Literal[
    "pending",
    "running",
    "waiting",
    "paused",
    "interrupted",
    "succeeded",
    "failed",
    "cancelled",
    "blocked",
    "skipped",
    "undone",
]
AttemptStatus = Literal["started", "succeeded", "failed", "timed_out", "cancelled", "unknown"]
CallStatus = Literal["started", "succeeded", "failed", "interrupted", "unknown"]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled", "skipped", "blocked", "undone"})


def under_way(counts: Mapping[str, int]) -> int:
    """How many of the steps that have these statuses are not over."""
    count = counts.get
    return count("pending", 0) + count("running", 0) + count("waiting", 0) + count("paused", 0)
