"""Tells of skills, agents and workflows that were read again while the program runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.container import Services
    from skills.layers import Reloaded

VERSION = 12
"""Characters of a digest that stand for a version."""

Tell = Callable[[str, bool], None]
"""Shows a text; whether it is about something broken."""


def watch_reloads(services: Services, tell: Tell) -> Callable[[], None]:
    """Tell of each change from now on. Returns what ends it."""
    held = (services.skills, services.agents, services.workflow_files)
    ends = [layers.listen(lambda change: tell(*reload_words(change))) for layers in held if layers is not None]

    def end() -> None:
        for stop in ends:
            stop()

    return end


def reload_words(change: Reloaded) -> tuple[str, bool]:
    """What changed, and whether it is broken now."""
    if change.problems:
        first = change.problems[0]
        path = PurePath(first.file)
        # Every skill folder has a SKILL.md: the folder says which.
        name = f"{path.parent.name}/{path.name}" if path.name.lower() == "skill.md" else path.name
        return f"{name}:{first.line} broken: {first.message}\n{_kept(change.new)}", True
    return _changed(change.what, change.name, change.old, change.new), False


def _kept(version: str | None) -> str:
    return f"the last good version stays ({version[:VERSION]})" if version else "it cannot be used until it is mended"


def _changed(what: str, name: str, old: str | None, new: str | None) -> str:
    if new is None:
        return f"{what} {name} is gone"
    name = name if what == "skill" else f"{what} {name}"
    if old == new:
        return f"{name} is in order ({new[:VERSION]})"
    begun = "; runs that have begun keep the old one" if what == "workflow" and old else ""
    return f"{'reloaded' if old else 'found'} {name} ({new[:VERSION]}){begun}"
