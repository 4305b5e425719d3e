"""Whom an agent may hand a part of its task over to, and the tool by which it does.

The other agent begins with the task alone: it knows nothing of the conversation, has its own tools and rules, and is
bound by the rules of all who handed over to it besides. What it answers is data for the one who asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.catalog import Snapshot
from agents.definition import Agent
from agents.models.port import Message, ToolCall, ToolSpec
from agents.toolset import Refusal, Toolset, safe_name
from skills.permissions.decide import denied_altogether
from skills.permissions.rules import Rule
from workflows.diagnostics import suggest
from workflows.records import dataclass
from workflows.text import one_line, safe_text

DELEGATE = "delegate"
"""The name of the tool."""

DEPTH = 2
"""How often a task may be handed on: the second one who gets it does it alone."""

MOST = 8
"""How often one agent may hand over while it works on one task."""

MAX_TASK = 32 * 1024
"""Characters of a task."""

_ABOUT = (
    "Hand a part of your task over to another agent and get its answer. It knows nothing of this conversation: "
    "tell it all that it needs. There are:"
)


@dataclass(frozen=True)
class Errand:
    """A task for another agent."""

    agent: Agent
    task: str


@dataclass(frozen=True)
class Team:
    """Those whom one agent may hand over to, by name, and those whom it names and may not."""

    members: Mapping[str, Agent]
    refused: tuple[Refusal, ...] = ()

    def find(self, call: ToolCall, said: Sequence[Message]) -> Errand | str | None:
        """What a call of the tool asks for, or what is wrong with it; None where it calls for another tool.

        `said` is the conversation with this call in it.
        """
        if safe_name(call.name) != DELEGATE or not self.members:
            return None
        if call.fault:
            return f"{safe_text(call.fault, limit=500)} Call {DELEGATE} again, with an agent and a task."
        calls = [each for message in said for each in message.tool_calls if safe_name(each.name) == DELEGATE]
        if next(n for n, each in enumerate(calls, start=1) if each is call) > MOST:
            return f"You may hand over {MOST} times. Go on without it."
        name, task = (call.arguments.get(key) for key in ("agent", "task"))
        if not isinstance(name, str) or name not in self.members:
            return f"There is no agent '{one_line(str(name), 64)}'. There are: {', '.join(self.members)}."
        if not isinstance(task, str) or not task.strip() or len(task) > MAX_TASK or len(call.arguments) != 2:
            return f"{DELEGATE} takes an agent and a task: a text that says all it needs, up to {MAX_TASK} characters."
        return Errand(self.members[name], task)

    def join(self, toolset: Toolset) -> Toolset:
        """The tools of the agent with this one, if there is anybody to hand over to."""
        refused = {f"agent {refusal.tool}": refusal for refusal in self.refused}
        if not self.members:
            return replace(toolset, refused={**toolset.refused, **refused})
        if DELEGATE in toolset.skills:
            refused[DELEGATE] = Refusal(DELEGATE, "the tool by which it hands over has this name")
        specs = (*(spec for spec in toolset.specs if spec.name != DELEGATE), self._spec())
        skills = {name: skill for name, skill in toolset.skills.items() if name != DELEGATE}
        return replace(toolset, specs=specs, skills=skills, refused={**toolset.refused, **refused})

    def _spec(self) -> ToolSpec:
        listed = (f"- {name}: {one_line(agent.description, 200)}" for name, agent in self.members.items())
        parameters = {
            "type": "object",
            "properties": {
                "agent": {"enum": list(self.members), "description": "Who is to do it."},
                "task": {"type": "string", "description": "What is to be done, with all that it needs to know."},
            },
            "required": ["agent", "task"],
            "additionalProperties": False,
        }
        return ToolSpec(DELEGATE, "\n".join((_ABOUT, *listed)), parameters)


def team_of(agent: Agent, agents: Snapshot, over: Sequence[Agent] = (), rules: Sequence[Rule] = ()) -> Team:
    """The team of an agent that got its task from those `over` it, the nearest first, where these rules count besides
    their own."""
    members: dict[str, Agent] = {}
    refused: list[Refusal] = []
    if agent.agents and (
        rule := denied_altogether((*rules, *(r for each in (agent, *over) for r in each.rules)), DELEGATE)
    ):
        return Team({}, (Refusal(DELEGATE, f"the rule {rule} denies it"),))
    line = [agent.name, *(other.name for other in over)]
    for name in dict.fromkeys(agent.agents):
        found = agents.agents.get(name)
        if name in line:
            refused.append(Refusal(name, "the task comes from it"))
        elif found is None:
            refused.append(
                Refusal(name, "; ".join(filter(None, ("there is no such agent", suggest(name, agents.agents)))))
            )
        elif not found.trusted:
            refused.append(Refusal(name, "it belongs to a workspace that is not trusted"))
        elif len(over) < DEPTH:
            members[name] = found
    return Team(members, tuple(refused))
