"""Another process at a journal, for tests that kill it, starve it or race it: `python -m ... MODE FOLDER ...`.

Every line on stdout is one acknowledged fact, written after the store said that it is durable.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from tests.support.journals import recorded, started, summary
from workflows.journal.port import Lease, PostedAnswer, Query, StorageFull, StoreError
from workflows.journal.sqlite import SqliteStore
from workflows.runs import events as e


def say(*fact: object) -> None:
    """One write, so that a line is whole or absent."""
    os.write(1, (json.dumps(fact) + "\n").encode())


async def begin(store: SqliteStore, run_id: str) -> Lease:
    lease = await store.create(run_id, f"pid {os.getpid()}", recorded(started()), summary(run_id))
    say(run_id, 1)
    return lease


async def append(folder: Path, prefix: str, runs: str, count: str = "") -> None:
    """Some runs that append at once, each `count` times or for ever."""
    store = await SqliteStore.open(folder)

    async def work(number: int) -> None:
        run_id = f"{prefix}{number}"
        lease = await begin(store, run_id)
        for seq in itertools.count(2) if not count else range(2, int(count) + 2):
            # Now and then one that needs a blob.
            text = "x" * (70_000 if seq % 50 == 0 else 200) + f"{run_id}/{seq}"
            events = recorded(e.CallFinished("a", f"k{seq}", {"text": text}), after=seq - 1)
            await store.append(lease, events, summary(run_id, steps_done=seq))
            say(run_id, seq)

    await asyncio.gather(*(work(number) for number in range(int(runs))))
    await store.close()


async def own(folder: Path, run_id: str) -> None:
    """Own a run until stdin ends, with a child that lives as long as that, too."""
    store = await SqliteStore.open(folder)
    lease = await store.create(run_id, f"pid {os.getpid()}", recorded(started()), summary(run_id))
    child = subprocess.Popen(["cat"], stdout=subprocess.DEVNULL, close_fds=False)
    say(lease.run_id, child.pid)
    await asyncio.to_thread(sys.stdin.read)
    await store.close()


async def answer(folder: Path) -> None:
    """Answer all that waits, one after the other."""
    store = await SqliteStore.open(folder)
    for waits in await store.inbox():
        posted = await store.post_answer(PostedAnswer(0, waits.run_id, waits.entry, "approve"))
        say(posted.id)
    await store.close()


async def starve(folder: Path, how: str) -> None:
    """Append until there is no room, then make room and go on. `how` is `limit`, or a file to delete."""
    store = await SqliteStore.open(folder)
    lease = await begin(store, "r1")
    if how == "limit":
        size = (folder / "journal.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, resource.RLIM_INFINITY))
    seq = 2
    while True:
        events = recorded(e.CallFinished("a", f"k{seq}", "x" * 5000), after=seq - 1)
        try:
            await store.append(lease, events, summary("r1", steps_done=seq))
        except StorageFull as error:
            refused = error
            break
        say("r1", seq)
        seq += 1
    assert refused.hint
    assert len(await store.read("r1")) == seq - 1
    for large in (events, recorded(e.CallFinished("a", "large", "y" * 1_000_000), after=seq - 1)):
        try:
            await store.append(lease, large, summary("r1"))
        except StorageFull:
            continue
        raise AssertionError("there was room after all")
    if how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    else:
        Path(how).unlink()
    await store.append(lease, events, summary("r1", steps_done=seq))
    say("r1", seq)
    say("refused", refused.message)
    await store.close()


async def _be_nobody() -> None:
    """Be nobody where this is root, whom no mode keeps from anything."""
    await asyncio.to_thread(int)  # so that all modules are there
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


async def look(folder: Path) -> None:
    """Read what cannot be written, try to write to it, and say what came of it."""
    await _be_nobody()
    try:
        store = await SqliteStore.open_to_read(folder, patience=0.2)
        say(*[found.run_id for found in await store.runs(Query())], len(await store.read("r1")))
        await store.post_answer(PostedAnswer(0, "r1", "x", "approve"))
    except StoreError as error:
        say(error.message, error.hint)
    else:
        await store.close()


async def refuse(folder: Path) -> None:
    """Open what cannot be opened, and say why."""
    await _be_nobody()
    try:
        await SqliteStore.open(folder, patience=0.2)
    except StoreError as error:
        say(error.message, error.hint)


if __name__ == "__main__":
    modes = {"append": append, "own": own, "answer": answer, "starve": starve, "refuse": refuse, "look": look}
    mode = modes[sys.argv[1]]
    asyncio.run(mode(Path(sys.argv[2]), *sys.argv[3:]))  # type: ignore[operator]  # each mode takes its own arguments
