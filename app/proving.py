"""Whether a workflow can run where nobody is: the proof, with what the workspace's rules make of agents' tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.named_workflows import Invalid, WorkflowFile
from app.present.figures import plural
from workflows.errors import UnderstudyError
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan, Use

if TYPE_CHECKING:
    from agents.definition import Agent
    from app.container import Services
    from app.desk import Desk
    from skills.permissions.rules import Rule
    from workflows.diagnostics import Diagnostic


class NotHeadless(UnderstudyError):
    """A workflow may wait for a person where nobody is. `diagnostics` says where, and what to write."""

    def __init__(self, name: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(
            f"{name} may wait for a person where nobody is: {plural(len(diagnostics), 'place')}.",
            f"`understudy validate --unattended {name}` shows each with its line.",
        )
        self.diagnostics = diagnostics


def must_be_headless(desk: Desk, file: WorkflowFile, plan: Plan | None = None) -> None:
    """Raises NotHeadless where a workflow may wait for ever, and Invalid where it is broken."""
    if found := prove_headless(desk, file, plan):
        raise NotHeadless(file.stem, found)


def prove_headless(desk: Desk, file: WorkflowFile, plan: Plan | None = None) -> tuple[Diagnostic, ...]:
    """Where a workflow may wait for a person without anybody being told, a time and a default; nothing where it cannot.

    The workflows that it calls are those of the desk, which has those of a version where it is one's. Without a `plan`
    it is made for any parameters. Raises Invalid where the file is broken.
    """
    from workflows.unattended.headless import Source, prove

    services = desk.services
    if file.workflow is None or file.errors:
        raise Invalid(file)
    if plan is None:
        plan = make_plan(file.workflow, services.kinds, services.catalogue, services.settings.defaults)
        plan = replace(plan, budget=plan.budget or services.settings.budget)

    def child(name: str) -> Source | None:
        try:
            found = desk.load(name)
        except UnderstudyError:
            return None  # it was looked for before the plan was made
        return Source(str(found.path), found.text, found.workflow) if found.workflow else None

    return prove(
        plan,
        Source(str(file.path), file.text, file.workflow),
        child,
        channels=services.performers.channels.names,
        tools=lambda use: tools_that_wait(services, use),
    )


def tools_that_wait(services: Services, use: Use) -> Sequence[str]:
    """The tools of an agent, and of those whom it may hand over to, about which a person may be needed: the rules ask
    about them, whatever they are called with, or nobody may know whether they took effect."""
    agent = services.agents.snapshot.agents.get(use.name)
    try:
        rules = tuple(services.performers.rules())
    except UnderstudyError:
        rules = ()  # no agent is asked before they are mended
    return tuple(dict.fromkeys(_waiting(services, agent, rules, ()))) if agent is not None else use.asks


def _waiting(services: Services, agent: Agent, rules: tuple[Rule, ...], over: tuple[str, ...]) -> Iterator[str]:
    from agents.team import DEPTH
    from agents.toolset import shown_folders
    from skills.folders.tools import tools_of
    from skills.mcp.groups import spread
    from skills.permissions.decide import denied_altogether, never_asks

    snapshot = services.skills.snapshot
    rules = (*rules, *agent.rules)
    tools = spread(agent.tools, snapshot.skills)
    named = [snapshot.skills[name] for name in tools if name in snapshot.skills]
    # What a server has that was not asked yet, nobody knows: it may be there by the time the agent works.
    yield from (name for name in tools if name.startswith("mcp__") and name not in snapshot.skills)
    for tool in (*named, *tools_of(shown_folders(agent, snapshot))):
        if not denied_altogether(rules, tool.name) and (tool.effect == "unsafe" or not never_asks(rules, tool)):
            yield tool.name
    known = services.agents.snapshot.agents
    for name in agent.agents if len(over) < DEPTH else ():
        if name in known and name not in (agent.name, *over):
            yield from _waiting(services, known[name], rules, (*over, agent.name))
