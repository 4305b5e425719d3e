"""The proof of schedules: days on which two zones change their clocks, and servers that are killed while they pass.

The clock stands in a file and is moved from slot to slot, so a day takes minutes and every moment is chosen. What had
to start is worked out by a model that looks at every minute, and by when a server was there; what did start is in the
journal. `python -m tests.proof.schedules` (or `./dev proof schedules`) plays both days and prints figures.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from tests.proof.schedules_server import FileClock, paths_in
from tests.proof.table import print_table
from tests.support.slow_slots import slow
from workflows.journal.port import Query
from workflows.journal.sqlite import SqliteStore
from workflows.unattended.values import Schedule, Start, Version
from workflows.values import digest

TEXT = "name: Tick\nsteps: [{id: tick, type: transform, value: 1}]\n"
PATIENCE = 300.0
"""Seconds of the real clock that one slot may take: a server starts within."""

LATE = 60.0
"""Seconds after which a slot was missed."""


Slot: TypeAlias = tuple[str, float]
"""A schedule's id and one of its slots."""


@dataclass(frozen=True)
class Period:
    """Hours in which both zones change their clocks."""

    name: str
    since: datetime
    until: datetime


SPRING = Period("spring", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
AUTUMN = Period("autumn", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
NIGHT = Period("night", datetime(2026, 3, 28, 23, 50, tzinfo=UTC), datetime(2026, 3, 29, 1, 40, tzinfo=UTC))


def schedules_of(period: Period) -> list[Schedule]:
    """What is due in a period: lines that go by time and lines of times, an interval, and each policy."""
    began = period.since.timestamp()

    def made(name: str, missed: str, cron: str = "", zone: str = "UTC", every: float = 0.0) -> Schedule:
        return Schedule(
            f"{period.name}-{name}",
            "tick",
            cron=cron,
            every=every,
            timezone=zone,
            missed=missed,
            overlap="allow",
            created=began,
            since=began,
        )

    return [
        made("quarters", "all", "*/15 * * * *", "Europe/Madrid"),
        made("thirds", "all", "7,27,47 * * * *", "Asia/Beirut"),
        made("nights", "all", "30 0,1,2,3 * * *", "Europe/Madrid"),
        made("midnights", "all", "0 0,2 * * *", "Asia/Beirut"),
        made("hours", "latest", "10 * * * *", "Europe/Madrid"),
        made("every", "skip", every=1200.0),
    ]


def slots_of(schedule: Schedule, period: Period) -> list[float]:
    """All its slots in the period, by the slow model."""
    if schedule.cron:
        return slow(schedule.cron, schedule.timezone, period.since, period.until)
    length = (period.until - period.since).total_seconds()
    return [schedule.created + n * schedule.every for n in range(1, int(length // schedule.every) + 1)]


def to_start(missed: str, passed: list[float], now: float) -> list[float]:
    """Which of the slots that passed unseen are made up for."""
    fresh = [slot for slot in passed if now - slot <= LATE]
    old = [slot for slot in passed if now - slot > LATE]
    match missed:
        case "all":
            return passed
        case "latest":
            return fresh or old[-1:]
    return fresh


@dataclass
class House:
    """Servers, the clock and what they share."""

    folder: Path
    store: SqliteStore
    clock: FileClock
    servers: list[asyncio.subprocess.Process] = field(default_factory=list)
    kills: int = 0
    pairs: int = 0

    async def serve(self) -> None:
        """One more server; on return it is up."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.proof.schedules_server",
            str(self.folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        self.servers.append(process)
        self.pairs += len(self.servers) > 1
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"ready\n", "a server did not start"

    async def kill(self, all_of_them: bool) -> None:
        """kill -9 one server, or all."""
        for process in self.servers if all_of_them else self.servers[:1]:
            process.kill()
            await process.wait()
            self.kills += 1
        self.servers = [] if all_of_them else self.servers[1:]

    async def settled(self, keys: list[str], latest: float) -> None:
        """Until these starts are made, and their runs are over. Time may pass meanwhile, up to `latest`."""
        async with asyncio.timeout(PATIENCE):
            left, looks = set(keys), 0
            while left:
                for key in sorted(left):
                    start = await self.store.standing.start_of(key)
                    if start is not None and start.status == "started":
                        runs = await self.store.runs(Query(ids=(start.run_id,), status=("succeeded",)))
                        left -= {key} if runs else set()
                looks += 1
                if left:
                    await asyncio.sleep(0.01)
                    if looks % 20 == 0:  # a server looks again by the clock for what another one left
                        self.clock.move_to(min(self.clock.now() + 1.0, latest))


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """A place for servers; whatever is left of them is killed in the end."""
    paths = paths_in(folder)
    paths.root.mkdir(parents=True, exist_ok=True)
    store = await SqliteStore.open(paths.journal)
    made = House(folder, store, FileClock(folder / "clock"))
    try:
        yield made
    finally:
        await made.kill(all_of_them=True)
        await store.close()


def key_of(schedule: Schedule, slot: float) -> str:
    """As the product makes keys; written here once more."""
    return f"schedule:{schedule.id}:{datetime.fromtimestamp(slot, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def play(
    place: House, period: Period, kills: int, dice: random.Random
) -> tuple[dict[str, set[float]], set[Slot]]:
    """Let a period pass, and kill servers so often. Returns the slots that had to start, by schedule, and those in
    which servers were killed: one that was missed after all may have started before that."""
    schedules = schedules_of(period)
    slots = {schedule.id: slots_of(schedule, period) for schedule in schedules}
    moments = sorted({slot for each in slots.values() for slot in each})
    place.clock.move_to(period.since.timestamp())
    for schedule in schedules:
        await place.store.standing.put_schedule(schedule)
    await place.serve()
    apart = len(moments) // (kills + 2)  # whoever was killed is back by then
    chosen = set(dice.sample(range(1, len(moments) - 1, apart), kills))
    expected: dict[str, set[float]] = {schedule.id: set() for schedule in schedules}
    struck: set[Slot] = set()
    seen, comes_back = period.since.timestamp(), -1
    for number, moment in enumerate(moments):
        place.clock.move_to(moment)
        if number in chosen and place.servers:
            await strike(place, dice)
            comes_back = number + dice.choice((0, 0, 1, 2, 7)) if not place.servers else -1
            struck.update((schedule.id, moment) for schedule in schedules if moment in slots[schedule.id])
        if not place.servers and number >= comes_back:
            await place.serve()
        if not place.servers:
            continue
        keys = []
        for schedule in schedules:
            passed = [slot for slot in slots[schedule.id] if seen < slot <= moment]
            start = to_start(schedule.missed, passed, moment)
            expected[schedule.id].update(start)
            keys += [key_of(schedule, slot) for slot in start]
        following = moments[number + 1] if number + 1 < len(moments) else moment + 60
        await place.settled(keys, min(following - 1, moment + 50))
        seen = moment
        if len(place.servers) == 1 and dice.random() < 0.05:
            await place.serve()
    await place.kill(all_of_them=True)
    for schedule in schedules:
        await place.store.standing.remove_schedule(schedule.id)
    return expected, struck


async def strike(place: House, dice: random.Random) -> None:
    """Kill a server, or both, at once or a little later: while it asks, begins a run, or is done."""
    await asyncio.sleep(dice.choice((0.0, 0.0, 0.005, 0.01, 0.02, 0.05)))
    await place.kill(all_of_them=dice.random() < 0.7)


async def judge(place: House, expected: dict[str, set[float]], struck: set[Slot]) -> AsyncIterator[str]:
    """What is not as it has to be."""
    counted: Counter[str] = Counter(run.cause for run in await place.store.runs(Query(limit=100_000)))
    for id_, slots in expected.items():
        starts = await place.store.standing.starts(cause=f"schedule:{id_}", limit=100_000)
        may = {slot for of, slot in struck if of == id_}
        for each in not_as_expected(starts, slots, may):
            yield f"{id_}: {each}"
        begun = [start for start in starts if start.status == "started"]
        if counted[f"schedule:{id_}"] != len(begun):
            yield f"{id_}: {counted[f'schedule:{id_}']} runs of {len(begun)} starts"


def not_as_expected(starts: list[Start], slots: set[float], may: set[float]) -> Iterator[str]:
    """How what was asked for differs from what had to be, and what may have been."""
    begun = Counter(start.due for start in starts if start.status == "started")
    for slot in sorted(slots - begun.keys()):
        yield f"{datetime.fromtimestamp(slot, UTC)} did not start"
    for slot in sorted(begun.keys() - slots - may):
        yield f"{datetime.fromtimestamp(slot, UTC)} had not to start"
    for slot, times in begun.items():
        if times > 1:
            yield f"{datetime.fromtimestamp(slot, UTC)} started {times} times"
    for start in starts:
        if start.status not in ("started", "skipped"):
            yield f"{start.key} is {start.status}: {start.why}"


async def prove(folder: Path, periods: list[Period], kills: int, seed: int) -> tuple[list[str], dict[str, int]]:
    """Play, and say what was violated, and figures."""
    dice, found = random.Random(seed), []
    async with house(folder) as place:
        await place.store.standing.publish(Version("tick", 0, digest(TEXT), TEXT, root=str(paths_in(folder).root)))
        had_to: dict[str, set[float]] = {}
        struck: set[Slot] = set()
        for period in periods:
            more, hit = await play(place, period, kills // len(periods), dice)
            had_to, struck = had_to | more, struck | hit
        found = [each async for each in judge(place, had_to, struck)]
        slots = sum(len(slots_of(each, period)) for period in periods for each in schedules_of(period))
        skipped = await place.store.standing.starts(("skipped",), limit=100_000)
        figures = {
            "slots": slots,
            "had to start": sum(map(len, had_to.values())),
            "left out by their policy": slots - sum(map(len, had_to.values())),
            "gaps noted": len(skipped),
            "servers killed": place.kills,
            "times two servers ran": place.pairs,
            "violations": len(found),
        }
    return found, figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof schedules", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--small", action="store_true", help="one night instead of two days")
    parser.add_argument("--keep", type=Path, help="a new folder to play in")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        periods = [NIGHT] if given.small else [SPRING, AUTUMN]
        found, figures = asyncio.run(prove(folder, periods, given.kills, given.seed))
    for each in found:
        print(f"VIOLATED: {each}", file=sys.stderr)
    print_table(("", ""), [(name, str(value)) for name, value in figures.items()])
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
