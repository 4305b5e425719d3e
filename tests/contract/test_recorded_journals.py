"""What a released version wrote, every later one reads. A file here is never changed once its version is out."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import is_sound, query
from tests.support.journals import BEGAN, every_event, recorded, started, summary
from workflows.journal.codec import decode, encode
from workflows.journal.drafts import Draft
from workflows.journal.port import Query, Recovery, Remembered
from workflows.journal.sqlite import SqliteStore
from workflows.journal.sqlite.schema import STEPS
from workflows.runs import events as e
from workflows.runs.events import EVENTS, Recorded

JOURNALS = sorted((Path(__file__).parent / "journals").glob("*.jsonl"))
DATABASES = sorted((Path(__file__).parent / "journals").glob("*.sql"))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.stem)
def test_a_released_journal_is_read(path: Path) -> None:
    for line in read(path):
        event = decode(line["type"], line["version"], line["body"])
        assert decode(type(event).__name__, event.version, encode(event)) == event


def test_the_newest_journal_has_every_event_as_it_is_written_today() -> None:
    newest = read(JOURNALS[-1])
    assert {line["type"] for line in newest} == set(EVENTS)
    events = [Recorded(line["seq"], line["at"], decode(line["type"], line["version"], line["body"])) for line in newest]
    assert events == every_event()
    for line, one in zip(newest, every_event(), strict=True):
        assert line["body"] == encode(one.event)


@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.stem)
async def test_a_released_database_is_brought_up_to_date_and_used(tmp_path: Path, path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.executescript(path.read_text(encoding="utf-8"))
    before = query(tmp_path, "SELECT * FROM events")
    store = await SqliteStore.open(tmp_path)
    assert query(tmp_path, "PRAGMA user_version") == [(len(STEPS),)]
    events = await store.read("aaaa1111")
    assert [one.seq for one in events] == list(range(1, 15))
    assert events[-1].event == e.RunFinished("succeeded", {"notes": "## Notes"})
    assert [(run.run_id, run.status) for run in await store.runs(Query())] == [
        ("bbbb2222", "waiting"),
        ("aaaa1111", "succeeded"),
    ]
    assert [each.entry for each in await store.inbox()] == ["notes/approve1"]
    assert [each.choice for each in await store.answers("bbbb2222")] == ["approve"]
    assert await store.drafts() == [Draft("d1", BEGAN, "One", "name: one\nsteps: []\n")]
    # What it learnt before anybody asked for it is there too.
    assert await store.recoveries("writer") == [Recovery("rate_limited", 2.0, True)]
    assert await store.recall("k", 0.0) is None
    lease = await store.claim("bbbb2222", "me")
    kept = recorded(e.StepFinished("notes", "succeeded", 1, cache_key="k"), after=8)
    await store.append(lease, kept, summary("bbbb2222"))
    assert await store.recall("k", 0.0) == Remembered("bbbb2222", "notes", BEGAN + 9, 1)
    await store.close()
    assert query(tmp_path, "SELECT * FROM events")[: len(before)] == before
    assert is_sound(tmp_path)


async def test_a_deleted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path)
    for run_id in ("r1", "r2"):
        kept = recorded(started(), e.StepFinished("a", "succeeded", run_id, cache_key="k"))
        await store.create(run_id, "me", kept, summary(run_id))
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM runs WHERE run_id = 'r2'")
    assert await store.recall("k", 0.0) == Remembered("r1", "a", BEGAN + 2, "r1")
    assert query(tmp_path, "SELECT count(*) FROM remembered") == [(1,)]
    assert query(tmp_path, "SELECT count(*) FROM events WHERE run = 2") == [(0,)]
    await store.close()
    assert is_sound(tmp_path)
