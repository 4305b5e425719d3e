"""Room made in the write-ahead log ahead of what is written changes nothing of what is read."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.databases import is_sound, query
from workflows.journal.sqlite.log import Log


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    (tmp_path / "live").mkdir()
    with closing(sqlite3.connect(tmp_path / "live" / "journal.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA wal_autocheckpoint=0").fetchone()
        connection.execute("CREATE TABLE numbers (number INTEGER)")
        yield connection


def write(connection: sqlite3.Connection, log: Log, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    log.make_room()
    connection.execute("INSERT INTO numbers VALUES (?)", (number,))
    connection.execute("COMMIT")


def test_all_is_there_after_a_crash_whatever_room_the_log_had(tmp_path: Path, connection: sqlite3.Connection) -> None:
    path = tmp_path / "live" / "journal.db-wal"
    log, sizes = Log(path), set[int]()
    for number in range(200):
        write(connection, log, number)
        sizes.add(path.stat().st_size)
        if number % 20 == 0:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        if number % 30 == 0:
            crashed = tmp_path / f"crashed-{number}"
            crashed.mkdir()
            for file in ("journal.db", "journal.db-wal"):
                shutil.copy(tmp_path / "live" / file, crashed)
            assert query(crashed, "SELECT count(*), max(number) FROM numbers") == [(number + 1, number)]
            assert is_sound(crashed)
    assert len(sizes) < 10


def test_a_disk_without_room_gets_no_fuller(tmp_path: Path, connection: sqlite3.Connection) -> None:
    path = tmp_path / "live" / "journal.db-wal"
    size = path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for limit in (size, size + 1):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            Log(path).make_room()
            assert path.stat().st_size == size
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    connection.execute("COMMIT")
    os.unlink(path)
    Log(path).make_room()
    assert not path.exists()
