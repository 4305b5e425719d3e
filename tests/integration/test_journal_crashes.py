"""The journal when its processes are killed, race each other, or run out of room."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import facts, finish, is_sound, query, start
from tests.support.journals import recorded, started, summary, waiting
from workflows.journal.port import Query, RunOwned
from workflows.journal.sqlite import SqliteStore
from workflows.runs import events as e

KILLS = 8


async def test_nothing_acknowledged_is_lost_by_killing(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: dict[str, int] = {}
    for kill in range(KILLS):
        process = start("append", tmp_path, f"k{kill}-", "4")
        assert process.stdout is not None
        # At random moments: while the first runs are created, and up to some checkpoints later.
        lines = [process.stdout.readline() for _ in range(chance.choice((1, 10, 100, 700)))]
        process.kill()
        output = b"".join(lines) + process.stdout.read()
        assert process.communicate()[1] == b""
        acknowledged |= dict(facts(output))
    assert is_sound(tmp_path)
    store = await SqliteStore.open(tmp_path)
    try:
        for run_id, seq in acknowledged.items():
            read = await store.read(run_id)
            assert len(read) >= seq
            assert [one.seq for one in read] == list(range(1, len(read) + 1))
            for one in read[1:]:
                assert isinstance(one.event, e.CallFinished)
                assert one.event.output["text"].endswith(f"x{run_id}/{one.seq}")
        runs = await store.runs(Query(limit=1000))
        assert {run.run_id for run in runs} >= acknowledged.keys()
        for run in runs:
            assert (run.status, run.owner) == ("interrupted", "")
            assert run.steps_done in (0, len(await store.read(run.run_id)))
        lease = await store.claim("k0-0", "me")
        assert lease.epoch == 2
    finally:
        await store.close()


async def test_the_owner_is_known_to_be_dead_the_moment_it_is(tmp_path: Path) -> None:
    process = start("own", tmp_path, "r1")
    assert process.stdout is not None
    ((_, child),) = facts(process.stdout.readline())
    store = await SqliteStore.open(tmp_path)
    try:
        with pytest.raises(RunOwned, match=f"pid {process.pid}"):
            await store.claim("r1", "me")
        assert [run.status for run in await store.runs(Query())] == ["running"]
        process.kill()
        process.wait()
        assert [run.status for run in await store.runs(Query())] == ["interrupted"]
        # A program that the owner started outlives it, and does not count as the owner.
        os.kill(child, 0)
        assert (await store.claim("r1", "me")).epoch == 2
    finally:
        process.communicate()
        await store.close()


async def test_processes_write_at_once(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path)
    inbox = tuple(waiting("here", f"notes:{n}") for n in range(100))
    lease = await store.create("here", "me", recorded(started()), summary("here", inbox=inbox))
    processes = [start("append", tmp_path, prefix, "3", "120") for prefix in ("a", "b")]
    processes.append(start("answer", tmp_path))
    seq = 1
    while any(process.poll() is None for process in processes):
        seq += 1
        await store.append(lease, recorded(e.RunPaused(str(seq)), after=seq - 1), summary("here", inbox=inbox))
    said = [finish(process) for process in processes]
    for run_id in ("a0", "a1", "a2", "b0", "b1", "b2"):
        assert len(await store.read(run_id)) == 121
    assert len(await store.read("here")) == seq
    assert [[answer.id] for answer in await store.answers("here")] == said[2]
    assert len(said[2]) == len(inbox)
    await store.close()
    assert is_sound(tmp_path)


def check_starved(folder: Path, said: list[list[object]]) -> None:
    *written, (_, message) = said
    assert str(folder) in str(message)
    assert [seq for _, seq in written] == list(range(1, len(written) + 1))
    assert len(written) > 10


def test_a_limit_is_met_and_lifted(tmp_path: Path) -> None:
    said = finish(start("starve", tmp_path, "limit"))
    check_starved(tmp_path, said)
    assert query(tmp_path, "SELECT count(*) FROM events") == [(len(said) - 1,)]
    assert is_sound(tmp_path)


UNSHARE = ["unshare", "--map-root-user", "--mount"]


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode != 0,
    reason="no mount namespaces here",
)
def test_the_disk_fills_and_is_emptied(tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    script = f'mount -t tmpfs -o size=1m none {tiny} && head -c 200000 /dev/zero > {tiny}/ballast && exec "$@"'
    before = [*UNSHARE, "sh", "-c", script, "sh"]
    said = finish(start("starve", tiny / "journal", str(tiny / "ballast"), before=before))
    check_starved(tiny / "journal", said)
    assert "no room" in said[-1][1]


def test_a_program_that_forgets_to_close_ends_and_keeps_what_it_wrote(tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from tests.support.journals import recorded, started, summary
from workflows.journal.sqlite import SqliteStore

async def main():
    store = await SqliteStore.open(Path({str(tmp_path)!r}))
    asyncio.create_task(store.create("r1", "me", recorded(started()), summary("r1")))
    await asyncio.sleep(0)

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert query(tmp_path, "SELECT run_id FROM runs") == [("r1",)]
    assert not (tmp_path / "journal.db-wal").exists()
    assert list((tmp_path / "owners").iterdir()) == []
