"""Playing a recording: the real engine over a workflow as it is now, with every call answered and nothing done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from workflows.bus import Bus
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.engine.inbox import EVERY
from workflows.errors import UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.planning.plan import Plan
from workflows.recordings.recording import Consulted, Recording, Reply
from workflows.recordings.replay import Replay, replaying
from workflows.recordings.time import ReplayedTime
from workflows.records import dataclass
from workflows.runs.events import Recorded
from workflows.runs.state import Inquiry, RunState
from workflows.secrets import Redactor
from workflows.steps.kind import StepKind
from workflows.values import Json

QUIET = 40
"""Turns of the event loop without an event after which nothing more happens by itself."""

PATIENCE = 0.1
"""Seconds that something outside the event loop (a thread) is waited for, before a replay is taken to stand still."""

MOST_MOVES = 100_000
"""How often time is moved or somebody answers, in one replay."""


When: TypeAlias = tuple[float, int]
"""Seconds from the beginning of the run, and the order of what happens at the same moment."""

LAST = sys.maxsize
"""What waits for time comes after all that happened until then."""


@dataclass(frozen=True)
class Played:
    """How a replay ended. `unanswered` says what nobody had an answer to; `refused` what was wrong with an answer."""

    state: RunState
    events: tuple[Recorded, ...]
    replay: Replay
    unanswered: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


async def play(
    recording: Recording,
    plan: Plan,
    kinds: Mapping[str, StepKind],
    *,
    source: str,
    parameters: Json,
    root: Path,
    answers: Mapping[str, Sequence[Reply]],
    code: Callable[[str], str],
    redactor: Redactor,
    label: str,
) -> Played:
    """Run a plan on the recording, in memory. `answers` are by the address of the step, before the recorded ones.

    It ends at the first request that differs, where the run ends, or where nothing could ever happen any more.
    """
    replay = Replay(recording, redactor)
    clock = ReplayedTime(recording.head.started)
    store, bus = MemoryStore(), Bus()
    engine = Engine(
        store,
        {name: replaying(kind, replay) for name, kind in kinds.items()},
        bus,
        clock,
        code=code,
        redactor=redactor,
    )
    driver = await engine.start(
        plan,
        workflow=recording.head.workflow,
        source=source,
        parameters=parameters,
        root=root,
        environment=recording.head.environment,
        attended=recording.head.attended,
        simulated=label,
        fresh=True,
    )
    player = _Player(engine, driver, clock, replay, _Script(recording, answers))
    try:
        await player.play()
        events = tuple(await store.read(driver.state.run_id))
    finally:
        await engine.close("the replay is over")
        await store.close()
    return Played(player.state, events, replay, tuple(player.unanswered), tuple(player.refused))


class _Script:
    """What is said to whatever a run asks: what a test says of the step, else what was said when it was recorded."""

    def __init__(self, recording: Recording, answers: Mapping[str, Sequence[Reply]]) -> None:
        self._said = {step: iter(replies) for step, replies in answers.items()}
        self._recorded: dict[tuple[str, str, str], Iterator[Consulted]] = {}
        found: dict[tuple[str, str, str], list[Consulted]] = {}
        for one in recording.consulted:
            found.setdefault((one.step, one.key, one.reason), []).append(one)
        for where, consulted in found.items():
            self._recorded[where] = iter(consulted)

    def answer(self, inquiry: Inquiry) -> tuple[When, Reply] | None:
        """What is said, and when, in seconds from the beginning of the run. To be asked once for each entry."""
        asked = inquiry.asked
        one = next(self._recorded.get((asked.step, asked.key, asked.reason), iter(())), None)
        reply = one.reply if one else None
        if asked.step in self._said and asked.reason in ("approval", "question", "intervention"):
            reply = next(self._said[asked.step], None)
        return None if reply is None else ((one.at, one.order) if one else (0.0, 0), reply)


class _Player:
    def __init__(self, engine: Engine, driver: Driver, clock: ReplayedTime, replay: Replay, script: _Script) -> None:
        self._driver = driver
        self._clock = clock
        self._replay = replay
        self._script = script
        self._finished = asyncio.ensure_future(engine.finished(driver.state.run_id))
        self._began = clock.now()
        self._replies: dict[str, tuple[When, Reply] | None] = {}
        self.unanswered: list[str] = []
        self.refused: list[str] = []

    @property
    def state(self) -> RunState:
        return self._driver.committed

    async def play(self) -> None:
        for _ in range(MOST_MOVES):
            await self._settle()
            if self._finished.done() or self._replay.differences:
                break
            if await self._next():
                continue
            # Work in a thread, if there is any, is not seen by the event loop.
            seq = self._driver.state.seq
            await asyncio.wait({self._finished}, timeout=PATIENCE)
            if self._driver.state.seq == seq:
                break
        for inquiry in self._driver.state.open_inquiries if not self._driver.state.over else ():
            self.unanswered.append(inquiry.asked.step)
        self._driver.stop("the replay is over")
        await self._finished

    async def _settle(self) -> None:
        """Until nothing happens any more without time or a person."""
        quiet = 0
        seq = self._driver.state.seq
        while quiet < QUIET and not self._finished.done():
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._driver.state.seq == seq else 0
            seq = self._driver.state.seq

    async def _next(self) -> bool:
        """Let the next thing happen, of what waits for a result, for a person, or for time. Whether there was any."""
        answers = self._answers()
        entry = min(answers, key=lambda each: answers[each][0], default="")
        said = answers[entry][0] if entry else None
        due = self._due()
        came, late = self._replay.next_turn, None if due is None else (due, LAST)
        times = [when for when in (came, said, late) if when is not None]
        if not times:
            return False
        first = min(times)
        self._clock.move_to(self._began + first[0])
        if first == came:
            self._replay.give_turn()
        elif first == said:
            await self._say(entry, answers[entry][1])
        return True

    def _answers(self) -> dict[str, tuple[When, Reply]]:
        """What is asked now and has an answer, by entry."""
        found: dict[str, tuple[When, Reply]] = {}
        for inquiry in self._driver.state.open_inquiries:
            entry = inquiry.asked.entry
            if entry not in self._replies:
                self._replies[entry] = self._script.answer(inquiry)
            if (reply := self._replies[entry]) is not None:
                found[entry] = reply
        return found

    async def _say(self, entry: str, reply: Reply) -> None:
        self._replies[entry] = None
        asked = self._driver.state.inquiries[entry].asked
        try:
            await self._driver.answer(entry, reply.choice, reply.value, reply.note, "the test", asked.digest)
        except UnderstudyError as error:
            self.refused.append(f"{asked.step}: {error.message} {error.hint}".rstrip())

    def _due(self) -> float | None:
        """When the next thing is due that waits for time, in seconds from the beginning. None where nothing does."""
        state, now = self._driver.state, self._clock.now()
        due = [until for step in state.steps.values() if not step.over for until in step.timers.values()]
        due += [step.retry_at for step in state.steps.values() if step.retry_at is not None and not step.over]
        due += [inquiry.asked.until for inquiry in state.open_inquiries if inquiry.asked.until is not None]
        if later := [when for when in due if when > now]:
            return min(later) - self._began
        # Times that run out are noticed by a look that is made now and then.
        return now + EVERY - self._began if any(when > now - EVERY for when in due) else None
