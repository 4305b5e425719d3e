"""Workflows as YAML, driven by the real engine on the memory store, with a kind of step that acts in a World."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, ClassVar, TypeAlias

from tests.support.catalogue import Listed
from tests.support.clocks import VirtualClock
from tests.support.plans import Asking, Doing, Paid, World, until
from workflows.bus import Bus
from workflows.definition.fields import Value
from workflows.definition.parameters import bind, schema_of
from workflows.definition.parse import parse
from workflows.effects import Estimate
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.engine.fork import Edit, fork
from workflows.engine.places import Places
from workflows.engine.turns import Turns
from workflows.errors import Failure
from workflows.journal.memory import MemoryStore
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.steps import built_in
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Entry, Fields, Finding, StepKind

Limits: TypeAlias = Mapping[str, Any]
"""How many places there are, as `Places` takes it."""


class DoFields(Fields):
    noun: ClassVar[str] = "do step"

    with_: Value = None
    skill: Value = None


class Do(Doing):
    """Does something in the World, given anything under `with_`."""

    name: ClassVar[str] = "do"
    fields: ClassVar[type[Fields]] = DoFields

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return ("", *fallback)


class DoSkill(Do):
    """The same under the name of a skill, for what names one."""

    name: ClassVar[str] = "skill"


class DoUnsafe(Do):
    """The same, where repeating does harm."""

    name: ClassVar[str] = "unsafe"

    def __init__(self, world: World) -> None:
        super().__init__(world, "unsafe")


class Ask(Do):
    """Asks `openai/model`, or another one by the name of who performs it. What it may cost at worst is in `with`."""

    name: ClassVar[str] = "paid"
    model: ClassVar[str] = "openai/model"

    def worst(self, ctx: Context) -> Callable[[], Awaitable[Estimate]]:
        async def estimate() -> Estimate:
            usd = ctx.input["with_"]
            return Estimate(1000, 1000, 0.0 if ctx.performer == "free" else usd)

        return estimate


class Told(Do):
    """Notifications, kept in the World."""

    class ToldFields(Fields):
        noun: ClassVar[str] = "notification step"
        channel: Value = None
        text: Value = None

    name: ClassVar[str] = "notification"
    fields: ClassVar[type[Fields]] = ToldFields


class Flow:
    """An engine with a world to act in, and workflows given as text."""

    root = Path(".")

    def __init__(
        self,
        store: MemoryStore | None = None,
        world: World | None = None,
        *,
        limits: Limits | None = None,
        turns: Turns | None = None,
        clock: Any = None,
        **children: str,
    ) -> None:
        self.world = world or World()
        self.store = store or MemoryStore()
        self.clock: Any = clock or VirtualClock()
        self.bus = Bus()
        self.code: dict[str, str] = {}
        extra = (Do(self.world), DoSkill(self.world), DoUnsafe(self.world), Told(self.world), Ask(self.world))
        self.kinds: dict[str, StepKind] = {kind.name: kind for kind in (*built_in(), *extra)}
        self.catalogue = Listed(*(Entry("skill", name) for name in ("tidy", "notify")), Entry("agent", "free"))
        for name, text in children.items():
            self.add(name, text)
        places = Places(self.clock, **(limits or {}))
        self.engine = Engine(
            self.store,
            self.kinds,
            self.bus,
            self.clock,
            code=lambda name: self.code.get(name, ""),
            places=places,
            turns=turns,
        )

    def add(self, name: str, text: str) -> None:
        """A workflow that others can call."""
        parsed = parse(dedent(text), f"{name}.yaml", self.kinds, self.catalogue)
        assert parsed.workflow is not None, [str(each) for each in parsed.diagnostics]
        entry = Entry("workflow", name, parameters=schema_of(parsed.workflow.parameters), definition=parsed.workflow)
        self.catalogue = Listed(*self.catalogue.entries, entry)

    def plan(self, text: str) -> Plan:
        parsed = parse(dedent(text), "flow.yaml", self.kinds, self.catalogue)
        errors = [str(each) for each in parsed.diagnostics if each.severity == "error"]
        assert not errors, errors
        assert parsed.workflow is not None
        self.parameters = parsed.workflow.parameters
        return make_plan(parsed.workflow, self.kinds, self.catalogue)

    async def start(
        self,
        text: str,
        *,
        attended: bool = False,
        priority: int = 0,
        after: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        cause: str = "",
        **given: Any,
    ) -> Driver:
        plan = self.plan(text)
        return await self.engine.start(
            plan,
            workflow="flow",
            source=text,
            parameters=bind(self.parameters, given),
            root=self.root,
            environment=environ,
            attended=attended,
            priority=priority,
            after=after,
            cause=cause,
        )

    async def fork(
        self,
        origin: RunState,
        at: str,
        edit: Edit | None = None,
        *,
        text: str = "",
        attended: bool = False,
        environ: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Driver:
        """A run that takes over from another one what does not come after the step `at`."""
        plan = self.plan(text) if text else origin.plan
        parameters = {**(origin.parameters or {}), **given}
        begun = fork(origin, at, plan, parameters, edit, environ)
        return await self.engine.fork(
            origin,
            begun,
            plan,
            source=text or origin.source,
            parameters=parameters,
            environment=origin.environment if environ is None else environ,
            attended=attended,
        )

    async def forked(self, origin: RunState, at: str, edit: Edit | None = None, **more: Any) -> RunState:
        """The same, taken to its end."""
        return await self.finished(await self.fork(origin, at, edit, **more))

    async def run(self, text: str, **given: Any) -> RunState:
        driver = await self.start(text, **given)
        return await self.finished(driver)

    async def finished(self, driver: Driver) -> RunState:
        async with asyncio.timeout(60):  # a run that stands still for ever is a failure, not a long test
            return await self.engine.finished(driver.state.run_id)

    async def waiting(self, driver: Driver, count: int = 1) -> None:
        await until(lambda: len(driver.committed.open_inquiries) == count)

    async def replayed(self, run_id: str) -> RunState:
        return replay(run_id, await self.store.read(run_id))

    @property
    def done(self) -> list[str]:
        """The addresses of the steps that acted, in order."""
        return [deed.step for deed in self.world.deeds]


def steps(text: str) -> str:
    """A workflow of these steps, one after the other."""
    return "name: Flow\nsteps:\n" + indent(dedent(text).strip("\n"), "  ") + "\n"


def failure(kind: Any = "business", message: str = "exit 1", name: str = "") -> Failure:
    return Failure(kind, message, name=name)


__all__ = ["Asking", "Flow", "Paid", "failure", "steps"]
