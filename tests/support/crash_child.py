"""One process of the crash test: start or resume the reference run, and die at the chosen moment.

Run as `python -m tests.support.crash_child FOLDER COMMAND [POINT]`. COMMAND is `start` or `resume`. POINT is
`before-write:N`, `after-write:N` (the Nth submission to the journal), `act-start:N` or `act-end:N` (the Nth act);
without one the process goes on to the end of the run. Approvals are answered as they come; an unknown outcome is
settled by looking at the ledger, as a person would.

The ledger is what the outside world saw: one line per act, written and synced by the act itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.support.plans import Asking, Deed, Doing, Unsafe, World, step
from workflows.bus import Bus, Committed, Notice
from workflows.clock import SystemClock
from workflows.effects import Usage
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.errors import fail
from workflows.journal.port import Query
from workflows.journal.sqlite.store import SqliteStore
from workflows.planning.plan import Plan, PlannedStage, RetryPolicy
from workflows.steps.context import Context, Result
from workflows.steps.delay import Delay


def reference_plan() -> Plan:
    """Every kind of trouble: order and side by side, retry, an understudy, a gate, a question, timers, unsafe acts."""
    gather = (
        step("look", "do", stage="gather"),
        step("send", "unsafe", stage="gather"),
        step("flaky", "do", stage="gather", retry=RetryPolicy(3, "immediate")),
        step("count", "do", stage="gather", after=("look",), fields={"n": "${{ steps.look.output.did }}"}),
    )
    before = tuple(each.id for each in gather)
    write = (
        step("wait", "delay", stage="write", after=before, fields={"for": 0.01}),
        step("talk", "talk", stage="write", after=("wait",), performers=("lead", "understudy")),
        step("never", "do", stage="write", after=("talk",), when="parameters.go"),
        step("gate", "unsafe", stage="write", after=("never",), approve=True),
        step("ask", "ask", stage="write", after=("gate",)),
        step("lossy", "do", stage="write", after=("ask",), on_failure="continue"),
        step("last", "unsafe", stage="write", after=("lossy",), fields={"said": "${{ steps.talk.output.text }}"}),
    )
    stages = (
        PlannedStage("gather", before, 3),
        PlannedStage("write", tuple(each.id for each in write), 1),
    )
    return Plan(
        stages, gather + write, title="Reference", version="1", outputs={"said": "${{ steps.last.output.did }}"}
    )


class Talking(Doing):
    """Like an agent: three calls in a row, the first performer failing after two of them."""

    name = "talk"

    def performers(self, fields: Any, fallback: Any) -> tuple[str, ...]:
        return ("lead", "understudy")

    async def run(self, ctx: Context) -> Any:
        for turn in (1, 2, 3):

            async def act(key: str, turn: int = turn) -> Result:
                await self.world.acts["talk"](Deed(f"talk/turn{turn}", ctx.performer, key, ctx.input))
                if turn == 3 and ctx.performer == "lead":
                    raise fail("authentication", "the lead has lost its voice")
                return Result({"text": f"turn {turn}"}, Usage("demo/scripted", 10, 5, cost_usd=0.01))

            output = await ctx.call(f"turn{turn}", {"turn": turn}, "idempotent", act)
        return output


class Saboteur:
    """Kills this process at one moment."""

    def __init__(self, point: str) -> None:
        self.kind, _, number = point.partition(":")
        self.left = int(number or 0)

    def reached(self, kind: str) -> None:
        if kind == self.kind:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Ledger:
    """What happened outside, a line each, synced."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, **line: Any) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, (json.dumps(line) + "\n").encode())
        os.fsync(descriptor)
        os.close(descriptor)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []


def act_of(ledger: Ledger, saboteur: Saboteur) -> Callable[[Deed], Awaitable[Any]]:
    async def act(deed: Deed) -> Any:
        saboteur.reached("act-start")
        tries = sum(line["step"] == deed.step for line in ledger.lines())
        ledger.add(step=deed.step, key=deed.key, performer=deed.performer, pid=os.getpid())
        saboteur.reached("act-end")
        if deed.step == "flaky" and tries == 0:
            raise fail("transient", "overloaded")
        if deed.step == "lossy":
            raise fail("business", "exit 1")
        return {"did": deed.step}

    return act


async def main(folder: Path, command: str, point: str) -> None:
    saboteur = Saboteur(point)
    ledger = Ledger(folder / "ledger")
    world = World()
    act = act_of(ledger, saboteur)
    plan = reference_plan()
    world.acts = {each.id: act for each in plan.steps}
    kinds: dict[str, Any] = {
        kind.name: kind for kind in (Doing(world), Unsafe(world), Asking(world), Talking(world), Delay())
    }
    bus = Bus()
    store = await SqliteStore.open(folder / "journal")
    for name in ("create", "append"):
        setattr(store, name, _sabotaged(getattr(store, name), saboteur))
    engine = Engine(store, kinds, bus, SystemClock())
    acknowledged = Ledger(folder / "acknowledged")

    def heard(notice: Notice) -> None:
        if isinstance(notice, Committed):
            acknowledged.add(run=notice.run_id, seq=notice.events[-1].seq)
            driver = engine.drivers.get(notice.run_id)
            if driver is not None:
                background.append(asyncio.create_task(answer_all(driver, ledger)))

    background: list[asyncio.Task[None]] = []
    bus.subscribe(heard)
    if command == "start":
        driver = await engine.start(
            plan, workflow="reference", source="", parameters={"go": False}, root=folder, attended=False
        )
    else:
        (summary,) = await store.runs(Query())
        driver = await engine.resume(summary.run_id)
    background.append(asyncio.create_task(answer_all(driver, ledger)))
    state = await engine.finished(driver.state.run_id)
    await asyncio.gather(*background, return_exceptions=True)
    await store.close()
    print(state.status)


async def answer_all(driver: Driver, ledger: Ledger) -> None:
    """Be the person: approve, answer, and settle what is unknown by what the world shows."""
    for inquiry in driver.committed.open_inquiries:
        asked = inquiry.asked
        if driver.state.inquiries[asked.entry].answer is not None:
            continue
        if asked.reason == "unknown":
            key = driver.state.steps[asked.step].calls[asked.key].idempotency_key
            happened = any(line["key"] == key for line in ledger.lines())
            await driver.answer(asked.entry, "happened" if happened else "again", {"did": asked.step}, by="a person")
        else:
            await driver.answer(asked.entry, {"approval": "approve", "question": "left"}[asked.reason], by="a person")


def _sabotaged(method: Callable[..., Awaitable[Any]], saboteur: Saboteur) -> Callable[..., Awaitable[Any]]:
    async def wrapped(*args: Any) -> Any:
        saboteur.reached("before-write")
        result = await method(*args)
        saboteur.reached("after-write")
        return result

    return wrapped


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""))
