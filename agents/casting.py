"""Who performs a step, and with what: an agent with its models, tools, team and folder, ready to talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.allowance import Allowance
from agents.catalog import Catalog
from agents.converse import Conversation
from agents.definition import Agent
from agents.files import loading
from agents.gatekeeper import Gatekeeper, RulesOf
from agents.hands import Hands, Memory
from agents.models.port import Model
from agents.models.registry import Models
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from agents.project import Folders, Project, project_at
from agents.team import Team, team_of
from agents.toolset import Toolset, toolset_of
from agents.turns import Turns
from skills.declare import Context as SkillContext
from skills.invoke import Invoker
from skills.registry import Registry
from skills.step import skill_context
from workflows.clock import Clock
from workflows.errors import fail
from workflows.records import dataclass
from workflows.steps.context import Context

if TYPE_CHECKING:
    from skills.sandbox import Sandbox

TEMPLATE = "template/"
"""The beginning of the names of models that render a template."""


@dataclass(frozen=True)
class Casting:
    """The agents, models and skills of this process. `rules` gives the permission rules of a workspace; `trusted` says
    whether what lies in a folder may act."""

    catalog: Catalog
    models: Models
    skills: Registry
    invoker: Invoker
    environ: Mapping[str, str]
    backups: Path
    clock: Clock
    rules: RulesOf
    sandbox: Sandbox | None
    trusted: Callable[[Path], bool]

    def agent(self, name: str) -> Agent:
        """The agent of this name. Raises CallFailed (`denied`) where it may not act."""
        agent = self.catalog.get(name)
        if not agent.trusted:
            message = f"{agent.name} belongs to a workspace that is not trusted"
            raise fail("denied", message, "look at its agents, then say `understudy trust`")
        return agent

    def model_names(self, agent: Agent) -> tuple[str, ...]:
        """The models that are asked, in the order in which they take over; ("",) where none is configured."""
        return tuple(dict.fromkeys(self.models.name_of(model) for model in agent.models))

    def sees(self, agent: Agent, model: str) -> bool:
        """Whether a model is known to take images. Whoever plays a script takes all that it is given."""
        return agent.images or agent.script is not None or self.models.abilities(model).sees

    def team(self, agent: Agent, root: Path, over: Sequence[Agent] = ()) -> Team:
        """Whom it may hand over to, where its task comes from those `over` it."""
        return team_of(agent, self.catalog.snapshot, over, self.rules(root))

    def toolset(self, agent: Agent, root: Path, over: Sequence[Agent] = ()) -> Toolset:
        """What it may call."""
        rules = (*self.rules(root), *(rule for other in over for rule in other.rules))
        return toolset_of(agent, self.skills.snapshot, rules)

    def project(self, root: Path, files: Sequence[str] = (), folders: Folders | None = None) -> Project:
        """What whoever works in a folder is told of it, and of those below it that these files lie in."""
        project = project_at(root, self.trusted)
        for each in (folders or self.folders(root)).of(files):
            project = project.with_(each)
        return project

    def folders(self, root: Path) -> Folders:
        return Folders(root, self.trusted, self.clock.now())

    def conversation(
        self,
        ctx: Context,
        agent: Agent,
        memory: Memory,
        allowance: Allowance,
        *,
        under: str = "",
        over: tuple[Agent, ...] = (),
        files: Sequence[str] = (),
    ) -> Conversation:
        """An agent's conversation, with those who handed its task on `over` it, and its calls `under` a place. It is
        given these `files`."""
        team, names, folders = self.team(agent, ctx.root, over), self.model_names(agent), self.folders(ctx.root)
        toolset = team.join(self.toolset(agent, ctx.root, over))
        turns = Turns(
            names,
            self._model(agent),
            lambda model: not self.models.simulated(model),
            memory.voices,
            self.models.quote,
            self.models.abilities,
            agent.context_window,
            toolset.instructs,
            loading(ctx.root),
            under,
            agent.name if over else "",
            allowance,
        )

        def begin(member: Agent, place: str) -> Conversation:
            within = Allowance(member.name, member.max_total_tokens, allowance)
            return self.conversation(ctx, member, memory, within, under=place, over=(agent, *over))

        gatekeeper = Gatekeeper(agent, self.rules, self.invoker, self._skill_context, over)
        hands = Hands(
            agent, toolset, self.invoker, self._skill_context, gatekeeper, team, begin, memory, folders, under
        )
        # Who has no tools does not work in it; and what a template says is its own.
        works = toolset.specs and not any(name.startswith(TEMPLATE) for name in names)
        project = self.project(ctx.root, files, folders) if works else Project()
        return Conversation(agent, turns, toolset, hands, project)

    def _model(self, agent: Agent) -> Model:
        """What answers for the agent: its own script where it has one, else what its model's name belongs to."""
        if agent.script is None:
            return self.models
        script = Script.from_data(agent.script)
        return ScriptedModel(lambda _: script, self.clock)

    def _skill_context(self, ctx: Context, call: str, key: str) -> SkillContext:
        return skill_context(ctx, call, key, ctx.log, self.environ, self.backups, self.sandbox)
