"""Small plans and step kinds for tests of the engine: real kinds that act through their context."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from workflows.effects import Effect, Estimate
from workflows.planning.plan import Plan, PlannedStage, PlannedStep
from workflows.steps.context import Context, Question, Result
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown

Act = Callable[["Deed"], Awaitable[Any]]


@dataclass(frozen=True)
class Deed:
    """One act as the world sees it."""

    step: str
    performer: str
    key: str
    input: Any


@dataclass
class World:
    """What acts leave behind, and what each step does when it acts."""

    deeds: list[Deed] = field(default_factory=list)
    acts: dict[str, Act] = field(default_factory=dict)
    shown: Any = None

    def of(self, step: str) -> list[Deed]:
        return [deed for deed in self.deeds if deed.step == step]


class Doing:
    """A kind whose steps do one thing in a World."""

    name: ClassVar[str] = "do"
    fields: ClassVar[type[Fields]] = Fields
    model: ClassVar[str] = ""

    def __init__(self, world: World, effect: Effect = "pure") -> None:
        self.world = world
        self.effect = effect

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return ("", *fallback)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("does something", effect=self.effect)

    async def show(self, ctx: Context) -> Shown:
        return Shown(f"{ctx.address} wants to act", str(ctx.input), binds=self.world.shown)

    async def run(self, ctx: Context) -> Any:
        async def act(key: str) -> Result:
            deed = Deed(ctx.address, ctx.performer, key, ctx.input)
            self.world.deeds.append(deed)
            outcome = await self.world.acts.get(ctx.address, _default)(deed)
            return outcome if isinstance(outcome, Result) else Result(outcome)

        return await ctx.call("act", {"input": ctx.input}, self.effect, act, model=self.model, worst=self.worst(ctx))

    def worst(self, ctx: Context) -> Callable[[], Awaitable[Estimate]] | None:
        """What the act may cost, of kinds that ask a model."""
        return None


async def _default(deed: Deed) -> Any:
    return {"did": deed.step}


class Unsafe(Doing):
    """The same, where repeating does harm."""

    name: ClassVar[str] = "unsafe"

    def __init__(self, world: World) -> None:
        super().__init__(world, "unsafe")


class Paid(Doing):
    """A kind whose act asks a model that costs."""

    name: ClassVar[str] = "paid"
    model: ClassVar[str] = "openai/some-model"


class Asking(Doing):
    """A kind that asks a person from within."""

    name: ClassVar[str] = "ask"

    async def run(self, ctx: Context) -> Any:
        answer = await ctx.ask("question", Question("question", "Which way?", choices=("left", "right")))
        return {"went": answer.choice}


def kinds(world: World) -> dict[str, Any]:
    return {kind.name: kind for kind in (Doing(world), Unsafe(world), Paid(world), Asking(world))}


def step(name: str, kind: str = "do", **more: Any) -> PlannedStep:
    """A step; its fields hold whatever is passed as `fields`."""
    return PlannedStep(**{"id": name, "kind": kind, "title": name, "stage": "main", "fields": {}, **more})


def chain(*steps: PlannedStep, outputs: dict[str, Any] | None = None) -> Plan:
    """The steps one after the other."""
    linked = [
        PlannedStep(**{**vars(each), "after": (steps[place - 1].id,) if place else ()})
        for place, each in enumerate(steps)
    ]
    return Plan(
        (PlannedStage("main", tuple(s.id for s in steps), 1),),
        tuple(linked),
        title="Test",
        version="1",
        outputs=outputs or {},
    )


def parallel(*steps: PlannedStep, width: int = 8, outputs: dict[str, Any] | None = None) -> Plan:
    """The steps side by side, but for what each says in `after`."""
    return Plan(
        (PlannedStage("main", tuple(s.id for s in steps), width),),
        tuple(steps),
        title="Test",
        version="1",
        outputs=outputs or {},
    )


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until the condition holds; fail where it never does."""
    end, turns = time.monotonic() + 60, 0
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        turns += 1
        # What takes long waits for a thread, a program or a deadline, and these for their share of the processor.
        await asyncio.sleep(0 if turns < 1000 else 0.001)
