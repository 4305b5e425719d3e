"""How much room runs take in the database. It blocks."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.upkeep import NAME, reading

_BYTES = "SELECT coalesce(sum(length(CAST(body AS BLOB))), 0) FROM events WHERE run = ?"
_NAMED_BY = "SELECT DISTINCT blobs FROM events WHERE run = ? AND blobs IS NOT NULL"
_NAMED_BY_ALL = "SELECT DISTINCT run, blobs FROM events WHERE blobs IS NOT NULL"


def room_of(folder: Path, run_ids: Collection[str]) -> int:
    """The bytes of what happened in these runs, with the large values that no other run names. Raises StoreError."""
    path = folder / NAME
    with translated(path), closing(reading(path)) as connection:
        connection.execute("BEGIN")
        rows = connection.execute("SELECT id, run_id FROM runs").fetchall()
        wanted = set(run_ids)
        ours = {row for row, run_id in rows if run_id in wanted}
        total: int = sum(connection.execute(_BYTES, (row,)).fetchone()[0] for row in ours)
        named = {name for row in ours for (blobs,) in connection.execute(_NAMED_BY, (row,)) for name in _names(blobs)}
        if named:
            for row, blobs in connection.execute(_NAMED_BY_ALL):
                if row not in ours:
                    named -= _names(blobs)
    kept = (folder / "blobs" / name for name in named)
    return total + sum(each.stat().st_size for each in kept if each.exists())


def _names(blobs: str) -> set[str]:
    return set(json.loads(blobs).values())
