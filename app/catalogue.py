"""What exists here and can be named by a step, as workflows see it: skills, agents and workflows of this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.steps.kind import Entry, What
from workflows.values import digest

if TYPE_CHECKING:
    from agents.catalog import Catalog
    from agents.definition import Agent
    from agents.models.registry import Models
    from skills.manifest import Skill
    from skills.registry import Registry


class Inventory:
    """The current snapshots of skills and agents, and the workflow files. Always looks at the newest."""

    def __init__(self, skills: Registry, agents: Catalog, models: Models, folders: Mapping[str, Path]) -> None:
        self._skills = skills
        self._agents = agents
        self._models = models
        self._folders = folders

    def find(self, what: What, name: str) -> Entry | None:
        """The entry of this name; one that is there and cannot be used says why in `problem`."""
        if what == "skill":
            skill = self._skills.snapshot.skills.get(name)
            return None if skill is None else _of_skill(skill)
        if what == "agent":
            agent = self._agents.snapshot.agents.get(name)
            return None if agent is None else self._of_agent(agent)
        return Entry("workflow", name) if name in self.names("workflow") else None

    def names(self, what: What) -> Sequence[str]:
        """All names, for lists and suggestions."""
        if what == "skill":
            return sorted(self._skills.snapshot.skills)
        if what == "agent":
            return sorted(self._agents.snapshot.agents)
        return sorted({path.stem for folder in self._folders.values() for path in folder.glob("*.y*ml")})

    def digest(self, reference: str) -> str:
        """The digest that `skill:name` or `agent:name` has now; empty where it is not there or cannot be used."""
        what, _, name = reference.partition(":")
        entry = self.find("agent" if what == "agent" else "skill", name)
        return entry.digest if entry and not entry.problem else ""

    def _of_agent(self, agent: Agent) -> Entry:
        model = self._models.name_of(agent.model)
        return Entry(
            "agent",
            agent.name,
            agent.description,
            self._digest_of(agent),
            models=(model,) if model else (),
            tools=agent.tools,
            simulated=self._models.simulated(model),
            problem="" if agent.trusted else "it belongs to a workspace that is not trusted (`understudy trust`)",
        )

    def _digest_of(self, agent: Agent) -> str:
        """An agent's code is its file, and the skills that its model may call."""
        skills = [self._skills.snapshot.skills.get(name) for name in agent.tools]
        return digest(agent.digest, [skill.digest for skill in skills if skill]) if agent.tools else agent.digest


def _of_skill(skill: Skill) -> Entry:
    return Entry(
        "skill",
        skill.name,
        skill.description,
        skill.digest,
        skill.parameters,
        skill.effect,
        skill.touches,
        problem="" if skill.trusted else "it belongs to a workspace that is not trusted (`understudy trust`)",
    )
