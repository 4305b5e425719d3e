"""Old live text and contents that nobody names are removed; what a run that goes on may need stays."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.housekeeping import DAY, tidy
from workflows.journal.port import Summary
from workflows.journal.spool import Spool
from workflows.journal.sqlite.store import SqliteStore
from workflows.runs import events as e

BIG = "x" * 100_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(tmp_path / "journal")
    yield opened
    await opened.close()


async def begin(store: SqliteStore, run_id: str, status: str, text: str = BIG) -> None:
    started = e.RunStarted("w", "W", text, {}, {"stages": [], "steps": [], "title": "W", "outputs": {}}, "/")
    summary = Summary(run_id, "w", "W", status, 1.0, 1.0)
    lease = await store.create(run_id, "me", [e.Recorded(1, 1.0, started)], summary)
    await store.release(lease)


def aged(folder: Path, days: float) -> None:
    then = time.time() - days * DAY
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


async def test_live_text_of_old_runs_goes(tmp_path: Path, store: SqliteStore) -> None:
    spool = Spool(tmp_path / "spool")
    for run_id, status in (("over", "succeeded"), ("waits", "waiting"), ("forgotten", ""), ("young", "failed")):
        if status:
            await begin(store, run_id, status)
        spool.write(run_id, "a", 1, "text")
    spool.flush()
    for run_id in ("over", "waits", "forgotten"):
        aged(tmp_path / "spool" / run_id, 31)
    assert (await tidy(spool, store, time.time() - 30 * DAY))[0] == 2
    assert sorted(path.name for path in (tmp_path / "spool").iterdir()) == ["waits", "young"]
    assert await tidy(spool, store, time.time() - 30 * DAY) == (0, 0)


async def test_contents_that_nobody_names_go(tmp_path: Path, store: SqliteStore) -> None:
    blobs = tmp_path / "journal" / "blobs"
    await begin(store, "kept", "succeeded", BIG)
    await begin(store, "gone", "succeeded", BIG + "y")
    (blobs / "0.abcd.part").write_text("cut off")
    await store.delete("gone")
    assert await store.tidy(time.time() - DAY) == 0  # too young: somebody may be about to name it
    aged(blobs, 2)
    assert await store.tidy(time.time() - DAY) == 2
    assert len(list(blobs.iterdir())) == 1
    assert (await store.read("kept"))[0].event.source == BIG  # type: ignore[attr-defined]  # it is a RunStarted


async def test_what_is_named_again_meanwhile_stays(tmp_path: Path, store: SqliteStore) -> None:
    blobs = tmp_path / "journal" / "blobs"
    await begin(store, "first", "succeeded")
    await store.delete("first")
    aged(blobs, 2)
    (name,) = os.listdir(blobs)
    await begin(store, "second", "succeeded")  # the same content
    assert store._blobs.drop([name], time.time() - DAY) == 0
    assert (await store.read("second"))[0].event.source == BIG  # type: ignore[attr-defined]  # it is a RunStarted
