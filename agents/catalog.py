"""All agents that are known right now, as an immutable snapshot that a reload swaps whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType

from agents.definition import Agent, Reading, read_agent
from skills.discover import Folder, read_source
from skills.manifest import SCOPES, Problem
from workflows.diagnostics import Diagnostic, suggest
from workflows.errors import UnderstudyError
from workflows.records import dataclass

BUILT_IN = Folder(Path(__file__).parent / "library", "built-in")


def user_folder(config: Path) -> Folder:
    """Where a user keeps agents of their own, in the folder of their configuration."""
    return Folder(config / "agents", "user")


def workspace_folders(root: Path) -> tuple[Folder, Folder]:
    """Where a workspace keeps its agents: those for other programs first, so that its own win."""
    return (
        Folder(root / ".claude" / "agents", "workspace", root),
        Folder(root / ".understudy" / "agents", "workspace", root),
    )


class UnknownAgent(UnderstudyError):
    """There is no agent of this name."""


@dataclass(frozen=True)
class Shadowed:
    """An agent that another of the same name hides: `by` is in use."""

    agent: Agent
    by: Agent


@dataclass(frozen=True)
class Reloaded:
    """An agent changed. `old` and `new` are digests, None where the agent was or is not there.

    With `problems` the file is broken now: the last good version stays (`old` equals `new`), if there was one.
    `name` is the file's stem where no agent of it is known.
    """

    name: str
    old: str | None
    new: str | None
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Agents by name, what is to be said of their files, and what is shadowed.

    `problems` are errors, which keep a file's newest version from being used; `notes` are warnings.
    """

    agents: Mapping[str, Agent] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    shadowed: tuple[Shadowed, ...] = ()

    def get(self, name: str) -> Agent:
        """The agent of this name. Raises UnknownAgent, whose hint suggests a name that looks alike."""
        if name in self.agents:
            return self.agents[name]
        raise UnknownAgent(
            f"There is no agent '{name}'.", suggest(name, self.agents) or "`understudy agents` lists them."
        )

    def problems_of(self, agent: Agent) -> tuple[Diagnostic, ...]:
        """Why the file that an agent came from is broken now, while its last good version is still used."""
        return tuple(problem for problem in self.problems if problem.file == str(agent.path))


Listener = Callable[[Reloaded], None]


@dataclass(frozen=True)
class _File:
    """What is known of one file: its content when last read, and the last good agent of it."""

    source: bytes
    agent: Agent | None
    diagnostics: tuple[Diagnostic, ...] = ()


class Catalog:
    """Holds the current snapshot. `trusted` says whether a workspace's agents may run; it is asked at every reload."""

    def __init__(self, folders: Sequence[Folder], trusted: Callable[[Path], bool] = lambda root: False) -> None:
        self.folders = tuple(sorted(folders, key=lambda folder: SCOPES.index(folder.scope)))
        self._trusted = trusted
        self._files: dict[Path, _File] = {}
        self._listeners: list[Listener] = []
        self.snapshot = Snapshot()
        self.reload()

    def get(self, name: str) -> Agent:
        """The agent of this name in the current snapshot. Raises UnknownAgent."""
        return self.snapshot.get(name)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of every agent that a reload changes. Returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def reload(self) -> tuple[Reloaded, ...]:
        """Read the folders again and swap the snapshot. A broken file keeps its last good version.

        Returns what changed, after the listeners have heard of it.
        """
        before, known = self.snapshot, self._files
        files: dict[Path, _File] = {}
        found: list[Agent] = []
        said: list[Diagnostic] = []
        for folder in self.folders:
            names: dict[str, Agent] = {}
            trusted = folder.within is None or self._trusted(folder.within)
            for path in sorted(folder.path.glob("*.md")):
                if path.name.startswith((".", "_")):
                    continue
                file = files[path] = _read(path, folder, known.get(path))
                said.extend(file.diagnostics)
                if file.agent is None:
                    continue
                if other := names.get(file.agent.name):
                    said.append(_twice(file.agent, other))
                else:
                    names[file.agent.name] = replace(file.agent, trusted=trusted)
            found.extend(names.values())
        agents, shadowed = _layered(found)
        problems = tuple(diagnostic for diagnostic in said if diagnostic.is_error)
        notes = tuple(diagnostic for diagnostic in said if not diagnostic.is_error)
        self._files = files
        self.snapshot = Snapshot(MappingProxyType(agents), problems, notes, tuple(shadowed))
        changes = tuple(_changes(before, self.snapshot, files))
        for change in changes:
            for listener in tuple(self._listeners):
                listener(change)
        return changes


def _read(path: Path, folder: Folder, known: _File | None) -> _File:
    source = read_source(path, folder.within)
    last_good = known.agent if known else None
    if isinstance(source, Problem):
        return _File(b"", last_good, (_diagnostic(path, source.message, source.hint),))
    if known and known.source == source:
        return known
    reading: Reading = read_agent(source, path, folder.scope, foreign=folder.path.parent.name == ".claude")
    return _File(source, reading.agent or last_good, reading.diagnostics)


def _twice(agent: Agent, other: Agent) -> Diagnostic:
    assert agent.path is not None
    return _diagnostic(agent.path, f"the agent {agent.name} is already defined in {other.path}", "rename one of them")


def _diagnostic(path: Path, message: str, hint: str) -> Diagnostic:
    return Diagnostic("error", "bad-agent", message, hint, str(path))


def _layered(found: Sequence[Agent]) -> tuple[dict[str, Agent], list[Shadowed]]:
    """One agent for each name, later folders over earlier ones; an untrusted one hides nothing that may run."""
    agents: dict[str, Agent] = {}
    shadowed: list[Shadowed] = []
    for agent in found:
        other = agents.get(agent.name)
        if other is None or agent.trusted or not other.trusted:
            agents[agent.name] = agent
            if other:
                shadowed.append(Shadowed(other, agent))
        else:
            shadowed.append(Shadowed(agent, other))
    return agents, shadowed


def _changes(before: Snapshot, after: Snapshot, files: Mapping[Path, _File]) -> Iterator[Reloaded]:
    for name in sorted({*before.agents, *after.agents}):
        old, new = before.agents.get(name), after.agents.get(name)
        if old != new:
            yield Reloaded(name, old.digest if old else None, new.digest if new else None)
    for path, file in files.items():
        problems = tuple(problem for problem in after.problems if problem.file == str(path))
        if problems and not set(problems) <= set(before.problems):
            kept = file.agent and after.agents.get(file.agent.name)
            if kept and kept.path == path:
                yield Reloaded(kept.name, kept.digest, kept.digest, problems)
            else:
                yield Reloaded(path.stem, None, None, problems)
