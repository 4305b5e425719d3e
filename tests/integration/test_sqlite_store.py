"""What only the SQLite store does: files, groups, locks, blobs, projections, migrations."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.databases import is_sound, query
from tests.support.journals import every_event, recorded, short_run, started, summary, waiting
from workflows.journal.port import Fenced, Lease, Query, RunUnknown, StoreError
from workflows.journal.sqlite import SqliteStore, opening, writer
from workflows.journal.sqlite.queries import list_runs
from workflows.journal.sqlite.schema import STEPS, migrate, version_of
from workflows.runs import events as e


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path)
    yield store
    await store.close()


async def begin(store: SqliteStore, run_id: str = "r1") -> Lease:
    return await store.create(run_id, "me", recorded(started()), summary(run_id))


def pause(seq: int, why: str = "") -> list[e.Recorded]:
    return recorded(e.RunPaused(why), after=seq - 1)


# Files


async def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = await SqliteStore.open(tmp_path / "state" / "journal")
        lease = await begin(store)
        await store.append(lease, recorded(e.CallFinished("a", "k", "x" * 100_000), after=1), summary("r1"))
        found = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*")}
        await store.close()
    finally:
        os.umask(before)
    names = {path.name for path in found}
    assert names >= {"journal.db", "journal.db-wal", "journal.db-shm", "journal.lock", "blobs", "owners"}
    assert len(found) == 9  # and the folder itself, one blob, one owner
    for path, mode in found.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


async def test_the_write_ahead_log_stays_small(tmp_path: Path, store: SqliteStore) -> None:
    lease = await begin(store)
    for seq in range(2, 402):
        await store.append(lease, pause(seq, "x" * 50_000), summary("r1"))
    assert (tmp_path / "journal.db").stat().st_size > 10_000_000
    assert (tmp_path / "journal.db-wal").stat().st_size < 10_000_000


@pytest.mark.parametrize("how", ["folder", "file", "replaced"])
async def test_a_journal_that_is_gone_is_not_written_to(tmp_path: Path, how: str) -> None:
    folder, aside = tmp_path / "journal", tmp_path / "aside"
    store = await SqliteStore.open(folder)
    lease = await begin(store)
    moved = folder if how == "folder" else folder / "journal.db"
    moved.rename(aside)
    if how == "replaced":
        shutil.copy(aside, moved)
    large = recorded(e.CallFinished("a", "k", "x" * 100_000), after=1)
    with pytest.raises(StoreError, match="was moved or deleted while it was in use") as caught:
        await store.append(lease, large, summary("r1"))
    assert "Put it back" in caught.value.hint
    assert not (folder / "blobs").exists() or list((folder / "blobs").iterdir()) == []
    aside.replace(moved)
    await store.append(lease, large, summary("r1"))
    assert len(await store.read("r1")) == 2
    await store.close()


# Groups


async def test_what_waits_is_committed_together(store: SqliteStore) -> None:
    leases = [await begin(store, f"r{n}") for n in range(50)]
    statements: list[str] = []
    store._writer._committer.set_trace_callback(statements.append)
    await asyncio.gather(*(store.append(lease, pause(2), summary(lease.run_id)) for lease in leases))
    assert statements.count("COMMIT") <= 2


async def test_a_constraint_fails_only_its_own_submission(tmp_path: Path, store: SqliteStore) -> None:
    leases = [await begin(store, f"r{n}") for n in range(3)]
    twice = (waiting("r1"), waiting("r1"))
    outcomes = await asyncio.gather(
        store.append(leases[0], pause(2), summary("r0", inbox=(waiting("r0"),))),
        store.append(leases[1], pause(2), summary("r1", inbox=twice)),
        store.append(leases[2], pause(2), summary("r2")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreError, type(None)]
    assert query(tmp_path, "SELECT run_id, last_seq FROM runs") == [("r0", 2), ("r1", 1), ("r2", 2)]
    assert await store.inbox() == [waiting("r0")]
    await store.append(leases[1], pause(2), summary("r1", inbox=twice[:1]))
    assert await store.inbox() == [waiting("r0"), waiting("r1")]


@pytest.mark.parametrize("turns", range(12))
async def test_cancelling_a_caller_leaves_a_whole_transaction(store: SqliteStore, turns: int) -> None:
    lease = await begin(store)
    events = recorded(e.RunPaused(), e.RunContinued(), after=1)
    task = asyncio.create_task(store.append(lease, events, summary("r1", title="Later")))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await begin(store, "r2")  # behind it in the queue
    read = await store.read("r1", after=1)
    assert read == (events if turns else [])
    (run,) = await store.runs(Query(ids=("r1",)))
    assert run.title == ("Later" if turns else "Release notes")
    await store.append(lease, recorded(e.RunPaused(), after=len(read) + 1), summary("r1"))


async def test_closing_writes_what_was_submitted(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path)
    lease = await begin(store)
    appends = [asyncio.create_task(store.append(lease, pause(seq), summary("r1"))) for seq in range(2, 40)]
    await asyncio.sleep(0)
    closings = [asyncio.create_task(store.close()) for _ in range(3)]
    await asyncio.sleep(0)
    closings[0].cancel()
    await asyncio.gather(*closings, return_exceptions=True)
    await asyncio.gather(*appends)
    assert query(tmp_path, "SELECT last_seq FROM runs") == [(39,)]
    assert not (tmp_path / "journal.db-wal").exists()
    assert list((tmp_path / "owners").iterdir()) == []


# Locks


@pytest.mark.parametrize("kind", [fcntl.LOCK_EX, fcntl.LOCK_SH])
async def test_writing_waits_for_the_lock_and_reading_does_not(tmp_path: Path, store: SqliteStore, kind: int) -> None:
    lease = await begin(store)
    with (tmp_path / "journal.lock").open("rb") as file:
        fcntl.flock(file, kind)
        append = asyncio.create_task(store.append(lease, pause(2), summary("r1")))
        for _ in range(20):
            assert len(await store.read("r1")) == 1
        assert not append.done()
    await append
    assert len(await store.read("r1")) == 2


async def test_writing_waits_for_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ASK_AGAIN", 1)
    store = await SqliteStore.open(tmp_path)
    lease = await begin(store)
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        append = asyncio.create_task(store.append(lease, pause(2), summary("r1")))
        for _ in range(100):
            assert len(await store.read("r1")) == 1
        assert not append.done()
        other.execute("COMMIT")
    await append
    await store.close()


async def test_closing_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CLOSING", 0.05)
    store = await SqliteStore.open(tmp_path)
    lease = await begin(store)
    with (tmp_path / "journal.lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        append = asyncio.create_task(store.append(lease, pause(2), summary("r1")))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(StoreError, match=r"journal\.lock for too long"):
            await append
    assert query(tmp_path, "SELECT last_seq FROM runs") == [(1,)]
    assert is_sound(tmp_path)


async def test_opening_can_be_given_up(tmp_path: Path) -> None:
    with (tmp_path / "journal.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        task = asyncio.create_task(SqliteStore.open(tmp_path, patience=600))
        await asyncio.to_thread(wait_for_file, tmp_path / "journal.db")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for thread in [each for each in threading.enumerate() if "journal" in each.name]:
            await asyncio.to_thread(thread.join)


def wait_for_file(path: Path) -> None:
    while not path.exists():
        pass


# Owners


async def test_files_of_killed_owners_are_swept(tmp_path: Path, store: SqliteStore) -> None:
    await begin(store)
    (mine,) = (tmp_path / "owners").iterdir()
    (tmp_path / "owners" / "123-abc").touch()
    other = await SqliteStore.open(tmp_path)
    assert list((tmp_path / "owners").iterdir()) == [mine]
    assert [run.status for run in await other.runs(Query())] == ["running"]
    await other.close()


# Tables


async def test_events_are_never_changed(tmp_path: Path, store: SqliteStore) -> None:
    await store.create("r1", "me", short_run(), summary("r1", inbox=(waiting("r1"),)))
    for statement in ("UPDATE events SET at = 0", "DELETE FROM events", "DELETE FROM events WHERE seq = 14"):
        with pytest.raises(sqlite3.IntegrityError, match="events are"):
            query(tmp_path, statement)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM runs")
    for table in ("events", "attempts", "usage", "inbox"):
        assert query(tmp_path, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_attempts_and_usage_are_tables_too(tmp_path: Path, store: SqliteStore) -> None:
    events = every_event()
    lease = await store.create("r1", "me", events[:10], summary("r1"))
    await store.append(lease, events[10:], summary("r1"))
    attempts = "SELECT step, n, performer, finished - started, status, failure LIKE '%429%', interrupted FROM attempts"
    assert query(tmp_path, attempts) == [
        ("notes", 1, "writer", 3.0, "failed", 1, 0),
        ("notes", 2, "editor", 10.0, "unknown", 1, 1),
    ]
    usage = "SELECT seq, step, key, model, tokens_in, tokens_out, tokens_cached, cost_usd, simulated FROM usage"
    failed, finished = (one.seq for one in events if isinstance(one.event, e.CallFailed | e.CallFinished))
    assert query(tmp_path, usage) == [
        (failed, "notes", "turn1", "openai/gpt-4o", 90, 0, 10, 0.125, 0),
        (finished, "notes", "turn1", "m", 1, None, 0, None, 0),
    ]


async def test_an_attempt_that_is_begun_again_has_a_row_for_each_time(tmp_path: Path, store: SqliteStore) -> None:
    events = recorded(
        started(),
        e.AttemptStarted("a", 1, "writer"),
        e.AttemptFinished("a", 1, "cancelled", interrupted=True),
        e.AttemptStarted("a", 1, "writer"),
        e.AttemptFinished("a", 1, "succeeded"),
        e.AttemptStarted("a", 1),  # nobody's
        e.AttemptFinished("a", 1, "failed"),
    )
    await store.create("r1", "me", events, summary("r1"))
    assert query(tmp_path, "SELECT n, seq, status FROM attempts") == [(1, 2, "cancelled"), (1, 4, "succeeded")]


async def test_a_row_that_is_anothers_now_is_left_alone(tmp_path: Path, store: SqliteStore) -> None:
    lease = await begin(store, "r1")
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM runs")
    await begin(store, "r2")
    assert query(tmp_path, "SELECT id, run_id FROM runs") == [(1, "r2")]  # the id that r1 had
    with pytest.raises(RunUnknown):
        await store.append(lease, pause(2), summary("r1", title="r1's"))
    assert query(tmp_path, "SELECT run_id, title FROM runs") == [("r2", summary("r2").title)]
    assert len(await store.read("r2")) == 1


async def test_of_summaries_that_are_written_together_the_last_one_counts(store: SqliteStore) -> None:
    lease = await begin(store)
    told = [summary("r1", updated=5.0), summary("r1", status="waiting", inbox=(waiting("r1"),), updated=6.0)]
    told += [summary("r1", steps_done=2, updated=7.0), summary("r1", steps_done=3, updated=8.0, cost_usd=0.5)]
    told += [summary("r1", steps_done=4, updated=9.0, cost_usd=0.5)]
    await asyncio.gather(*(store.append(lease, pause(seq), one) for seq, one in enumerate(told, 2)))
    assert await store.runs(Query()) == [replace(told[-1], owner="me")]
    assert await store.inbox() == []
    await store.append(lease, pause(7), told[1], last=True)
    assert await store.inbox() == [waiting("r1")]
    with pytest.raises(Fenced):
        await store.append(lease, pause(8), told[0])
    assert (await store.runs(Query()))[0].updated == 6.0


def test_listing_follows_an_index(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        migrate(connection)
        statement, parameters = list_runs(Query(status=("interrupted",), workflow="w"), ["1-a", "2-b"])
        plan = " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "SCAN runs USING INDEX runs_by_start" in plan
    assert "inbox USING PRIMARY KEY" in plan


# Blobs


async def test_large_values_are_kept_once_beside_the_database(tmp_path: Path, store: SqliteStore) -> None:
    large = {"text": "x" * 300_000}
    lease = await begin(store)
    events = recorded(
        e.CallFinished("a", "k", large), e.StepFinished("a", "succeeded", large), e.RunPaused("y" * 60_000), after=1
    )
    await store.append(lease, events, summary("r1"))
    (blob,) = (tmp_path / "blobs").iterdir()
    assert blob.stat().st_size > 300_000
    assert query(tmp_path, "SELECT seq, blobs IS NULL, length(body) < 500 FROM events WHERE seq > 1 ORDER BY seq") == [
        (2, 0, 1),
        (3, 0, 1),
        (4, 1, 0),
    ]
    assert await store.read("r1", after=1) == events


@pytest.mark.parametrize("how", ["changed", "gone"])
async def test_a_damaged_blob_is_an_error_that_names_it(tmp_path: Path, store: SqliteStore, how: str) -> None:
    lease = await begin(store)
    await store.append(lease, recorded(e.CallFinished("a", "k", "x" * 70_000), after=1), summary("r1"))
    (blob,) = (tmp_path / "blobs").iterdir()
    if how == "gone":
        blob.unlink()
    else:
        blob.write_bytes(blob.read_bytes().replace(b"x", b"y", 1))
    with pytest.raises(StoreError, match=f"Event 2 of run r1: .*{blob.name}"):
        await store.read("r1")


async def test_a_half_written_blob_is_written_again(tmp_path: Path, store: SqliteStore) -> None:
    lease = await begin(store)
    event = e.CallFinished("a", "k", "x" * 70_000)
    await store.append(lease, recorded(event, after=1), summary("r1"))
    (blob,) = (tmp_path / "blobs").iterdir()
    blob.write_bytes(blob.read_bytes()[:1000])
    await store.append(lease, recorded(event, after=2), summary("r1"))
    assert [one.event for one in await store.read("r1", after=1)] == [event, event]


async def test_an_event_that_cannot_be_read_is_named(tmp_path: Path, store: SqliteStore) -> None:
    await begin(store)
    insert = "INSERT INTO events SELECT id, ?, 1.0, ?, 1, ?, NULL FROM runs"
    query(tmp_path, insert, 2, "RunVanished", "{}")
    with pytest.raises(StoreError, match="Event 2 of run r1: The event RunVanished"):
        await store.read("r1")
    query(tmp_path, insert, 3, "RunPaused", "{")
    with pytest.raises(StoreError, match="Event 3 of run r1 is damaged"):
        await store.read("r1", after=2)


# Signs of life, and of writing


async def test_an_owner_shows_when_it_was_last_at_work(tmp_path: Path, store: SqliteStore) -> None:
    await begin(store)
    (owner,) = (tmp_path / "owners").iterdir()
    os.utime(owner, (1000.0, 1000.0))
    (summary,) = await store.runs(Query())
    assert (summary.owner, summary.heard) == ("me", 1000.0)
    store._owners.beat()
    (summary,) = await store.runs(Query())
    assert summary.heard is not None
    assert summary.heard > 1000.0


async def test_a_mark_stays_while_nothing_is_written_and_not_where_that_is_not_sure(
    tmp_path: Path, store: SqliteStore
) -> None:
    lease = await begin(store)
    assert store.mark() != store.mark(), "it was written to only just now"
    log = tmp_path / "journal.db-wal"
    os.utime(log, (1000.0, 1000.0))
    before = store.mark()
    assert store.mark() == before
    await store.append(lease, pause(2), summary("r1"))
    assert store.mark() != before


# Migrations


async def test_an_older_database_is_migrated_and_keeps_its_runs(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path)
    await begin(store)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as connection:
        migrate(connection, (*STEPS, ("CREATE TABLE more (x)", "ALTER TABLE runs ADD COLUMN mood TEXT")))
        assert version_of(connection) == len(STEPS) + 1
        assert connection.execute("SELECT run_id, mood FROM runs").fetchall() == [("r1", None)]
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, (*STEPS, ("CREATE TABLE more (x)",), ("CREATE TABLE last (x)",), ("CREATE TABEL",)))
        assert version_of(connection) == len(STEPS) + 1
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'last'").fetchall() == []


async def test_a_database_that_was_only_just_created_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch(mode=0o600)
    store = await SqliteStore.open(tmp_path)
    await begin(store)
    await store.close()
    assert query(tmp_path, "PRAGMA journal_mode") == [("wal",)]


async def test_several_may_begin_the_same_journal(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(SqliteStore.open(tmp_path / "journal") for _ in range(6)))
    for number, store in enumerate(stores):
        await begin(store, f"r{number}")
    assert len(await stores[0].runs(Query())) == 6
    await asyncio.gather(*(store.close() for store in stores))
    assert is_sound(tmp_path / "journal")


async def test_a_number_that_sqlite_cannot_hold_is_refused(store: SqliteStore) -> None:
    lease = await begin(store)
    unusual = replace(summary("r1"), tokens_in=2**70)
    with pytest.raises(StoreError):
        await store.append(lease, pause(2), unusual)
    await store.append(lease, pause(2), summary("r1"))
