"""What is not a journal of ours is refused with one line and a remedy, and left as it is."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.databases import ROOT, facts, query
from tests.support.journals import recorded, started, summary
from workflows.journal.port import StoreError
from workflows.journal.sqlite import SqliteStore
from workflows.journal.sqlite.schema import APPLICATION, STEPS


def begin(folder: Path) -> None:
    async def main() -> None:
        await (await SqliteStore.open(folder)).close()

    asyncio.run(main())


def garbage(folder: Path) -> None:
    (folder / "journal.db").write_bytes(os.urandom(10_000))


def a_word(folder: Path) -> None:
    (folder / "journal.db").write_text("hello")


def anothers(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        connection.execute("CREATE TABLE recipes (name)")


def cut_off(folder: Path, first: str = "") -> None:
    """As it is after a program was killed in the middle of a transaction, part of which was in the file already."""
    other = folder / "other"
    other.mkdir()
    with closing(sqlite3.connect(other / "journal.db", isolation_level=None)) as connection:
        connection.executescript(f"{first}; PRAGMA cache_size = 1; BEGIN; CREATE TABLE runs (id)")
        connection.executemany("INSERT INTO runs VALUES (zeroblob(?))", [(4000,)] * 100)
        for path in other.iterdir():
            shutil.copy(path, folder / path.name)
    shutil.rmtree(other)
    assert {path.name for path in folder.iterdir()} == {"journal.db", "journal.db-journal"}


def anothers_cut_off(folder: Path) -> None:
    cut_off(folder, "CREATE TABLE recipes (name)")


def newer(folder: Path) -> None:
    """As it is after its program was killed, with a write-ahead log that holds the tables."""
    other = folder / "other"
    other.mkdir()
    with closing(sqlite3.connect(other / "journal.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute(f"PRAGMA user_version={len(STEPS) + 1}")
        connection.execute("CREATE TABLE runs (more)")
        for name in ("journal.db", "journal.db-wal"):
            shutil.copy(other / name, folder / name)


def a_folder(folder: Path) -> None:
    (folder / "journal.db").mkdir()


def damaged(folder: Path) -> None:
    begin(folder)
    data = bytearray((folder / "journal.db").read_bytes())
    data[100:4096] = b"\xff" * 3996
    (folder / "journal.db").write_bytes(data)
    (folder / "journal.lock").unlink()


def owners_that_are_a_file(folder: Path) -> None:
    begin(folder)
    shutil.rmtree(folder / "owners")
    (folder / "owners").write_text("hello")


def state(folder: Path) -> dict[str, str]:
    """The content of every file but those that SQLite keeps beside a database while it looks."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
        if path.name not in ("journal.db-wal", "journal.db-shm")
    }


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (garbage, "not a journal, nor any SQLite database"),
        (a_word, "not a journal, nor any SQLite database"),
        (anothers, "a database of another program"),
        (anothers_cut_off, "a database of another program"),
        (newer, "written by a newer release"),
        (a_folder, "is a folder"),
        (damaged, "is damaged"),
        (owners_that_are_a_file, "owners is not what belongs there"),
    ],
)
def test_other_files_are_refused_and_left_alone(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    make(tmp_path)
    before = state(tmp_path)
    with pytest.raises(StoreError, match=says) as caught:
        asyncio.run(SqliteStore.open(tmp_path))
    assert "\n" not in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint
    assert state(tmp_path) == before
    assert not [thread for thread in threading.enumerate() if "journal" in thread.name]


def test_a_journal_that_was_cut_off_while_its_tables_were_made_is_begun_again(tmp_path: Path) -> None:
    cut_off(tmp_path)
    begin(tmp_path)
    assert query(tmp_path, "PRAGMA user_version") == [(len(STEPS),)]
    assert query(tmp_path, "SELECT count(*) FROM runs") == [(0,)]


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("hello")
    with pytest.raises(StoreError, match="is a file where"):
        asyncio.run(SqliteStore.open(tmp_path / "journal"))
    with pytest.raises(StoreError):
        asyncio.run(SqliteStore.open(tmp_path / "journal" / "below"))
    assert (tmp_path / "journal").read_text() == "hello"


def test_a_database_that_another_program_keeps_locked_is_refused(tmp_path: Path) -> None:
    begin(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="has locked"):
            asyncio.run(SqliteStore.open(tmp_path, patience=0.1))


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 7, 17))
    with pytest.raises(StoreError, match=r"needs 3\.25\.0"):
        asyncio.run(SqliteStore.open(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    if any(not above.stat().st_mode & stat.S_IXOTH for above in folder.parents):
        folder.rmdir()
        pytest.skip(f"nobody else can reach what is below {folder.parent}")
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["folder", "file", "missing"])
def test_what_may_not_be_written_is_refused(open_folder: Path, what: str) -> None:
    folder = open_folder / "journal"
    if what != "missing":
        begin(folder)
        folder.chmod(0o755)
        (folder / "journal.db").chmod(0o444 if what == "file" else 0o666)
    folder_mode = {"folder": 0o555, "file": 0o777, "missing": 0o555}[what]
    (open_folder if what == "missing" else folder).chmod(folder_mode)
    before = state(open_folder)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.journal_process", "refuse", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    ((message, hint),) = facts(done.stdout)
    assert "read-only for this user" in message
    assert "UNDERSTUDY_HOME" in hint
    assert state(open_folder) == before


@pytest.mark.parametrize("left", ["closed", "open"])
def test_what_may_not_be_written_is_read_or_it_is_said_why_not(open_folder: Path, left: str) -> None:
    """A journal that was closed is whole; of one that was left open SQLite needs to write to read the latest."""
    folder, aside = open_folder / "journal", open_folder / "aside"

    async def write() -> None:
        store = await SqliteStore.open(folder)
        await store.create("r1", "me", recorded(started()), summary("r1"))
        shutil.copytree(folder, aside, ignore=shutil.ignore_patterns("*-shm"))
        await store.close()

    asyncio.run(write())
    looked_at = folder if left == "closed" else aside
    for path in looked_at.iterdir():
        path.chmod(0o755 if path.is_dir() else 0o444)
    looked_at.chmod(0o555)
    before = state(open_folder)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.journal_process", "look", str(looked_at)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    *found, (message, hint) = facts(done.stdout)
    assert found == ([["r1", 1]] if left == "closed" else [])
    assert ("opened to be read" if left == "closed" else "its latest changes are in its -wal file") in message
    assert "writ" in hint
    assert state(open_folder) == before
