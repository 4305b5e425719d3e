"""Screens on a stage of their own: real services in a folder, a clock that tests move, steps that do as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar

from textual.pilot import Pilot

from app.container import Services, open_services
from app.desk import Desk
from app.paths import Paths
from app.tui.app import UnderstudyApp
from tests.support.clocks import VirtualClock
from tests.support.stillness import resting
from workflows.definition.fields import Name, Value
from workflows.definition.parameters import bind
from workflows.definition.parse import parse
from workflows.effects import Effect, Estimate, Usage
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.values import canonical

PERSON = "ada"
START = 1_700_000_000.0


@dataclass
class Part:
    """What one step is told: texts to say, then how it ends. Reusable for each of its tries."""

    cues: asyncio.Queue[Callable[[Context], Result | None]] = field(default_factory=asyncio.Queue)

    def say(self, text: str) -> None:
        self.cues.put_nowait(lambda ctx: ctx.stream(text))

    def log(self, text: str) -> None:
        self.cues.put_nowait(lambda ctx: ctx.log(text))

    def end(self, output: Any = None, usage: Usage | None = None) -> None:
        self.cues.put_nowait(lambda ctx: Result(output, usage))

    def fail(self, message: str, kind: Any = "business", hint: str = "") -> None:
        self._raise(CallFailed(Failure(kind, message, hint)))

    def vanish(self, message: str) -> None:
        """The connection is gone: nobody can say whether it happened."""
        self._raise(OutcomeUnknown(Failure("unknown", message)))

    def _raise(self, error: Exception) -> None:
        def act(ctx: Context) -> None:
            raise error

        self.cues.put_nowait(act)


@dataclass
class Cast:
    """The parts by step, and what a gate of each step shows."""

    parts: dict[str, Part] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    inputs: list[tuple[str, Any]] = field(default_factory=list)

    def __getitem__(self, step: str) -> Part:
        return self.parts.setdefault(step, Part())


class PlayFields(Fields):
    noun: ClassVar[str] = "play step"

    agent: Name = ""
    given: Value = None


class Played:
    """A step kind whose steps do what the cast is told. What is `given` is only there to be shown and edited."""

    fields: ClassVar[type[Fields]] = PlayFields

    def __init__(self, name: str, cast: Cast, effect: Effect = "pure", worst: float | None = None) -> None:
        self.name = name
        self._worst = worst
        self._cast = cast
        self._effect = effect

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return (fields.agent if isinstance(fields, PlayFields) else "", *fallback)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description(self.name)

    async def show(self, ctx: Context) -> Shown:
        given = ctx.input.get("given") if isinstance(ctx.input, dict) else None
        text = "" if given is None else given if isinstance(given, str) else canonical(given)
        return self._cast.shown.get(ctx.address, Shown(f"{ctx.address} wants to act", text))

    async def run(self, ctx: Context) -> Any:
        self._cast.inputs.append((ctx.address, ctx.input))

        async def act(key: str) -> Result:
            while True:
                result = (await self._cast[ctx.address].cues.get())(ctx)
                if result is not None:
                    return result

        async def worst() -> Estimate:
            return Estimate(700, 8192, 0.0 if ctx.performer == "cheap" else self._worst)

        model = "" if self._worst is None else "openai/dear"
        return await ctx.call("act", {"input": ctx.input}, self._effect, act, model=model, worst=worst)


def kinds(cast: Cast) -> Mapping[str, Any]:
    usual = (Played("agent", cast), Played("play", cast), Played("unsafe", cast, "unsafe"))
    return {kind.name: kind for kind in (*usual, Played("paid", cast, worst=0.3))}


@dataclass
class House:
    """Everything a test of a screen needs."""

    app: UnderstudyApp
    pilot: Pilot[int]
    desk: Desk
    clock: VirtualClock
    cast: Cast
    services: Services

    async def start(self, plan: Plan, **more: Any) -> Driver:
        """Begin a run of this plan."""
        given = {"workflow": "play", "source": "", "parameters": {}, "root": self.services.paths.root, "attended": True}
        return await self.services.engine.start(plan, **{**given, **more})

    def add(self, name: str, text: str) -> None:
        """A workflow that others can call."""
        folder = self.services.paths.workspace / "workflows"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
        self.desk.trust()

    async def perform(self, text: str, **given: Any) -> Driver:
        """Begin a run of a workflow that is given as text, and show it."""
        parsed = parse(dedent(text), "play.yaml", self.services.kinds, self.services.catalogue)
        errors = [found.message for found in parsed.diagnostics if found.is_error]
        assert not errors, errors
        assert parsed.workflow is not None
        plan = make_plan(parsed.workflow, self.services.kinds, self.services.catalogue)
        driver = await self.start(plan, parameters=bind(parsed.workflow.parameters, given), source=text)
        await self.app.open_run(driver.state.run_id)
        return driver

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Let the loop and the screens move until the condition holds."""
        # The journal is a real one, so how often is no measure: a busy machine needs more turns, not another result.
        after = 0
        try:
            async with asyncio.timeout(60):
                while not condition():
                    if self.app.is_running:
                        self.app.flush()
                        await self.pilot.pause()
                        continue
                    # What it left to be done is done without it.
                    after += 1
                    assert after < 500, "the app has ended"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            words = f"it never came to be{': ' if what else ''}{what}\n{lines_of(self.app)}"
            raise AssertionError(words) from None

    async def shows(self, text: str) -> None:
        """Wait until the screen shows this text."""
        await self.until(lambda: text in lines_of(self.app), repr(text))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.rest()

    async def wait(self, seconds: float = 1.0) -> None:
        """Move the clock on, for engine and screens."""
        await self.clock.advance(seconds)
        await self.rest()

    async def rest(self) -> None:
        """Let engine and screens do all that there is to do now, and have it drawn."""
        await self.pilot.pause()
        while self.app.is_running and self.app.flush():
            await self.pilot.pause()


def lines_of(app: UnderstudyApp) -> str:
    """The screen as text, without blanks at the ends of lines."""
    _, height = app.size
    rows = app.screen._compositor.render_strips() if len(app.screen_stack) else []
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows[:height])


@asynccontextmanager
async def on_stage(
    tmp: Path, size: tuple[int, int] = (140, 40), environ: Mapping[str, str] | None = None, **more: Any
) -> AsyncIterator[House]:
    """The app, running without a terminal, with real services below the folder `tmp` and an engine of our own."""
    root = tmp / "project"
    root.mkdir(parents=True, exist_ok=True)
    paths = Paths(tmp / "config", tmp / "data", tmp / "log", root)
    clock, cast = VirtualClock(START), Cast()
    env = {"PATH": "/usr/bin:/bin", "OLLAMA_API_BASE": "http://127.0.0.1:1", **(environ or {})}
    async with open_services(paths, env, hot=more.pop("hot", False)) as opened:
        every = dict(opened.kinds)
        if more.pop("played", True):
            every |= kinds(cast)
            # The workflows that others call are read with the kinds that the container was given.
            opened.kinds.update(every)
        code = getattr(opened.catalogue, "digest", lambda reference: "")
        engine = Engine(opened.store, every, opened.bus, clock, code=code)
        services = replace(opened, clock=clock, kinds=every, engine=engine)
        app = UnderstudyApp(paths, person=PERSON, clock=clock, **more)
        try:
            async with resting(), app.run_test(size=size, notifications=True) as pilot:
                desk = Desk(services)
                app.call_later(app.attach, desk)
                house = House(app, pilot, desk, clock, cast, services)
                await house.until(lambda: app.ready)
                await pilot.pause()
                yield house
        finally:
            await engine.close()
