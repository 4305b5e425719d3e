"""The journal looked after, with real files: backups, restoring, checking, giving room back, and being killed at it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.restoring import restore_backup
from tests.support.journals import recorded, started, summary
from workflows.journal.port import Query, StoreError
from workflows.journal.sqlite.schema import STEPS
from workflows.journal.sqlite.store import SqliteStore
from workflows.journal.sqlite.upkeep import CURRENT, back_up, check, restore, sizes, vacuum
from workflows.runs import events as e
from workflows.unattended.values import Start

RELEASED = Path(__file__).parents[1] / "contract" / "journals"

LARGE = "ü" * 70_000


async def write(folder: Path, *run_ids: str, text: str = LARGE) -> None:
    store = await SqliteStore.open(folder)
    for run_id in run_ids:
        events = recorded(started(), e.CallFinished("a", "k", text + run_id))
        await store.release(await store.create(run_id, "me", events, summary(run_id)))
    await store.close()


async def read(folder: Path) -> list[str]:
    """The runs of a journal, of which each event can be read."""
    store = await SqliteStore.open(folder)
    runs = sorted(run.run_id for run in await store.runs(Query()))
    for run in runs:
        assert len(await store.read(run)) == 2
    await store.close()
    return runs


async def test_a_backup_is_one_private_file_with_all_that_was_there(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1")
    copy = tmp_path / "new" / "copy.db"
    assert back_up(tmp_path / "journal", copy) == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert os.listdir(copy.parent) == ["copy.db"]
    with pytest.raises(StoreError, match="is there already"):
        back_up(tmp_path / "journal", copy)
    await write(tmp_path / "journal", "r2")
    shutil.rmtree(tmp_path / "journal" / "blobs")
    done = restore(tmp_path / "journal", copy, tmp_path / "kept")
    assert done.schema == CURRENT
    assert await read(tmp_path / "journal") == ["r1"]
    assert check(tmp_path / "journal") == []


async def test_what_was_there_before_can_be_put_back(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1")
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    await write(tmp_path / "journal", "r2")
    kept = restore(tmp_path / "journal", tmp_path / "copy.db", tmp_path / "kept").kept
    assert kept is not None
    assert await read(tmp_path / "journal") == ["r1"]
    restore(tmp_path / "journal", kept, tmp_path / "kept")
    assert await read(tmp_path / "journal") == ["r1", "r2"]
    assert restore(tmp_path / "empty", kept, tmp_path / "kept").kept is None
    assert await read(tmp_path / "empty") == ["r1", "r2"]


async def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "journal")
    lease = await store.create("r1", "me", recorded(started()), summary("r1"))

    async def go_on() -> None:
        for place in range(1, 200):
            await store.append(lease, recorded(e.Noted("a", LARGE), after=place), summary("r1"))

    writing = asyncio.create_task(go_on())
    for number in range(5):
        await asyncio.to_thread(back_up, tmp_path / "journal", tmp_path / f"{number}.db")
    await writing
    await store.close()
    for number in range(5):
        restore(tmp_path / f"restored{number}", tmp_path / f"{number}.db", tmp_path / "kept")
        assert check(tmp_path / f"restored{number}") == []


async def test_restoring_is_refused_while_another_process_uses_the_journal(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1")
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    idle = "import asyncio, sys\nfrom pathlib import Path\nfrom workflows.journal.sqlite.store import SqliteStore\n"
    idle += "async def main():\n    store = await SqliteStore.open(Path(sys.argv[1]))\n    print('open', flush=True)\n"
    idle += "    await asyncio.to_thread(sys.stdin.read)\n    await store.close()\nasyncio.run(main())\n"
    command = [sys.executable, "-c", idle, str(tmp_path / "journal")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="Another process uses"):
            restore(tmp_path / "journal", tmp_path / "copy.db", tmp_path / "kept")
        other.communicate("")
    assert other.returncode == 0
    restore(tmp_path / "journal", tmp_path / "copy.db", tmp_path / "kept")


async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1")
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    (tmp_path / "text.db").write_text("no database" * 1000)
    (tmp_path / "empty.db").touch()
    shutil.copy(tmp_path / "copy.db", tmp_path / "newer.db")
    with closing(sqlite3.connect(tmp_path / "newer.db")) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    data = bytearray((tmp_path / "copy.db").read_bytes())
    data[8192:12288] = bytes(4096)
    (tmp_path / "damaged.db").write_bytes(data)
    shutil.copy(tmp_path / "copy.db", tmp_path / "changed.db")
    with closing(sqlite3.connect(tmp_path / "changed.db")) as connection, connection:
        connection.execute("UPDATE kept_blobs SET data = 'other'")
    for name, why in (
        ("nothing", "no file"),
        ("text", "no backup"),
        ("empty", "empty"),
        ("newer", "newer release"),
        ("damaged", "damaged"),
        ("changed", "damaged"),
    ):
        with pytest.raises(StoreError, match=why):
            restore(tmp_path / "journal", tmp_path / f"{name}.db", tmp_path / "kept")
        assert await read(tmp_path / "journal") == ["r1"], name
    assert sorted(os.listdir(tmp_path / "journal")) == ["blobs", "journal.db", "journal.lock", "owners"]


async def test_a_damaged_journal_gives_way_to_a_backup_and_is_kept_as_it_is(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1")
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    path = tmp_path / "journal" / "journal.db"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 9000)
    kept = restore(tmp_path / "journal", tmp_path / "copy.db", tmp_path / "kept").kept
    assert kept is not None
    assert kept.read_bytes().endswith(b"x" * 9000)
    assert await read(tmp_path / "journal") == ["r1"]


async def test_checking_finds_what_is_wrong(tmp_path: Path) -> None:
    await write(tmp_path / "journal", "r1", "r2", "r3")
    assert check(tmp_path / "journal") == []
    first, second, _ = sorted((tmp_path / "journal" / "blobs").iterdir())
    first.write_text("changed")
    second.unlink()
    with closing(sqlite3.connect(tmp_path / "journal" / "journal.db")) as connection, connection:
        connection.execute("UPDATE runs SET last_seq = 7 WHERE run_id = 'r3'")
    found = check(tmp_path / "journal")
    assert len(found) == 3
    assert any("run r3 has 2 events and should have 7" in problem for problem in found)
    with pytest.raises(StoreError, match="no journal"):
        check(tmp_path / "nowhere")


async def test_room_is_given_back(tmp_path: Path) -> None:
    await write(tmp_path / "journal", *(f"r{n}" for n in range(40)), text="x" * 30_000)
    store = await SqliteStore.open(tmp_path / "journal")
    for n in range(1, 40):
        await store.delete(f"r{n}")
    before, after = vacuum(tmp_path / "journal")  # while another has it open
    assert after.database < before.database / 4
    assert after.runs == {"running": 1}
    await store.close()
    assert sizes(tmp_path / "journal").log == 0
    assert await read(tmp_path / "journal") == ["r0"]


async def test_a_backup_of_an_older_release_is_brought_up_to_date_and_held(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript((RELEASED / "0.1.0.sql").read_text(encoding="utf-8"))
    done = await restore_backup(tmp_path / "journal", tmp_path / "old.db", tmp_path / "kept")
    assert (done.schema, done.kept) == (1, None)
    assert sizes(tmp_path / "journal").schema == CURRENT
    store = await SqliteStore.open(tmp_path / "journal")
    assert len(await store.read("aaaa1111")) == 14
    await store.close()
    assert os.listdir(tmp_path / "kept") == []


async def test_starts_that_were_queued_in_a_backup_are_left_out(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "journal")
    for key, status in (("k1", "queued"), ("k2", "started")):
        await store.standing.ask(Start(key, "api:ada", "nightly", status=status))  # type: ignore[arg-type]  # one of them
    await store.close()
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    done = await restore_backup(tmp_path / "journal", tmp_path / "copy.db", tmp_path / "kept")
    assert done.left_out == 1
    store = await SqliteStore.open(tmp_path / "journal")
    assert [(start.key, start.status) for start in await store.standing.starts()] == [
        ("k2", "started"),
        ("k1", "skipped"),
    ]
    await store.close()


KILLED = """
import json, os, shutil, signal, sqlite3, sys
from pathlib import Path
from workflows.journal.sqlite.upkeep import check, restore, sizes, vacuum

what, base, most = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

def work(folder):
    if what == "restore":
        restore(folder, base / "copy.db", base / "kept")
    else:
        vacuum(folder)

def attempt(folder, point):
    # Killed at the point-th sign of work: a file opened, named or removed, or some steps of SQLite's machine.
    if (child := os.fork()) == 0:
        seen = 0
        def tick():
            nonlocal seen
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0
        def heard(event, arguments):
            if event in ("open", "os.rename", "os.remove", "os.link", "sqlite3.connect"):
                tick()
        class Watched(sqlite3.Connection):
            def __init__(self, *given, **named):
                super().__init__(*given, **named)
                self.set_progress_handler(tick, 10)
        sqlite3.connect = sqlite3.Connection = Watched
        sys.addaudithook(heard)
        work(folder)
        (base / "seen").write_text(str(seen))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def fresh(name):
    folder = base / name
    shutil.copytree(base / "journal", folder)
    return folder

assert attempt(fresh("whole"), 0) == 0
points = int((base / "seen").read_text())
found = []
for point in sorted({1 + points * n // most for n in range(most)} | {*range(max(1, points - 12), points + 1)}):
    folder = fresh(f"at{point}")
    code = attempt(folder, point)
    found.append([code, check(folder), dict(sizes(folder).runs)])
    work(folder)
    found.append([0, check(folder), dict(sizes(folder).runs)])
    shutil.rmtree(folder)
print(json.dumps(found))
"""


@pytest.mark.parametrize("what", ["restore", "vacuum"])
async def test_being_killed_leaves_the_journal_whole_as_before_or_after(tmp_path: Path, what: str) -> None:
    await write(tmp_path / "journal", "r1")
    back_up(tmp_path / "journal", tmp_path / "copy.db")
    await write(tmp_path / "journal", *(f"r{n}" for n in range(2, 30)), text="x" * 20_000)
    command = [sys.executable, "-c", KILLED, what, str(tmp_path), "16"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(code == -9 for code, _, _ in found) >= 12
    assert all(problems == [] for _, problems, _ in found)
    after = {"running": 1 if what == "restore" else 29}
    assert all(runs in ({"running": 29}, after) for _, _, runs in found)
    assert all(runs == after for _, _, runs in found[1::2])
