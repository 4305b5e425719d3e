"""Tells of skills and agents that were read again while the program runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.catalog import Reloaded as AgentReloaded
    from app.container import Services
    from skills.registry import Reloaded as SkillReloaded

VERSION = 12
"""Characters of a digest that stand for a version."""

Tell = Callable[[str, bool], None]
"""Shows a text; whether it is about something broken."""


def watch_reloads(services: Services, tell: Tell) -> Callable[[], None]:
    """Tell of each change from now on. Returns what ends it."""
    ends = (
        services.skills.listen(lambda change: tell(*skill_words(change))),
        services.agents.listen(lambda change: tell(*agent_words(change))),
    )

    def end() -> None:
        for stop in ends:
            stop()

    return end


def skill_words(change: SkillReloaded) -> tuple[str, bool]:
    """What changed, and whether it is broken now."""
    if (problem := change.problem) is not None:
        where = f"{problem.path.name}:{problem.line}" if problem.line else problem.path.name
        return f"{where} broken: {problem.message}\n{_kept(change.new)}", True
    return _changed("skill", change.name, change.old, change.new), False


def agent_words(change: AgentReloaded) -> tuple[str, bool]:
    """The same for an agent."""
    if change.problems:
        first = change.problems[0]
        name = first.file.rpartition("/")[2]
        return f"{name}:{first.line} broken: {first.message}\n{_kept(change.new)}", True
    return _changed("agent", change.name, change.old, change.new), False


def _kept(version: str | None) -> str:
    return f"the last good version stays ({version[:VERSION]})" if version else "it cannot be used until it is mended"


def _changed(what: str, name: str, old: str | None, new: str | None) -> str:
    if new is None:
        return f"{what} {name} is gone"
    return f"{'reloaded' if old else 'found'} {name} ({new[:VERSION]})"
