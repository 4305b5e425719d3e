"""agent: a model with a prompt and tools, and the agents that take over when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from agents.allowance import Allowance
from agents.casting import Casting
from agents.catalog import Catalog
from agents.definition import Agent
from agents.files import Given, asked_with, check_sight, paths_of, read_file, read_files
from agents.gatekeeper import RulesOf
from agents.hands import Memory
from agents.models.port import Message
from agents.models.registry import Models
from agents.toolset import NO_FOLDER
from skills.invoke import Invoker
from skills.paths import check_open, real_root, resolve
from skills.permissions.act import Act
from skills.permissions.decide import decide
from skills.registry import Registry
from workflows.clock import Clock, SystemClock
from workflows.definition.fields import Count, Label, Name, Value
from workflows.errors import fail
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.arguments import check_named
from workflows.steps.context import Context
from workflows.steps.kind import Allocation, Catalogue, Description, Entry, Fields, Finding, Shown
from workflows.text import safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from skills.sandbox import Sandbox

READS = "file.read"
"""The skill whose rules hold for files that a step is given."""

SHOWN_INPUT = 200_000
"""Characters of its input that an approval of an agent step shows."""


class AgentFields(Fields):
    noun: ClassVar[str] = "agent step"

    agent: Name | tuple[Name, ...] = Field(description="The agent, or a list of equal ones.")
    # Of the plan, and no part of what the step is given.
    allocate: Allocation = Field(
        default="round_robin", description="How it is decided which of several takes the step."
    )
    input: Value = Field(description="What it is asked: a text, or data.")
    files: Value = Field(default=None, description="Paths of files of the workspace that it is given: texts, images.")
    model: Label | None = Field(
        default=None, description="The model that answers in this step, in the place of its agent's own."
    )
    max_total_tokens: Count | None = Field(
        default=None, description="Tokens that the agent may use for all its turns, read and written."
    )

    @property
    def agents(self) -> tuple[str, ...]:
        """Those that the step may be given to at first."""
        return (self.agent,) if isinstance(self.agent, str) else self.agent


class AgentStep(Alone):
    """Asks an agent; its answer is the step's output. The step has no effect class: its calls have."""

    name: ClassVar[str] = "agent"
    fields: ClassVar[type[Fields]] = AgentFields

    def __init__(
        self,
        catalog: Catalog,
        models: Models,
        skills: Registry,
        invoker: Invoker,
        environ: Mapping[str, str],
        backups: Path,
        clock: Clock | None = None,
        rules: RulesOf = lambda root: (),
        sandbox: Sandbox | None = None,
        trusted: Callable[[Path], bool] = lambda root: False,
    ) -> None:
        """`rules` gives the permission rules of a workspace; without any, all that is not pure is asked for. `trusted`
        says whether what lies in a folder may act."""
        self._cast = Casting(
            catalog, models, skills, invoker, environ, backups, clock or SystemClock(), rules, sandbox, trusted
        )

    def check(self, fields: AgentFields, catalogue: Catalogue) -> Iterable[Finding]:
        if not isinstance(fields.files, str | list | tuple | None):
            yield Finding(("files",), "wrong-type", "files must be a list of paths", "write `files: [PATH, …]`")
        for index, name in enumerate(fields.agents):
            path = ("agent",) if isinstance(fields.agent, str) else ("agent", index)
            yield from check_named("agent", name, path, catalogue)
            if name in fields.agents[:index]:
                yield Finding(path, "no-effect", f"'{name}' is in the list already", warning=True)
            entry = catalogue.find("agent", name)
            if entry and not entry.problem:
                for code, why in _unusable(entry, name, catalogue):
                    yield Finding(path, code, f"the agent '{name}' {why}", warning=True)

    def performers(self, fields: AgentFields, fallback: Sequence[str]) -> tuple[str, ...]:
        return (*dict.fromkeys(fields.agents), *fallback)

    def describe(self, fields: AgentFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entries = [catalogue.find("agent", name) for name in self.performers(fields, fallback)]
        agents = dict.fromkeys(fields.agents)
        summary = f"ask {'one of ' if len(agents) > 1 else ''}{', '.join(agents)}"
        uses = tuple(self._told(entry, fields) for entry in entries if entry is not None)
        return Description(summary, uses, None, equals=max(1, len(agents)), allocate=fields.allocate)

    def _told(self, entry: Entry, fields: AgentFields) -> Entry:
        """What is known of an agent where it is asked with the step's own model."""
        if not fields.model or entry.name not in fields.agents:
            return entry
        return replace(entry, models=(fields.model,), simulated=Models.simulated(fields.model))

    def _agent(self, ctx: Context) -> Agent:
        """Who performs the step: with the step's model, where it names one; an understudy as they are."""
        agent, model, own = self._cast.agent(ctx.performer), ctx.input.get("model"), ctx.input.get("agent")
        if not model or ctx.performer not in ([own] if isinstance(own, str) else own or ()):
            return agent
        return replace(agent, model=model, fallback_models=(), script=None)

    async def show(self, ctx: Context) -> Shown:
        """Who would be asked, with which tools, and what."""
        agent = self._agent(ctx)
        toolset, team = self._cast.toolset(agent, ctx.root), self._cast.team(agent, ctx.root)
        files = paths_of(ctx.input.get("files"))
        facts = {
            "agent": f"{agent.name} ({agent.version}, {agent.scope})",
            "model": ", else ".join(filter(None, self._cast.model_names(agent))) or "none is configured",
            "tools": ", ".join(skill.name for skill in toolset.skills.values()) or "none",
            **({"files": ", ".join(files)} if files else {}),
            **({"may hand over to": ", ".join(team.members)} if team.members else {}),
        }
        body = safe_text(_prompt(ctx.input["input"]), limit=SHOWN_INPUT)
        bound = [read_file(ctx.root, path)[0].sha256 for path in files]
        return Shown(f"Ask {agent.name}", body, facts, [agent.digest, facts["model"], *bound])

    async def run(self, ctx: Context) -> Json:
        """Hold the conversation. Gives {text, model, agent, simulated}, and `data` where a schema is asked for."""
        agent, given = self._agent(ctx), ctx.input["input"]
        asked = Message("user", _prompt(given))
        files: tuple[Given, ...] = ()
        if paths := paths_of(ctx.input.get("files")):
            self._check_files(ctx, agent, paths)
            files = await read_files(ctx, paths)
            check_sight(self._cast.model_names(agent), files, lambda name: self._cast.sees(agent, name))
            asked = asked_with(asked.content, files)
        limits = [most for most in (agent.max_total_tokens, ctx.input.get("max_total_tokens")) if most is not None]
        allowance = Allowance(agent.name, min(limits, default=None))
        talk = self._cast.conversation(ctx, agent, Memory(ctx.stream), allowance, files=[each.path for each in files])
        return await talk.hold(ctx, given, asked)

    async def depends_on(self, ctx: Context) -> Json:
        """What is in the files that it is given, and what the project says to whoever works in it."""
        agent, paths = self._cast.agent(ctx.performer), paths_of(ctx.input.get("files"))
        self._check_files(ctx, agent, paths)
        files = [(await asyncio.to_thread(read_file, ctx.root, path))[0] for path in paths]
        told = self._cast.project(ctx.root, [each.path for each in files]).told if agent.tools or agent.skills else ""
        found = [[each.path, each.sha256] for each in files]
        return [found, told] if found or told else None

    def _check_files(self, ctx: Context, agent: Agent, paths: Sequence[str]) -> None:
        """Raises CallFailed for a file that a rule keeps from being read: a path may be what another model said."""
        rules = (*self._cast.rules(ctx.root), *agent.rules)
        for path in paths:
            real = resolve(real_root(ctx.root), path)
            check_open(real, self._cast.invoker.closed)
            shown = real.relative_to(real_root(ctx.root)).as_posix()
            decision = decide(rules, Act(READS, "pure", frozenset({"reads"}), (shown,)))
            if decision.rule and decision.rule.word == "deny":
                raise fail("denied", f"{shown} is not given to {agent.name}: {decision.why}", "Look at `permissions`.")


def _unusable(agent: Entry, name: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """What an agent names and will not get: the code of a warning, and what it says."""
    for skill in agent.skills:
        if why := _no_folder(catalogue.find("skill", skill)):
            yield "refused-skill", f"will not get its skill '{skill}': {why}"
    for tool in agent.tools:
        if why := _refusal(catalogue.find("skill", tool)):
            yield "refused-tool", f"will not get its tool '{tool}': {why}"
    for other in agent.agents:
        if why := _no_member(other, catalogue.find("agent", other), name):
            yield "refused-agent", f"cannot hand over to '{other}': {why}"


def _refusal(skill: Entry | None) -> str:
    """Why an agent cannot use this skill as a tool at all, as agents.toolset decides it; empty where it can."""
    if skill is None:
        return "there is no such skill"
    return skill.problem


def _no_folder(skill: Entry | None) -> str:
    """Why an agent is not shown a skill, as agents.toolset decides it; empty where it is."""
    if skill is None:
        return "there is no such skill"
    return "" if skill.folder else skill.problem or NO_FOLDER


def _no_member(name: str, agent: Entry | None, by: str) -> str:
    """Why an agent cannot hand over to another, as agents.team decides it; empty where it can."""
    if name == by:
        return "the task comes from it"
    return "there is no such agent" if agent is None else agent.problem


def _prompt(given: Json) -> str:
    """The input as a model is told it: a text as it is, data as JSON under a heading, at the very end."""
    return given if isinstance(given, str) else f"# Input\n\n{json.dumps(given, indent=1, ensure_ascii=False)}"
