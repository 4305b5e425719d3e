"""Tells of skills, agents and workflows that were read again while the program runs, and keeps what it told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from workflows.records import dataclass

if TYPE_CHECKING:
    from app.container import Services
    from skills.layers import Reloaded
    from workflows.clock import Clock

VERSION = 12
"""Characters of a digest that stand for a version."""

MOST = 500
"""Reloads that are kept to be looked at."""

Tell = Callable[[str, bool], None]
"""Shows a text; whether it is about something broken."""


@dataclass(frozen=True)
class Told:
    """What was told of a reload, and when, in seconds since 1970."""

    at: float
    text: str
    broken: bool


class Reloads:
    """What was read again since the program began: told once, kept, and counted in versions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: deque[Told] = deque(maxlen=MOST)
        self._versions: dict[tuple[str, str], list[str]] = {}
        self._broken: dict[tuple[str, str], float] = {}

    @property
    def told(self) -> Sequence[Told]:
        """All that is kept, the oldest first."""
        return tuple(self._told)

    def version(self, what: str, name: str, digest: str) -> int:
        """Which version of a definition this is, of those that the program has seen: the first is 1."""
        known = self._versions.get((what, name), ())
        return known.index(digest) + 1 if digest in known else 1

    def broken_since(self, what: str, name: str) -> float | None:
        """Since when its file is broken, as far as it broke while the program ran."""
        return self._broken.get((what, name))

    def watch(self, services: Services, tell: Tell) -> Callable[[], None]:
        """Tell of each change from now on. Returns what ends it."""
        held = (services.skills, services.agents, services.workflow_files)
        ends = [layers.listen(lambda change: self._heard(change, tell)) for layers in held if layers is not None]

        def end() -> None:
            for stop in ends:
                stop()

        return end

    def _heard(self, change: Reloaded, tell: Tell) -> None:
        key, now = (change.what, change.name), self._clock.now()
        known = self._versions.setdefault(key, [])
        for digest in (change.old, change.new):
            if digest and digest not in known:
                known.append(digest)
        if change.problems:
            self._broken.setdefault(key, now)
        elif self._broken.pop(key, None) is None and change.old == change.new:
            return  # it is only trusted now, and whoever did that was told so
        number = known.index(change.new) + 1 if change.new else 0
        text, broken = reload_words(change, number)
        self._told.append(Told(now, text, broken))
        tell(text, broken)


def watch_reloads(services: Services, tell: Tell) -> Callable[[], None]:
    """Tell of each change from now on. Returns what ends it."""
    return Reloads(services.clock).watch(services, tell)


def reload_words(change: Reloaded, number: int) -> tuple[str, bool]:
    """What changed, and whether it is broken now. `number` counts its versions."""
    if change.problems:
        first = change.problems[0]
        path = PurePath(first.file)
        # Every skill folder has a SKILL.md: the folder says which.
        name = f"{path.parent.name}/{path.name}" if path.name.lower() == "skill.md" else path.name
        return f"{name}:{first.line} broken: {first.message}\n{_kept(change.new, number)}", True
    return _changed(change.what, change.name, change.old, change.new, number), False


def version_words(number: int, digest: str) -> str:
    """A version as people read it: `v2, 3fa9c04b11de`."""
    return f"v{number}, {digest[:VERSION]}"


def _kept(digest: str | None, number: int) -> str:
    if digest is None:
        return "it cannot be used until it is mended"
    return f"the last good version stays ({version_words(number, digest)})"


def _changed(what: str, name: str, old: str | None, new: str | None, number: int) -> str:
    if new is None:
        return f"{what} {name} is gone"
    name = name if what == "skill" else f"{what} {name}"
    if old == new:
        return f"{name} is in order ({version_words(number, new)})"
    begun = "; runs that have begun keep the old one" if what == "workflow" and old else ""
    return f"{'reloaded' if old else 'found'} {name} ({version_words(number, new)}){begun}"
