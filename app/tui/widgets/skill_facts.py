"""What is known of a skill or an agent, laid out; and the rows of who uses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from app.paths import from_home
from app.present.agents import agent_lines, missing, refused, tools_asked
from app.present.inventory import Entry, standing, version_of
from app.present.skills import call_lines, folder_lines
from app.tui.text import QUIET, STYLES, block, cell, line
from app.tui.widgets.rows import Row
from workflows.diagnostics import Diagnostic

if TYPE_CHECKING:
    from agents.definition import Agent
    from app.container import Services
    from app.present.reloads import Reloads
    from skills.manifest import Skill


def facts_of(entry: Entry, using: Sequence[str], services: Services, reloads: Reloads) -> Content:
    """All that is to be said of one. May take its time: a keyring is asked for the keys of an agent's models."""
    parts = [line(text, 400, STYLES["bad" if entry.errors else "attention"]) for text in standing(entry, reloads)]
    parts += [_problem(each) for each in entry.said]
    if parts:
        parts.append(Content(""))
    about = [entry.scope, entry.kind, version_of(entry, reloads)]
    parts.append(line(" · ".join(filter(None, about)), 200, QUIET))
    if entry.about:
        parts += [block(entry.about), Content("")]
    found = entry.found
    if found is not None:
        shown = _of_skill(found) if entry.what == "skill" else _of_agent(found, services)  # type: ignore[arg-type]  # by what it is
        parts += list(shown)
    if using:
        parts.append(line(f"used by: {', '.join(using)}", 600))
    if entry.path is not None:
        parts.append(line(f"file: {from_home(str(entry.path))}", 400, QUIET))
    return Content("\n").join(parts)


def _problem(problem: Diagnostic) -> Content:
    glyph, style = ("✗", STYLES["bad"]) if problem.is_error else ("!", STYLES["warning"])
    hint = f"\n    {problem.hint}" if problem.hint else ""
    return Content.assemble(
        line(f"{glyph} line {problem.line}:{problem.column}: {problem.message}", 600, style), block(hint, QUIET)
    )


def _of_skill(skill: Skill) -> Iterator[Content]:
    if not skill.unusable:
        yield from (block(text) for text in call_lines(skill))
    if skill.bundle is not None:
        yield from (block(text) for text in folder_lines(skill.bundle))


def _of_agent(agent: Agent, services: Services) -> Iterator[Content]:
    yield from (block(text) for text in agent_lines(agent, services.models, tools_asked(agent, services)))
    yield from (
        line(f"‖ {why}", 600, STYLES["attention"]) for why in (*missing(agent, services), *refused(agent, services))
    )
    yield Content("prompt:")
    yield from (block(f"  {text}", QUIET) for text in agent.prompt.strip().splitlines())


def using_rows(entry: Entry, using: Sequence[str], services: Services) -> list[Row]:
    """The workflows and agents that use it; enter opens one."""
    named = [("workflow", name) for name in using]
    if entry.what == "skill":
        from skills.mcp.groups import spread

        known = services.skills.snapshot.skills
        agents = services.agents.snapshot.agents.values()
        named += [("agent", each.name) for each in agents if entry.name in (*spread(each.tools, known), *each.skills)]
    else:
        agents = services.agents.snapshot.agents.values()
        named += [("agent", each.name) for each in agents if entry.name in (*each.agents, *each.fallback)]
    if not named:
        return [Row(partial(_drawn, "", "Nothing uses it: no workflow here, and no agent."))]
    return [Row(partial(_drawn, what, name), f"{what} {name}") for what, name in named]


def _drawn(what: str, name: str, width: int) -> Content:
    wide = 10 if what else 0
    return Content.assemble(cell(what, wide, QUIET), cell(name, width - wide, "bold" if what else QUIET))
