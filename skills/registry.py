"""All skills that are known right now, as an immutable snapshot that a reload swaps whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType

from skills.discover import Folder, read_manifests, read_source, skill_files
from skills.manifest import SCOPES, Problem, Skill
from workflows.errors import UnderstudyError
from workflows.records import dataclass


class UnknownSkill(UnderstudyError):
    """There is no skill of this name."""


@dataclass(frozen=True)
class Shadowed:
    """A skill that another of the same name hides: `by` is in use."""

    skill: Skill
    by: Skill


@dataclass(frozen=True)
class Reloaded:
    """A skill changed. `old` and `new` are digests, None where the skill was or is not there.

    With a `problem` the file is broken now: the last good version stays (`old` equals `new`), if there was one.
    `name` is the file's stem where no skill of it is known.
    """

    name: str
    old: str | None
    new: str | None
    problem: Problem | None = None


@dataclass(frozen=True)
class Snapshot:
    """Skills by name, the problems of files that are broken, and what is shadowed."""

    skills: Mapping[str, Skill] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()
    shadowed: tuple[Shadowed, ...] = ()

    def get(self, name: str) -> Skill:
        """The skill of this name. Raises UnknownSkill, whose hint suggests names that look alike."""
        if name in self.skills:
            return self.skills[name]
        close = self.suggest(name)
        hint = f"did you mean {' or '.join(close)}?" if close else "`understudy skills` lists what there is"
        raise UnknownSkill(f"there is no skill '{name}'", hint)

    def suggest(self, name: str) -> list[str]:
        """Up to three names that look like this one, best first."""
        from difflib import get_close_matches

        return get_close_matches(name, self.skills, n=3, cutoff=0.6)

    def problem_of(self, skill: Skill) -> Problem | None:
        """Why the file that a skill came from is broken now, while its last good version is still used."""
        return next((problem for problem in self.problems if problem.path == skill.path), None)


Listener = Callable[[Reloaded], None]


@dataclass(frozen=True)
class _File:
    """What is known of one file: its content when last read, and the last good skills of it."""

    source: bytes
    skills: tuple[Skill, ...]
    problem: Problem | None = None


class Registry:
    """Holds the current snapshot. `trusted` says whether a workspace's skills may run; it is asked at every reload."""

    def __init__(self, folders: Sequence[Folder], trusted: Callable[[Path], bool] = lambda root: False) -> None:
        self.folders = tuple(sorted(folders, key=lambda folder: SCOPES.index(folder.scope)))
        self._trusted = trusted
        self._files: dict[Path, _File] = {}
        self._listeners: list[Listener] = []
        self.snapshot = Snapshot()
        self.reload()

    def get(self, name: str) -> Skill:
        """The skill of this name in the current snapshot. Raises UnknownSkill."""
        return self.snapshot.get(name)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of every skill that a reload changes. Returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def reload(self) -> tuple[Reloaded, ...]:
        """Read the folders again and swap the snapshot. Files whose content is the same are not read as Python again.

        Returns what changed, after the listeners have heard of it.
        """
        before, known = self.snapshot, self._files
        files: dict[Path, _File] = {}
        found: list[Skill] = []
        problems: list[Problem] = []
        for folder in self.folders:
            names: dict[str, Skill] = {}
            trusted = folder.within is None or self._trusted(folder.within)
            for path in skill_files(folder):
                files[path] = _read(path, folder, known.get(path))
                if problem := files[path].problem:
                    problems.append(problem)
                for skill in files[path].skills:
                    if other := names.get(skill.name):
                        problems.append(_twice(skill, other))
                    else:
                        names[skill.name] = replace(skill, trusted=trusted)
            found.extend(names.values())
        skills, shadowed = _layered(found)
        self._files = files
        self.snapshot = Snapshot(MappingProxyType(skills), tuple(problems), tuple(shadowed))
        changes = tuple(_changes(before, self.snapshot, files))
        for change in changes:
            for listener in tuple(self._listeners):
                listener(change)
        return changes


def _read(path: Path, folder: Folder, known: _File | None) -> _File:
    source = read_source(path, folder.within)
    last_good = known.skills if known else ()
    if isinstance(source, Problem):
        return _File(b"", last_good, source)
    if known and known.source == source:
        return known
    manifests = read_manifests(path, folder.scope, source)
    if isinstance(manifests, Problem):
        return _File(source, last_good, manifests)
    return _File(source, tuple(manifests))


def _twice(skill: Skill, other: Skill) -> Problem:
    assert skill.path is not None
    message = f"the skill {skill.name} is already defined in {other.path}"
    return Problem(skill.path, message, "rename one of them", skill.line, 1)


def _layered(found: Sequence[Skill]) -> tuple[dict[str, Skill], list[Shadowed]]:
    """One skill for each name, later scopes over earlier ones; an untrusted skill hides nothing that may run."""
    skills: dict[str, Skill] = {}
    shadowed: list[Shadowed] = []
    for skill in found:
        other = skills.get(skill.name)
        if other is None:
            skills[skill.name] = skill
        elif skill.trusted:
            skills[skill.name] = skill
            shadowed.append(Shadowed(other, skill))
        else:
            shadowed.append(Shadowed(skill, other))
    return skills, shadowed


def _changes(before: Snapshot, after: Snapshot, files: Mapping[Path, _File]) -> Iterator[Reloaded]:
    for name in sorted({*before.skills, *after.skills}):
        old, new = before.skills.get(name), after.skills.get(name)
        if old != new:
            yield Reloaded(name, old.digest if old else None, new.digest if new else None)
    for problem in after.problems:
        if problem in before.problems:
            continue
        file = files[problem.path]
        kept = [skill for skill in file.skills if after.skills.get(skill.name, skill).path == problem.path]
        for skill in kept:
            yield Reloaded(skill.name, skill.digest, skill.digest, problem)
        if not kept:
            yield Reloaded(problem.path.stem, None, None, problem)
