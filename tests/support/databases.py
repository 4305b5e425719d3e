"""Looking at a journal's database from outside, and running processes at it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def query(folder: Path, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, through a connection of its own."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection, connection:
        return connection.execute(statement, parameters).fetchall()


def is_sound(folder: Path) -> bool:
    """Whether SQLite finds the database whole."""
    return query(folder, "PRAGMA integrity_check") == [("ok",)] and query(folder, "PRAGMA foreign_key_check") == []


def start(mode: str, folder: Path, *arguments: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """A process of tests.support.journal_process."""
    command = [*before, sys.executable, "-m", "tests.support.journal_process", mode, str(folder), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def facts(output: bytes) -> list[Any]:
    """The facts of whole lines."""
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]


def finish(process: subprocess.Popen[bytes]) -> list[Any]:
    """Wait for a process, see that it did well, and give its facts."""
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors.decode()) == (0, "")
    return facts(output)
