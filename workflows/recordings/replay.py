"""Answering the calls of steps from a recording. Whatever it does not know fails; nothing is ever really done."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, NoReturn

from workflows.effects import Effect, Estimate, Usage
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.recordings.recording import Consulted, Exchange, Recording
from workflows.recordings.veil import Veil
from workflows.records import dataclass
from workflows.secrets import Redactor, hide
from workflows.steps.context import Answer, Context, Leave, Question, Result
from workflows.steps.kind import Shown, StepKind
from workflows.steps.likeness import like
from workflows.values import Json, canonical, digest

Why = Literal["differs", "unknown", "more"]
"""differs: the request or what went with it is another. unknown: the step never made this call. more: not so often."""

_TURN = re.compile(r"(?:^|/)turn[0-9]+(?:/model[0-9]+)?$")
"""The key of a call that asks an agent's model, at whatever depth."""


@dataclass(frozen=True)
class Difference:
    """A call that the recording does not answer. `recorded` is what stands in its place there, where anything does."""

    step: str
    key: str
    why: Why
    request: Json
    told: Json
    recorded: Exchange | None = None


class Replay:
    """One playing of a recording: what is left of it, what differed, and what was called."""

    def __init__(self, recording: Recording, redactor: Redactor) -> None:
        self.differences: list[Difference] = []
        self.called: list[Exchange] = []
        self.changed_code: dict[str, None] = {}
        """Steps whose skill is another by now, in the order of their calls."""
        self._veil = Veil(redactor)
        self._left: defaultdict[tuple[str, str], deque[Exchange]] = defaultdict(deque)
        for exchange in recording.exchanges:
            self._left[exchange.step, exchange.key].append(exchange)
        self._gates = {one.entry: one for one in recording.consulted}
        self._last: dict[tuple[str, str], Exchange] = {}
        self._stopped = frozenset(recording.head.stopped)
        self._waiting: list[tuple[float, int, int, asyncio.Future[None]]] = []

    @property
    def unused(self) -> tuple[Exchange, ...]:
        """What was recorded and not asked for."""
        return tuple(each for left in self._left.values() for each in left if each.outcome != "stopped")

    def gate(self, step: str) -> Consulted | None:
        """What was shown last before this step acted."""
        shown = [one for one in self._gates.values() if one.step == step and one.key == "gate"]
        return shown[-1] if shown else None

    def next(self, step: str, key: str) -> Exchange | None:
        """What would answer the next such call."""
        left = self._left[step, key]
        return left[0] if left else None

    def take(self, step: str, key: str, request: Json, told: Json, code: str) -> Exchange:
        """The recorded call, which is used up by this. Raises CallFailed where there is none, or it was another."""
        self._veil.learn(request)
        asked, with_it = self._veil.over(request), self._veil.over(told)
        found = self.next(step, key)
        if found is None and step in self._stopped:
            return Exchange(step, key, "pure", asked, with_it, outcome="stopped")
        if found is None:
            before = self._last.get((step, key))
            self._fail(Difference(step, key, "more" if before else "unknown", asked, with_it, before))
        if not _same(found.request, request, asked) or canonical(found.told) != canonical(with_it):
            self._fail(Difference(step, key, "differs", asked, with_it, found))
        self._left[step, key].popleft()
        self._last[step, key] = found
        self.called.append(found)
        # An agent's file may change without what it says; what was refused had no code.
        if found.code not in ("", code) and not _TURN.search(key):
            self.changed_code[step] = None
        return found

    async def turn(self, exchange: Exchange) -> None:
        """Wait until it is the turn of this result: they come in the order in which they were recorded."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((exchange.at, exchange.order, len(self.called), turn))
        await turn

    @property
    def next_turn(self) -> tuple[float, int] | None:
        """When the next result came that somebody waits for: seconds from the beginning of the run, and its order."""
        self._waiting = [waiting for waiting in self._waiting if not waiting[-1].done()]
        return min(self._waiting)[:2] if self._waiting else None

    def give_turn(self) -> None:
        """Let who waits for the next result have it."""
        min(self._waiting)[-1].set_result(None)

    def _fail(self, difference: Difference) -> NoReturn:
        self.differences.append(difference)
        words = {
            "differs": "is another than the recorded one",
            "unknown": "is not in the recording",
            "more": "was not made so often when it was recorded",
        }
        message = f"The request of {difference.step}/{difference.key} {words[difference.why]}."
        raise CallFailed(Failure("validation", message, "Record it anew: understudy test --update"))


_TURN = re.compile(r"(?:^|/)turn\d+(?:/model\d+)?$")
"""The keys of model turns: what agents say, and no skill."""


def _same(recorded: Json, request: Json, veiled: Json) -> bool:
    if isinstance(recorded, dict) and recorded.keys() == {"beginning", "length", "digest"}:
        return bool(recorded["digest"] == digest(hide(request)))
    return canonical(recorded) == canonical(veiled)


def replaying(kind: StepKind, replay: Replay) -> StepKind:
    """The kind of step as it plays: its own logic, around calls that are answered and never made."""

    async def show(ctx: Context) -> Shown:
        """What was shown when it was recorded: a preview may start programs and read files."""
        shown = replay.gate(ctx.address)
        if shown is None:
            return Shown(f"{kind.name} {ctx.address}", canonical(hide(ctx.input)), {"replayed": "not recorded"})
        return Shown(shown.title, shown.body, shown.facts, language=shown.language)

    async def run(ctx: Context) -> Json:
        return await kind.run(Answered(ctx, replay))

    return like(kind, run, show)


class Answered:
    """A context whose calls are answered from a recording. All else is the engine's own."""

    def __init__(self, ctx: Context, replay: Replay) -> None:
        self._ctx = ctx
        self._replay = replay

    @property
    def run_id(self) -> str:
        return self._ctx.run_id

    @property
    def address(self) -> str:
        return self._ctx.address

    @property
    def root(self) -> Path:
        return self._ctx.root

    @property
    def input(self) -> Json:
        return self._ctx.input

    @property
    def permits(self) -> tuple[str, ...]:
        return self._ctx.permits

    @property
    def performer(self) -> str:
        return self._ctx.performer

    async def call(
        self,
        key: str,
        spec: Json,
        effect: Effect,
        act: Callable[[str], Awaitable[Result]],
        *,
        digest: str = "",
        model: str = "",
        worst: Callable[[], Awaitable[Estimate]] | None = None,
        permit: Callable[[], Awaitable[Leave]] | None = None,
        told: Json = None,
        whole: bool = False,
    ) -> Json:
        """Journalled as ever, but what acts is the recording: neither `act` nor `permit` is ever awaited.

        Whether the call was permitted is in what was recorded of it: a refusal is an answer like any other.
        """

        async def answer(_: str) -> Result:
            return await self._answer(self._replay.take(self.address, key, spec, told, digest))

        async def spent() -> Estimate:
            found = self._replay.next(self.address, key)
            return Estimate(0, 0, (found.usage.cost_usd or 0.0) if found and found.usage else 0.0)

        return await self._ctx.call(
            key,
            spec,
            effect,
            answer,
            digest=digest,
            model=model,
            worst=spent if worst else None,
            told=told,
            whole=whole,
        )

    async def _answer(self, found: Exchange) -> Result:
        if found.outcome == "stopped":
            await asyncio.get_running_loop().create_future()  # something else ended it, and does so again
        await self._replay.turn(found)
        failure = found.failure or Failure("unknown", "It was recorded without a reason.")
        if found.outcome == "failed":
            raise CallFailed(failure, found.usage)
        if found.outcome == "unknown":
            raise OutcomeUnknown(failure)
        return Result(found.output, found.usage)

    def made(self, key: str) -> bool:
        return self._ctx.made(key)

    def used(self, key: str) -> Usage | None:
        return self._ctx.used(key)

    def reveal(self, value: Json) -> Json:
        """Nothing is sent, so no secret is needed."""
        return value

    async def steps(self) -> Json:
        return await self._ctx.steps()

    async def sleep(self, key: str, seconds: float) -> None:
        await self._ctx.sleep(key, seconds)

    async def sleep_until(self, key: str, when: float) -> None:
        await self._ctx.sleep_until(key, when)

    async def ask(self, key: str, question: Question) -> Answer:
        return await self._ctx.ask(key, question)

    def stream(self, text: str) -> None:
        self._ctx.stream(text)

    def log(self, text: str) -> None:
        self._ctx.log(text)
