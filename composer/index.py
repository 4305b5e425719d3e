"""The texts of workflows in a full-text index: SQLite's FTS5, in memory, ranked by bm25.

What is indexed are terms (`composer.terms`), so that `Lizenz` finds `licence`: the concepts that words stand for, kinds
of values, and the stems of all other words. Each column is one kind of text of a workflow.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing

COLUMNS: Mapping[str, float] = {"named": 4.0, "purpose": 3.0, "tags": 2.0, "requests": 1.0, "steps": 0.5}
"""The kinds of texts, and how much a term counts that stands there."""

Document = Mapping[str, Sequence[str]]
"""A workflow's terms by column, each as often as it is said."""

_CREATE = "CREATE VIRTUAL TABLE texts USING fts5(named, purpose, tags, requests, steps, tokenize='ascii')"
_RANK = "SELECT rowid, -bm25(texts, ?, ?, ?, ?, ?) FROM texts WHERE texts MATCH ?"

_MOST = 2.2
"""What a term adds at most, times its rarity: FTS5's bm25 has k1 = 1.2."""


def shares(terms: Mapping[str, float], documents: Sequence[Document]) -> list[float] | None:
    """How well each document answers the terms: its bm25 as a share of the best that could be, 0 to 1.

    `terms` are keys with what each counts. None where this machine's SQLite was built without FTS5.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute(_CREATE)
        except sqlite3.OperationalError:
            return None
        rows = [[" ".join(map(_token, each.get(column, ()))) for column in COLUMNS] for each in documents]
        database.executemany("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", rows)
        found, most = [0.0] * len(rows), 0.0
        for key, count in terms.items():
            hits = database.execute(_RANK, (*COLUMNS.values(), _token(key))).fetchall()
            most += count * _MOST * _rarity(len(hits), len(rows))
            for row, score in hits:
                found[row - 1] += count * score
    return [min(score / most, 1.0) if most else 0.0 for score in found]


def has_index() -> bool:
    """Whether this machine's SQLite has FTS5."""
    return shares({}, ()) is not None


def _rarity(hits: int, rows: int) -> float:
    """What FTS5's bm25 makes of a term that so many rows have; nobody's is worth as much as one row's."""
    hits = max(hits, 1)
    return max(math.log((rows - hits + 0.5) / (hits + 0.5)), 1e-6) if rows else 0.0


def _token(key: str) -> str:
    """A term's key as one token: letters and digits only."""
    return "t" + key.encode("utf-8").hex()
