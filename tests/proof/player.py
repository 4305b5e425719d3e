"""One of the processes that attack a journal: it does at random what people do, through the real services."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.container import Services, open_services
from app.desk import Desk
from app.steering import Steered, Steering
from tests.proof.ground import Ground, strikes
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Request, Summary, Waiting
from workflows.runs.events import Asked
from workflows.runs.state import RunState


@dataclass(frozen=True)
class Game:
    """How a game is played: so many runs, of which about every `cancels`-th is cancelled some time."""

    ground: Ground
    runs: int
    cancels: int = 8


async def play(game: Game, name: str, seed: int) -> None:
    """Play until every run of the game has come to its end."""
    dice = random.Random(seed)  # a game
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    async with open_services(game.ground.paths, environ, trusted=True) as services:
        services.kinds.update(strikes(game.ground, dice))
        await Player(game, name, Desk(services), services, dice).play()


class Player:
    """What is refused to it in words is as it should be: another one was quicker."""

    def __init__(self, game: Game, name: str, desk: Desk, services: Services, dice: random.Random) -> None:
        self._game = game
        self._name = name
        self._desk = desk
        self._engine = services.engine
        self._dice = dice
        self._steering = Steering(desk, name, patience=0.0)

    async def play(self) -> None:
        while True:
            runs = await self._desk.runs(Query(limit=10_000))
            going = [run for run in runs if run.finished is None]
            if len(runs) >= self._game.runs and not going:
                return
            try:
                await self._move(len(runs), going)
            except UnderstudyError:
                pass
            await asyncio.sleep(self._dice.uniform(0, 0.02))

    async def _move(self, begun: int, going: Sequence[Summary]) -> None:
        waiting = await self._desk.inbox()
        left = [run for run in going if not run.owner]
        moves: list[tuple[int, Callable[[], Awaitable[None]]]] = []
        if begun < self._game.runs and len(going) < 30:
            moves.append((4, self._begin))
        if left:
            moves.append((3, lambda: self._resume(self._dice.choice(left))))
        if waiting:
            moves.append((8, lambda: self._answer(self._dice.choice(waiting))))
        if going:
            run = self._dice.choice(going)
            doomed = int(run.run_id, 16) % self._game.cancels == 0
            moves += [(1, lambda: self._pause(run)), (1, lambda: self._proceed(run)), (1, lambda: self._resume(run))]
            moves += [(2, lambda: self._cancel(run))] if doomed else []
            paused = [run for run in going if run.status == "paused"]
            moves += [(4, lambda: self._proceed(self._dice.choice(paused)))] if paused else []
        if moves:
            (move,) = self._dice.choices([move for _, move in moves], [weight for weight, _ in moves])
            await move()

    def _tell(self, what: str, run: str, **fields: Any) -> None:
        self._game.ground.write("told", what=what, run=run, by=self._name, **fields)

    async def _begin(self) -> None:
        driver = await self._desk.start(self._desk.propose(self._desk.load("game"), {}), attended=True)
        self._tell("started", driver.state.run_id)

    async def _resume(self, run: Summary) -> None:
        await self._desk.resume(run.run_id, attended=True)
        self._tell("resumed", run.run_id)

    async def _pause(self, run: Summary) -> None:
        self._steered("paused", await self._steering.pause(run.run_id))

    async def _proceed(self, run: Summary) -> None:
        steered = await self._steering.proceed(run.run_id)
        self._steered("continued", steered)
        if steered.became == "left to us":
            await self._resume(run)

    async def _cancel(self, run: Summary) -> None:
        steered = await self._steering.cancel(run.run_id)
        if steered.became == "left to us":
            driver = await self._desk.resume(run.run_id, attended=True)
            driver.obey(Request(0, run.run_id, "cancel", "enough", self._name))
            return  # it is not durable yet, so nothing was told
        self._steered("cancelled", steered)

    def _steered(self, what: str, steered: Steered) -> None:
        if steered.became == "asked for":
            self._tell(what, steered.run_id, left=True)

    async def _answer(self, waiting: Waiting) -> None:
        run = waiting.run_id
        state = await self._desk.state(run)
        inquiry = state.inquiries.get(waiting.entry)
        if inquiry is None or not inquiry.open:
            return
        choice, value = self._choice(state, inquiry.asked)
        left = run not in self._engine.drivers
        asked = inquiry.asked
        await self._desk.answer(run, asked.entry, choice, value, by=self._name, digest=asked.digest)
        self._tell("answered", run, entry=asked.entry, choice=choice, value=value, left=left)

    def _choice(self, state: RunState, asked: Asked) -> tuple[str, Any]:
        match asked.reason:
            case "approval":
                return ("deny" if self._dice.random() < 0.1 else "approve"), None
            case "question":
                return "answer", self._dice.randrange(1_000_000)
            case "unknown":
                key = state.steps[asked.step].calls[asked.key].idempotency_key
                happened = any(deed.key == key for deed in self._game.ground.deeds())
                return ("happened", {"did": asked.step}) if happened else ("again", None)
        self._game.ground.write("faults", fault=f"{state.run_id}: {asked.title}")
        return "abort", None
