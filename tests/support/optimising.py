"""Workflows of scripted skills and agents that say what they were given, for what must not change what they do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from tests.support.catalogue import Listed
from tests.support.flows import Flow
from tests.support.plans import Act, Deed, Doing, World, until
from workflows.definition.fields import Name, Value, Values
from workflows.definition.model import Workflow
from workflows.definition.parse import parse
from workflows.effects import Effect
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, Failure, UnderstudyError
from workflows.parts import Field
from workflows.runs.state import RunState
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Entry, Fields, Finding, StepKind

UNDO = {"skill": "store", "parameters": {}}
SKILLS = (
    Entry("skill", "compute", effect="pure"),
    Entry("skill", "read", effect="pure", touches=frozenset({"reads"})),
    Entry("skill", "fetch", effect="pure", touches=frozenset({"network"})),
    Entry("skill", "program", effect="pure", touches=frozenset({"reads", "network", "shell"})),
    Entry("skill", "store", effect="idempotent", touches=frozenset({"writes"})),
    Entry("skill", "send", effect="unsafe", touches=frozenset({"network"})),
    Entry(
        "skill", "replace", effect="unsafe", touches=frozenset({"writes"}), undo={"skill": "store", "parameters": {}}
    ),
)
AGENTS = tuple(Entry("agent", name, models=(f"a/{name}",)) for name in ("large", "small", "other"))
"""The last one answers otherwise than the others."""
EFFECTS: dict[str, Effect] = {entry.name: entry.effect or "pure" for entry in SKILLS}


class SkillFields(Fields):
    noun: ClassVar[str] = "skill step"

    skill: Name
    parameters: Values = Field(default_factory=dict)


class Skilled(Doing):
    """Calls a scripted skill: it gives back its name and what it was given."""

    name: ClassVar[str] = "skill"
    fields: ClassVar[type[Fields]] = SkillFields

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return ("",)

    def describe(self, fields: SkillFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entry = catalogue.find("skill", fields.skill)
        assert entry is not None
        undo = {"type": "skill", **entry.undo} if entry.undo else None
        return Description("calls a skill", uses=(entry,), effect=entry.effect, undo=undo)

    async def run(self, ctx: Context) -> Any:
        async def act(key: str) -> Result:
            deed = Deed(ctx.address, ctx.performer, key, ctx.input)
            self.world.deeds.append(deed)
            return Result(await self.world.acts[ctx.address](deed))

        effect = EFFECTS[ctx.input["skill"]]
        return await ctx.call("act", {"input": ctx.input}, effect, act, model="", worst=None)


class AgentFields(Fields):
    noun: ClassVar[str] = "agent step"

    agent: Name
    input: Value


class Acting(Skilled):
    """Asks a scripted agent: whoever answers says the same."""

    name: ClassVar[str] = "agent"
    fields: ClassVar[type[Fields]] = AgentFields

    def performers(self, fields: AgentFields, fallback: Sequence[str]) -> tuple[str, ...]:
        return (fields.agent, *fallback)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        found = [catalogue.find("agent", name) for name in (fields.agent, *fallback)]
        return Description("asks an agent", uses=tuple(filter(None, found)), effect=None)

    async def run(self, ctx: Context) -> Any:
        async def act(key: str) -> Result:
            deed = Deed(ctx.address, ctx.performer, key, ctx.input["input"])
            self.world.deeds.append(deed)
            return Result(await self.world.acts[ctx.address](deed))

        return await ctx.call("act", {"input": ctx.input}, "pure", act, model="", worst=None)


class Said(dict[str, Act]):
    """What every step does, wherever it stands: it gives back its id and what it was given. Some fail.

    What begins first takes effect last where both are under way, so that nothing is done at the same time unseen.
    `effects` are the steps and items that changed something outside, in that order. `failing` are ids of steps, with
    `step/performer` for one performer alone; `flaky` ones fail once, after they took effect. With `looking`, what
    reads files or the network also tells how much was changed outside before, and in which run.
    """

    def __init__(self, failing: frozenset[str], looking: bool) -> None:
        super().__init__()
        self.failing = failing
        self.flaky: set[str] = set()
        self.looking = looking
        self.round = 1
        self.effects: list[str] = []

    def begin_anew(self) -> None:
        """Another run: the world outside is another one."""
        self.round += 1
        self.effects.clear()

    def __missing__(self, address: str) -> Act:
        async def act(deed: Deed) -> Any:
            id_ = plain(address)
            if {id_, f"{id_}/{deed.performer}"} & self.failing:
                raise CallFailed(Failure("business", "scripted"))
            for _ in range(_turns(address)):
                await asyncio.sleep(0)
            skill = deed.input.get("skill") if isinstance(deed.input, dict) else None
            before = len(self.effects)
            if EFFECTS.get(skill or "", "pure") != "pure":
                self.effects.append(re.sub(r"~.*", "", address.rsplit(">", 1)[-1]))
            if id_ in self.flaky:
                self.flaky.discard(id_)
                raise CallFailed(Failure("transient", "scripted"))
            seen = {"seen": f"{self.round}.{before}"} if self.looking and skill in ("read", "fetch") else {}
            told = {"by": deed.performer} if deed.performer == "other" else {}
            return {"step": id_, "given": deed.input, **seen, **told}

        return act


def plain(address: str) -> str:
    """The id of the step at an address."""
    return re.sub(r"\[\d+\]|~.*", "", address.rsplit(">", 1)[-1])


def _turns(address: str) -> int:
    """Turns of the loop that it takes: the fewer, the later it stands in the file or in its list."""
    number, item = re.search(r"(\d+)(?!.*[a-z]\d)", plain(address)), re.search(r"\[(\d+)\]", address)
    return max(0, 60 - 6 * int(number[1]) if number else 30) + max(0, 20 - 6 * int(item[1]) if item else 0)


class Scripted(Flow):
    """An engine with these skills and agents. `failing` are the steps that fail."""

    def __init__(self, failing: frozenset[str] = frozenset(), *, looking: bool = False) -> None:
        super().__init__(world=World(acts=Said(failing, looking)))
        more: tuple[StepKind, ...] = (Skilled(self.world), Acting(self.world))
        self.kinds.update({kind.name: kind for kind in more})
        self.catalogue = Listed(*SKILLS, *AGENTS)

    def read(self, text: str) -> Workflow | None:
        """The workflow of a text, None where it has errors."""
        parsed = parse(text, "flow.yaml", self.kinds, self.catalogue)
        return parsed.workflow if parsed.valid else None

    async def whole(self, text: str) -> RunState:
        """A run to its end; a person approves whatever is asked."""
        driver = await self.start(text, attended=True)
        return await self._answered(driver)

    async def _answered(self, driver: Driver) -> RunState:
        while not driver.committed.over:
            await until(lambda: driver.committed.over or bool(driver.committed.open_inquiries) or _waits(driver))
            if _waits(driver) and (wake := self.clock.next_wake) is not None:
                await self.clock.advance(max(0.0, wake - self.clock.now()))
                continue
            for inquiry in driver.committed.open_inquiries[:1]:
                with suppress(UnderstudyError):  # the run ended meanwhile
                    asked = inquiry.asked
                    await driver.answer(asked.entry, "approve" if asked.reason == "approval" else "abort")
        return await self.finished(driver)

    @property
    def said(self) -> Said:
        """What its steps do."""
        found = self.world.acts
        assert isinstance(found, Said)
        return found


def _waits(driver: Driver) -> bool:
    """Whether a step waits for its next try."""
    return not driver.committed.over and any(step.retry_at for step in driver.committed.steps.values())
