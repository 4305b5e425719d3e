"""What a plan's calls of models may cost, before anything runs: one call of each agent that is named, at its worst."""

from __future__ import annotations

from agents.catalog import Snapshot as Agents
from agents.catalog import UnknownAgent
from agents.models.port import Message, Request
from agents.models.registry import Models
from agents.toolset import toolset_of
from app.present.planned import every_step
from skills.registry import Snapshot as Skills
from workflows.errors import CallFailed
from workflows.planning.plan import Plan, PlannedStep
from workflows.records import dataclass


@dataclass(frozen=True)
class Estimate:
    """US dollars at most, for one call of each agent step: agents with tools, and retries, make more of them.

    `usd` sums up those whose price is known; `unknown` are the models of the others. `items`: some of the steps are
    done for each item of a list. `unset` are agents that no model is set for: they cost nothing, and cannot answer.
    """

    calls: int = 0
    usd: float = 0.0
    unknown: tuple[str, ...] = ()
    items: bool = False
    unset: tuple[str, ...] = ()


def estimate(plan: Plan, agents: Agents, models: Models, skills: Skills) -> Estimate:
    """What the first calls of a plan may cost. Models without AI cost nothing and are not counted."""
    calls, usd, unknown, items = 0, 0.0, dict[str, None](), False
    for step in every_step(plan).values():
        # Of several equal agents the dearest may be the one that takes it.
        equals = step.performers[: step.equals] if step.kind == "agent" else ()
        requests = [found for name in equals if (found := _request(step, name, agents, models, skills)) is not None]
        quotes = {request.model: _quote(models, request) for request in requests}
        unknown |= dict.fromkeys(model for model, most in quotes.items() if most is None)
        usd += max((most for most in quotes.values() if most is not None), default=0.0)
        calls += bool(quotes)
    items = any(step.each is not None and step.each.step.kind == "agent" for step in plan.every)
    uses = [use for step in every_step(plan).values() for use in step.uses if use.what == "agent"]
    unset = dict.fromkeys(use.name for use in uses if not use.models and not use.simulated)
    return Estimate(calls, usd, tuple(unknown), items, tuple(unset))


def _quote(models: Models, request: Request) -> float | None:
    try:
        return models.quote(request)[1].usd
    except CallFailed:
        return None  # no model answers to the name: nothing is known of it


def _request(step: PlannedStep, name: str, agents: Agents, models: Models, skills: Skills) -> Request | None:
    """The first request of an agent step, as far as it can be known: expressions are still text."""
    try:
        agent = agents.get(name)
    except UnknownAgent:
        return None
    own = step.fields.get("model") if isinstance(step.fields, dict) else None
    model = models.name_of(own or agent.model)
    if not model or models.simulated(model):
        return None
    given = step.fields.get("input") if isinstance(step.fields, dict) else None
    messages = (Message("system", agent.prompt), Message("user", given if isinstance(given, str) else str(given)))
    return Request(model, messages, toolset_of(agent, skills).specs, max_tokens=agent.max_tokens)
