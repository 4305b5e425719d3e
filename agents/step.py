"""agent: a model with a prompt and tools, and the agents that take over when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from agents.allowance import Allowance
from agents.catalog import Catalog
from agents.converse import Conversation, Memory
from agents.definition import Agent
from agents.files import Given, asked_with, check_sight, loading, paths_of, read_file, read_files
from agents.gatekeeper import Gatekeeper, RulesOf
from agents.models.port import Message, Model
from agents.models.registry import Models
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from agents.project import Folders, Project, project_at
from agents.team import team_of
from agents.toolset import NO_FOLDER, Toolset, toolset_of
from agents.turns import Turns
from skills.declare import Context as SkillContext
from skills.invoke import Invoker
from skills.paths import check_open, real_root, resolve
from skills.permissions.act import Act
from skills.permissions.decide import decide
from skills.registry import Registry
from skills.step import skill_context
from workflows.clock import Clock, SystemClock
from workflows.definition.fields import Count, Name, Value
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

TEMPLATE = "template/"
"""The beginning of the names of models that render a template."""

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
        self._catalog = catalog
        self._models = models
        self._skills = skills
        self._invoker = invoker
        self._environ = environ
        self._backups = backups
        self._clock = clock or SystemClock()
        self._rules = rules
        self._sandbox = sandbox
        self._trusted = trusted

    def check(self, fields: AgentFields, catalogue: Catalogue) -> Iterable[Finding]:
        if not isinstance(fields.files, str | list | tuple | None):
            yield Finding(("files",), "wrong-type", "files must be a list of paths", "write `files: [PATH, …]`")
        for index, name in enumerate(fields.agents):
            path = ("agent",) if isinstance(fields.agent, str) else ("agent", index)
            yield from check_named("agent", name, path, catalogue)
            if name in fields.agents[:index]:
                yield Finding(path, "no-effect", f"'{name}' is in the list already", warning=True)
            entry = catalogue.find("agent", name)
            for skill in entry.skills if entry and not entry.problem else ():
                if why := _no_folder(catalogue.find("skill", skill)):
                    message = f"the agent '{name}' will not get its skill '{skill}': {why}"
                    yield Finding(path, "refused-skill", message, warning=True)
            for tool in entry.tools if entry and not entry.problem else ():
                if why := _refusal(catalogue.find("skill", tool)):
                    message = f"the agent '{name}' will not get its tool '{tool}': {why}"
                    yield Finding(path, "refused-tool", message, warning=True)
            for other in entry.agents if entry and not entry.problem else ():
                if why := _no_member(other, catalogue.find("agent", other), name):
                    message = f"the agent '{name}' cannot hand over to '{other}': {why}"
                    yield Finding(path, "refused-agent", message, warning=True)

    def performers(self, fields: AgentFields, fallback: Sequence[str]) -> tuple[str, ...]:
        return (*dict.fromkeys(fields.agents), *fallback)

    def describe(self, fields: AgentFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entries = [catalogue.find("agent", name) for name in self.performers(fields, fallback)]
        agents = dict.fromkeys(fields.agents)
        summary = f"ask {'one of ' if len(agents) > 1 else ''}{', '.join(agents)}"
        uses = tuple(entry for entry in entries if entry is not None)
        return Description(summary, uses, None, equals=max(1, len(agents)), allocate=fields.allocate)

    async def show(self, ctx: Context) -> Shown:
        """Who would be asked, with which tools, and what."""
        agent = self._agent(ctx)
        toolset, team = self._toolset(ctx, agent), team_of(agent, self._catalog.snapshot, rules=self._rules(ctx.root))
        files = paths_of(ctx.input.get("files"))
        facts = {
            "agent": f"{agent.name} ({agent.version}, {agent.scope})",
            "model": ", else ".join(filter(None, self._model_names(agent))) or "none is configured",
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
            check_sight(self._model_names(agent), files, lambda name: self._sees(agent, name))
            asked = asked_with(asked.content, files)
        limits = [most for most in (agent.max_total_tokens, ctx.input.get("max_total_tokens")) if most is not None]
        allowance = Allowance(agent.name, min(limits, default=None))
        talk = self._conversation(ctx, agent, Memory(ctx.stream), allowance, files=[each.path for each in files])
        return await talk.hold(ctx, given, asked)

    async def depends_on(self, ctx: Context) -> Json:
        """What is in the files that it is given, and what the project says to whoever works in it."""
        agent, paths = self._agent(ctx), paths_of(ctx.input.get("files"))
        self._check_files(ctx, agent, paths)
        files = [(await asyncio.to_thread(read_file, ctx.root, path))[0] for path in paths]
        told = project_at(ctx.root, self._trusted).told if agent.tools or agent.skills else ""
        found = [[each.path, each.sha256] for each in files]
        return [found, told] if found or told else None

    def _sees(self, agent: Agent, model: str) -> bool:
        """Whether a model is known to take images. Whoever plays a script takes all that it is given."""
        return agent.images or agent.script is not None or self._models.abilities(model).sees

    def _check_files(self, ctx: Context, agent: Agent, paths: Sequence[str]) -> None:
        """Raises CallFailed for a file that a rule keeps from being read: a path may be what another model said."""
        rules = (*self._rules(ctx.root), *agent.rules)
        for path in paths:
            real = resolve(real_root(ctx.root), path)
            check_open(real, self._invoker.closed)
            shown = real.relative_to(real_root(ctx.root)).as_posix()
            decision = decide(rules, Act(READS, "pure", frozenset({"reads"}), (shown,)))
            if decision.rule and decision.rule.word == "deny":
                raise fail("denied", f"{shown} is not given to {agent.name}: {decision.why}", "Look at `permissions`.")

    def _conversation(
        self,
        ctx: Context,
        agent: Agent,
        memory: Memory,
        allowance: Allowance,
        under: str = "",
        over: tuple[Agent, ...] = (),
        files: Sequence[str] = (),
    ) -> Conversation:
        """An agent's conversation, with those who handed its task on `over` it, and its calls `under` a place."""
        team = team_of(agent, self._catalog.snapshot, over, self._rules(ctx.root))
        toolset = team.join(self._toolset(ctx, agent, over))
        turns = Turns(
            self._model_names(agent),
            self._model(agent),
            self._costs,
            memory.voices,
            self._models.quote,
            self._models.abilities,
            agent.context_window,
            toolset.instructs,
            loading(ctx.root),
            under,
            agent.name if over else "",
            allowance,
        )
        gatekeeper = Gatekeeper(agent, self._rules, self._invoker, self._skill_context, over)

        def begin(member: Agent, place: str) -> Conversation:
            within = Allowance(member.name, member.max_total_tokens, allowance)
            return self._conversation(ctx, member, memory, within, place, (agent, *over))

        # Who has no tools does not work in it; and what a template says is its own.
        works = toolset.specs and not any(name.startswith(TEMPLATE) for name in turns.names)
        project, folders = (
            project_at(ctx.root, self._trusted) if works else Project(),
            Folders(ctx.root, self._trusted, self._clock.now()),
        )
        for each in folders.of(files if works else ()):
            project = project.with_(each)
        return Conversation(
            agent, turns, toolset, self._invoker, self._skill_context, gatekeeper, team, begin, memory, folders, project
        )

    def _toolset(self, ctx: Context, agent: Agent, over: Sequence[Agent] = ()) -> Toolset:
        rules = (*self._rules(ctx.root), *(rule for other in over for rule in other.rules))
        return toolset_of(agent, self._skills.snapshot, rules)

    def _agent(self, ctx: Context) -> Agent:
        agent = self._catalog.get(ctx.performer)
        if not agent.trusted:
            message = f"{agent.name} belongs to a workspace that is not trusted"
            raise fail("denied", message, "look at its agents, then say `understudy trust`")
        return agent

    def _model_names(self, agent: Agent) -> tuple[str, ...]:
        """The models that are asked, in the order in which they take over; ("",) where none is configured."""
        return tuple(dict.fromkeys(self._models.name_of(model) for model in agent.models))

    def _costs(self, model: str) -> bool:
        return not self._models.simulated(model)

    def _model(self, agent: Agent) -> Model:
        """What answers for the agent: its own script where it has one, else what its model's name belongs to."""
        if agent.script is None:
            return self._models
        script = Script.from_data(agent.script)
        return ScriptedModel(lambda _: script, self._clock)

    def _skill_context(self, ctx: Context, call: str, key: str) -> SkillContext:
        return skill_context(ctx, call, key, ctx.log, self._environ, self._backups, self._sandbox)


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
