"""What is told of an agent: its models, its tools, its limits, what it will not get; and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflows.text import one_line
from workflows.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.definition import Agent
    from agents.models.registry import Models
    from app.container import Services


def document(agent: Agent, models: Models) -> dict[str, Json]:
    """An agent for `--json`."""
    name = models.name_of(agent.model)
    return {
        "name": agent.name,
        "scope": agent.scope,
        "state": agent.state,
        "version": agent.version,
        "path": str(agent.path) if agent.path else None,
        "description": agent.description,
        "model": name or None,
        "simulated": models.simulated(name),
        "fallback_models": [models.name_of(model) for model in agent.fallback_models],
        "tools": list(agent.tools),
        "skills": list(agent.skills),
        "agents": list(agent.agents),
        "fallback": list(agent.fallback),
        "not_used_here": list(agent.ignored),
    }


def model_words(agent: Agent, models: Models) -> str:
    """The models that it asks, in their order, labelled where there is no AI in them."""
    from app.present.labels import model_label

    words = []
    for name in map(models.name_of, agent.models):
        label = f" · {model_label(name)}" if models.simulated(name) else ""
        words.append(f"{name}{label}" if name else "none: no default model")
    return ", then ".join(words)


def agent_lines(agent: Agent, models: Models, asks: Mapping[str, bool]) -> Iterator[str]:
    from app.present.figures import duration

    yield f"model: {model_words(agent, models)}"
    tools = [f"{tool} (asks you)" if asked else tool for tool, asked in asks.items()]
    yield f"tools: {one_line(', '.join(tools), 2000) or 'none'}"
    if agent.skills:
        yield f"reads the skill folders: {', '.join(agent.skills)}"
    if agent.agents:
        yield f"may hand over to: {', '.join(agent.agents)}"
    if agent.rules:
        yield f"its own rules: {one_line('; '.join(f'{rule.word} {rule.text}' for rule in agent.rules), 1000)}"
    limits = [f"{agent.max_turns} turns", f"{duration(agent.turn_timeout)} for each answer"]
    limits += [f"{agent.max_tokens} tokens for each answer"] if agent.max_tokens else []
    limits += [f"{agent.max_total_tokens} tokens for all of a step"] if agent.max_total_tokens else []
    yield f"limits: {', '.join(limits)}"
    if agent.output_schema is not None:
        from app.present.schemas import schema_lines

        yield "answers with:"
        yield from (f"  {line}" for line in schema_lines(agent.output_schema))
    if agent.ignored:
        yield f"not used here: {', '.join(agent.ignored)}"


def tools_asked(agent: Agent, services: Services) -> Mapping[str, bool]:
    """The tools that it gets, and whether a person may be asked for each."""
    entry = services.catalogue.find("agent", agent.name)
    if entry is None:
        return {}
    there = {name: services.catalogue.find("skill", name) for name in entry.tools}
    usable = [name for name, skill in there.items() if skill is not None and not skill.problem]
    return {name: name in entry.asks for name in dict.fromkeys((*usable, *entry.asks))}


def refused(agent: Agent, services: Services) -> Iterator[str]:
    """What it names and will not get, as `validate` says it of a step that asks it."""
    from agents.step import AgentFields

    kind = services.kinds["agent"]
    for finding in kind.check(AgentFields(agent=agent.name, input=""), services.catalogue):
        yield finding.message


def missing(agent: Agent, services: Services) -> list[str]:
    """Why its models cannot be asked as things are, as far as this is known without asking them."""
    from agents.models.keys import Key

    keys, found = services.performers.keys, []
    for name in map(services.models.name_of, agent.models):
        if not name:
            found.append("no model is configured: export UNDERSTUDY_MODEL=<provider>/<model>, or name one in its file")
        elif not services.models.simulated(name) and not isinstance(key := keys.find(name), Key):
            failure = key.failure()
            found.append(f"{failure.message} {failure.hint}")
    return found
