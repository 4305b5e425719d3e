"""All agents that are known right now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from agents.definition import Agent, read_agent
from skills.discover import read_source
from skills.layers import Files, Folder, Layered, Layers, Unit
from workflows.diagnostics import Diagnostic, suggest
from workflows.errors import UnderstudyError

BUILT_IN = Folder(Path(__file__).parent / "library", "built-in")


def user_folder(config: Path) -> Folder:
    """Where a user keeps agents of their own, in the folder of their configuration."""
    return Folder(config / "agents", "user")


def user_folders(config: Path, home: Path | None) -> tuple[Folder, ...]:
    """The same, behind what the user keeps for other programs."""
    others = (Folder(home / ".claude" / "agents", "user", foreign=True),) if home else ()
    return (*others, user_folder(config))


def workspace_folders(root: Path) -> tuple[Folder, Folder]:
    """Where a workspace keeps its agents: those for other programs first, so that its own win."""
    return (
        Folder(root / ".claude" / "agents", "workspace", root, foreign=True),
        Folder(root / ".understudy" / "agents", "workspace", root),
    )


class UnknownAgent(UnderstudyError):
    """There is no agent of this name."""


class Snapshot(Layered[Agent]):
    """Agents by name, what is to be said of their files, and what is shadowed."""

    @property
    def agents(self) -> Mapping[str, Agent]:
        return self.found

    def get(self, name: str) -> Agent:
        """The agent of this name. Raises UnknownAgent, whose hint suggests a name that looks alike."""
        if name in self.agents:
            return self.agents[name]
        raise UnknownAgent(
            f"There is no agent '{name}'.", suggest(name, self.agents) or "`understudy agents` lists them."
        )


class AgentFiles:
    """Agents as Markdown files, one each."""

    def files(self, folder: Folder) -> Iterable[Path]:
        return (path for path in sorted(folder.path.glob("*.md")) if not path.name.startswith((".", "_")))

    def inside(self, folder: Folder) -> Iterable[Path]:
        return ()

    def stamp(self, path: Path, folder: Folder) -> bytes | Diagnostic:
        return read_source(path, folder.within, "bad-agent")

    def read(self, path: Path, folder: Folder, stamp: bytes) -> Unit[Agent]:
        reading = read_agent(stamp, path, folder.scope, foreign=folder.foreign)
        return Unit(path, (reading.agent,) if reading.agent else (), reading.diagnostics)


class Catalog(Layers[Agent, Snapshot]):
    """The agents of these folders."""

    def __init__(self, folders: Sequence[Folder], trusted: Callable[[Path], bool] = lambda root: False) -> None:
        super().__init__("agent", Snapshot, [Files(folder, AgentFiles()) for folder in folders], trusted)

    def get(self, name: str) -> Agent:
        """The agent of this name in the current snapshot. Raises UnknownAgent."""
        return self.snapshot.get(name)
