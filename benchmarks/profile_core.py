"""Where the time of the engine's core goes: `python benchmarks/profile_core.py [CASE...] [--store sqlite] [--profile]`.

Each case is driven by the real engine, on the memory store and on SQLite. The figures are of one process on its own:
milliseconds of wall time and of CPU time, the best of some rounds, as other work on the machine only ever adds. With
`--profile` it prints the functions that took most of a case.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from workflows.bus import Bus
from workflows.clock import SystemClock
from workflows.engine.engine import Engine
from workflows.journal.memory import MemoryStore
from workflows.journal.port import RunStore
from workflows.journal.sqlite import SqliteStore
from workflows.planning.plan import Each, Plan, PlannedStage, PlannedStep
from workflows.steps.alone import Alone
from workflows.steps.context import Context, Result
from workflows.steps.kind import Description, Fields, Shown
from workflows.steps.transform import Transform
from workflows.values import Json


class Act(Alone):
    """A step that makes one journalled call: its intent is durable before, its result before what comes next."""

    name: ClassVar[str] = "act"
    fields: ClassVar[type[Fields]] = Fields

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Any) -> Description:
        return Description("act")

    async def show(self, ctx: Context) -> Shown:
        return Shown("act", "")

    async def run(self, ctx: Context) -> Json:
        async def act(key: str) -> Result:
            return Result({"did": ctx.address})

        return await ctx.call("act", ctx.input, "pure", act)


KINDS = {"transform": Transform(), "act": Act()}


def step(name: str, kind: str, reads: str = "", **more: Any) -> PlannedStep:
    value = f"${{{{ steps.{reads}.output }}}}" if reads else 1
    return PlannedStep(name, kind, title=name, stage="main", fields={"value": value}, **more)


def chain(length: int, kind: str) -> Plan:
    names = [f"s{n}" for n in range(length)]
    steps = [step(names[0], kind)]
    steps += [step(name, kind, before, after=(before,)) for before, name in pairwise(names)]
    return Plan((PlannedStage("main", tuple(names)),), tuple(steps), title="Chain")


def fan(width: int, kind: str, at_once: int | None = None) -> Plan:
    names = tuple(f"s{n}" for n in range(width))
    steps = [step(name, kind) for name in names]
    join = step("join", kind, "s0", after=names)
    stages = (PlannedStage("fan", names, at_once or width), PlannedStage("join", ("join",)))
    return Plan(stages, (*steps, join), title="Fan")


def foreach(items: int, kind: str, at_once: int | None = None) -> Plan:
    item = step("each", kind)
    each = PlannedStep(
        "each", kind, fields={}, stage="main", each=Each(list(range(items)), item, "item", at_once or items)
    )
    join = step("join", kind, "each", after=("each",))
    return Plan((PlannedStage("main", ("each",)), PlannedStage("join", ("join",))), (each, join), title="For each")


CASES: dict[str, tuple[list[Plan], int]] = {
    f"{name}, {kind}": (plans, items)
    for kind in KINDS
    for name, plans, items in (
        ("chain 100", [chain(100, kind)], 100),
        ("chain 1000", [chain(1000, kind)], 1000),
        ("fan 200", [fan(200, kind)], 201),
        ("fan 1000", [fan(1000, kind)], 1001),
        ("fan 1000 by 8", [fan(1000, kind, 8)], 1001),
        ("foreach 200", [foreach(200, kind)], 202),
        ("foreach 1000", [foreach(1000, kind)], 1002),
        ("100 runs of 5", [chain(5, kind)] * 100, 500),
    )
}


async def drive(store: RunStore, plans: list[Plan]) -> None:
    engine = Engine(store, KINDS, Bus(), SystemClock())

    async def one(plan: Plan) -> None:
        driver = await engine.start(plan, workflow="w", source="", parameters={}, root=Path("."))
        state = await engine.finished(driver.state.run_id)
        assert state.status == "succeeded", state.failure

    await asyncio.gather(*(one(plan) for plan in plans))


async def once(kind: str, plans: list[Plan], profile: cProfile.Profile | None) -> tuple[float, float]:
    """Seconds of wall time and of CPU time."""
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        store = MemoryStore() if kind == "memory" else await SqliteStore.open(Path(folder))
        wall, cpu = time.perf_counter(), time.process_time()
        if profile:
            profile.enable()
        await drive(store, plans)
        if profile:
            profile.disable()
        taken = time.perf_counter() - wall, time.process_time() - cpu
        await store.close()
        return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="beginnings of the names of cases")
    parser.add_argument("--store", choices=("memory", "sqlite"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    print(f"{'':<28} {'store':<7} {'wall ms':>9} {'cpu ms':>9} {'cpu ms a step':>14}")
    for name, (plans, items) in CASES.items():
        if given.cases and not any(name.startswith(each) for each in given.cases):
            continue
        for store in ("memory", "sqlite"):
            if given.store not in (None, store):
                continue
            profile = cProfile.Profile() if given.profile else None
            asyncio.run(once(store, plans[:1], None))  # what is only slow the first time
            taken = [asyncio.run(once(store, plans, profile)) for _ in range(1 if profile else given.rounds)]
            wall, cpu = (1000 * min(each) for each in zip(*taken, strict=True))
            print(f"{name:<28} {store:<7} {wall:>9.1f} {cpu:>9.1f} {cpu / items:>14.3f}", flush=True)
            if profile:
                pstats.Stats(profile).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    main()
