"""How near the journal comes to bare SQLite: `python benchmarks/journal.py [FOLDER]`.

Bare SQLite does the same durable work with no event loop, threads, checks or file lock: one connection, the same tables
and pragmas, `synchronous=FULL`, one commit for each group of appends. Both take turns within each round, because disks
differ more from minute to minute than the two do; the ratios are medians over the rounds.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from workflows.journal.codec import encode, text_of
from workflows.journal.port import Query, Summary
from workflows.journal.sqlite import SqliteStore
from workflows.journal.sqlite.schema import migrate
from workflows.runs import events as e

ROUNDS = 7
APPENDS = {1: 1000, 10: 5000, 100: 20000}
"""By how many append at once: how many appends in all."""

OUTPUT = {"text": "x" * 300}


def event(seq: int) -> e.Recorded:
    return e.Recorded(seq, 1.0, e.CallFinished("notes", f"turn{seq}", OUTPUT))


def summary(run_id: str, seq: int) -> Summary:
    return Summary(
        run_id, "release-notes", "Release notes", "running", 1.0, float(seq), steps_done=seq, root="/home/ada"
    )


def bare(folder: Path, at_once: int, appends: int) -> float:
    """Seconds for the appends, `at_once` in each commit."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    migrate(connection)
    row = "?, ?, 'w', 't', 'running', 1, 1, NULL, 0, 0, 0, 0, 0, NULL, 1, 0, '/home/ada', 'o', 'h', 1, 0"
    connection.executemany(f"INSERT INTO runs VALUES ({row})", [(n, f"r{n}") for n in range(at_once)])
    body = text_of(encode(event(1).event))
    written = 0
    began = time.perf_counter()
    for seq in range(1, appends // at_once + 1):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE runs SET last_seq = ?, updated = ?, steps_done = ? WHERE id = ?",
            [(seq, 1.0, seq, n) for n in range(at_once)],
        )
        connection.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(n, seq, 1.0, "CallFinished", 1, body, None) for n in range(at_once)],
        )
        connection.execute("COMMIT")
        written += 5 * 4096 + at_once * len(body)
        if written > 4_000_000:
            written = 0
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    taken = time.perf_counter() - began
    connection.close()
    return taken


def ours(folder: Path, at_once: int, appends: int) -> float:
    """Seconds for the appends by `at_once` tasks, each of which awaits one before the next."""

    async def main() -> float:
        store = await SqliteStore.open(folder / "ours")
        leases = [await store.create(f"r{n}", "me", [event(1)], summary(f"r{n}", 1)) for n in range(at_once)]

        async def work(number: int) -> None:
            lease = leases[number]
            for seq in range(2, appends // at_once + 2):
                await store.append(lease, [event(seq)], summary(lease.run_id, seq))

        began = time.perf_counter()
        await asyncio.gather(*(work(number) for number in range(at_once)))
        taken = time.perf_counter() - began
        await store.close()
        return taken

    return asyncio.run(main())


def measure(place: Path) -> None:
    print(f"SQLite {sqlite3.sqlite_version}, FULL; medians of {ROUNDS} rounds in turns")
    print(f"{'at once':>8} {'bare /s':>10} {'ours /s':>10} {'ours/bare':>10} {'ms an append':>13}")
    for at_once, appends in APPENDS.items():
        taken: dict[Callable[[Path, int, int], float], list[float]] = {bare: [], ours: []}
        for turn in range(ROUNDS):
            for way in (bare, ours) if turn % 2 else (ours, bare):
                with tempfile.TemporaryDirectory(dir=place) as folder:
                    taken[way].append(way(Path(folder), at_once, appends))
        ratio = statistics.median(mine / floor for floor, mine in zip(taken[bare], taken[ours], strict=True))
        floor, mine = (statistics.median(times) for times in taken.values())
        print(
            f"{at_once:>8} {appends / floor:>10,.0f} {appends / mine:>10,.0f} {1 / ratio:>10.2f}"
            f" {1000 * mine * at_once / appends:>13.3f}"
        )


async def measure_history(folder: Path) -> None:
    """A journal of 10,000 runs: opening it, a page of the list, the last events of a long run."""
    store = await SqliteStore.open(folder)
    for start in range(0, 10_000, 500):
        names = [f"{n:08x}" for n in range(start, start + 500)]
        leases = await asyncio.gather(*(store.create(name, "me", [event(1)], summary(name, 1)) for name in names))
        await asyncio.gather(*(store.release(lease) for lease in leases))
    lease = await store.create("long", "me", [event(1)], summary("long", 1))
    await store.append(lease, [event(seq) for seq in range(2, 5001)], summary("long", 5000))
    await store.close()

    async def timed(what: str, times: int, *calls: Callable[[], object]) -> None:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            for call in calls:
                await call()  # type: ignore[misc]  # each gives a coroutine
            taken.append(time.perf_counter() - began)
        print(f"{what:<42} {1000 * statistics.median(taken):8.2f} ms")

    async def reopen() -> None:
        await (await SqliteStore.open(folder)).close()

    print("with 10,000 runs:")
    await timed("open and close", 11, reopen)
    store = await SqliteStore.open(folder)
    await timed("first page of 100", 11, lambda: store.runs(Query()))
    await timed("page 90 of 100", 11, lambda: store.runs(Query(offset=9000)))
    await timed("a status that no run has", 11, lambda: store.runs(Query(status=("failed",))))
    await timed("a text that no run has", 11, lambda: store.runs(Query(text="nowhere")))
    await timed("resolve a prefix", 11, lambda: store.resolve("0000020f"))
    await timed("inbox", 11, store.inbox)
    await timed("read 5,000 events", 5, lambda: store.read("long"))
    await store.close()


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT)
    measure(place)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        asyncio.run(measure_history(Path(folder)))
