"""Agents on a real engine: files, skills, scripted models and runs of one agent step."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.catalog import Catalog, workspace_folders
from agents.definition import Agent
from agents.models.abilities import Abilities, abilities_of
from agents.models.port import Model, Reply, Request
from agents.models.registry import Models
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from agents.step import AgentStep
from skills.discover import BUILT_IN, workspace_folder
from skills.invoke import Invoker
from skills.permissions.rules import Rule, Word, parse_rule
from skills.process import environment
from skills.registry import Registry
from tests.support.clocks import VirtualClock
from workflows.bus import Bus, Notice, Streamed
from workflows.clock import SystemClock
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.journal.memory import MemoryStore
from workflows.planning.plan import Plan, PlannedStage, PlannedStep, Use
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise
from workflows.values import Json


@dataclass
class Overheard:
    """A model that passes requests on and remembers them."""

    model: Model
    requests: list[Request] = field(default_factory=list)

    def abilities(self, model: str) -> Abilities:
        return abilities_of(self.model, model)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.requests.append(request)
        return await self.model.complete(request, on_text)


class Troupe:
    """A workspace, trusted unless said otherwise, with its agents. `turns` is what the model `demo/told` says."""

    def __init__(
        self, root: Path, turns: Json = None, *, default_model: str = "", models: Models | None = None
    ) -> None:
        self.root = root
        self.folder = workspace_folders(root)[1].path
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scripts: dict[str, Script] = {}
        self.overheard = Overheard(ScriptedModel(self.scripts.get, SystemClock()))
        self.models = models or Models({"demo/": self.overheard}, default_model)
        self.trusted = True
        self.catalog = Catalog(workspace_folders(root), lambda _: self.trusted)
        self.skills = Registry([BUILT_IN, workspace_folder(root)], lambda _: True)
        self.environ = environment(os.environ)
        self.invoker = Invoker(self.environ, self.skills)
        self.rules: list[Rule] = []
        self.store = MemoryStore()
        self.bus = Bus()
        self.clock = VirtualClock()
        self.streamed: list[str] = []
        self.logged: list[str] = []
        self.bus.subscribe(self._hear)
        self.use(self.skills)
        if turns is not None:
            self.tell("demo/told", turns)

    def use(self, skills: Registry) -> None:
        """Let the agents have these skills."""
        self.skills = skills
        self.step = AgentStep(
            self.catalog,
            self.models,
            skills,
            self.invoker,
            self.environ,
            self.root.parent / "backups",
            rules=lambda _: tuple(self.rules),
            trusted=lambda _: self.trusted,
        )
        self.engine = self._engine()

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, Streamed):
            (self.logged if notice.log else self.streamed).append(notice.text)

    def _engine(self) -> Engine:
        return Engine(self.store, {"agent": self.step}, self.bus, self.clock, code=self.code)

    def code(self, reference: str) -> str:
        agent = self.catalog.snapshot.agents.get(reference.removeprefix("agent:"))
        return agent.digest if agent else ""

    def rule(self, word: Word, text: str) -> None:
        """One more rule of the settings."""
        self.rules.append(parse_rule(word, text, "settings.yaml:1"))

    def tell(self, model: str, turns: Json) -> None:
        self.scripts[model] = Script.from_data(turns)

    def agent(self, name: str = "helper", prompt: str = "You help.", **fields: Any) -> Agent:
        """Write an agent's file, for the model `demo/told` unless said otherwise, and read it."""
        lines = {"name": name, "description": f"The {name}", "model": "demo/told", **fields}
        matter = "\n".join(f"{key}: {value}" for key, value in lines.items() if value is not None)
        (self.folder / f"{name}.md").write_text(f"---\n{matter}\n---\n{prompt}\n")
        self.catalog.reload()
        return self.catalog.get(name)

    def plan(self, *performers: str, given: Json = "Help me.", **more: Any) -> Plan:
        """One agent step, `ask`."""
        names = performers or ("helper",)
        uses = tuple(Use("agent", name, self.code(f"agent:{name}")) for name in names)
        fields = {"agent": names[0], "input": given}
        step = PlannedStep("ask", "agent", "ask", "main", fields, performers=names, uses=uses, **more)
        outputs = {"answer": "${{ steps.ask.output }}"}
        return Plan((PlannedStage("main", ("ask",)),), (step,), title="Test", version="1", outputs=outputs)

    async def start(self, plan: Plan, *, attended: bool = False) -> Driver:
        return await self.engine.start(
            plan, workflow="test", source="", parameters={}, root=self.root, attended=attended
        )

    async def run(self, *performers: str, given: Json = "Help me.", **more: Any) -> RunState:
        """Run the step to its end."""
        driver = await self.start(self.plan(*performers, given=given, **more))
        return await self.engine.finished(driver.state.run_id)

    async def resume(self, events: Sequence[e.Recorded]) -> Driver:
        """A new engine takes over a journal that ends with these events."""
        self.store = MemoryStore()
        self.engine = self._engine()
        lease = await self.store.create("again", "a process that died", events, summarise(replay("again", events)))
        await self.store.release(lease)
        return await self.engine.resume("again")

    async def finish(self, events: Sequence[e.Recorded]) -> tuple[RunState, list[e.Event]]:
        """What a new engine makes of such a journal, and what it adds to it."""
        await self.resume(events)
        state = await self.engine.finished("again")
        return state, [recorded.event for recorded in await self.store.read("again", events[-1].seq)]

    async def close(self) -> None:
        await self.engine.close()
        await self.invoker.aclose()
