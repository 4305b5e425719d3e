"""Who takes part: the floor, ourselves, and the peers."""

from __future__ import annotations

from benchmarks.entrant import Profile

FLOOR = Profile("floor", "floor", "floor.py", "start and end of a step; SQLite WAL, FULL")
OURS = Profile("understudy", "Understudy", "ours.py", "every event of a step; SQLite WAL, FULL")

PEERS: tuple[Profile, ...] = ()

FIELD = (FLOOR, OURS, *PEERS)
