"""What it was measured on, as far as a reader can use it."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path


def described() -> str:
    """System, processors, memory, versions. Names no host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def commit(folder: Path, times: int = 100) -> float:
    """Milliseconds of one durable commit of a small row: the median of so many, one after the other."""
    taken = []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        connection = sqlite3.connect(Path(place) / "commit.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (x)"):
            connection.execute(statement).fetchall()
        for number in range(times):
            began = time.perf_counter()
            connection.execute("INSERT INTO t VALUES (?)", (number,))
            taken.append(time.perf_counter() - began)
        connection.close()
    return 1000 * statistics.median(taken)
