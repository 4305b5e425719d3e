"""Everything a person can do, as plain functions: the CLI and the TUI are two ways to call these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.definition.model import Workflow
from workflows.diagnostics import Diagnostic
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Summary, Waiting
from workflows.planning.plan import Plan
from workflows.runs.events import Recorded
from workflows.runs.state import RunState
from workflows.values import Json

if TYPE_CHECKING:
    from app.container import Services


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow as it lies on disk. `scope` is built-in, user, workspace or file. `workflow` is None where broken."""

    stem: str
    path: Path
    scope: str
    text: str
    workflow: Workflow | None
    diagnostics: tuple[Diagnostic, ...] = ()
    shadowed: bool = False

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity == "error")


@dataclass(frozen=True)
class Proposal:
    """A run that could be started: nothing has happened yet."""

    file: WorkflowFile
    plan: Plan
    parameters: Json
    environment: Mapping[str, str] = field(default_factory=dict)


class Invalid(UnderstudyError):
    """The workflow has errors. `diagnostics` lists them all."""

    def __init__(self, file: WorkflowFile) -> None:
        count = len(file.errors)
        super().__init__(
            f"{file.path.name} has {count} error{'s' * (count != 1)}.", f"`understudy validate {file.stem}`"
        )
        self.file = file
        self.diagnostics = file.diagnostics


class Untrusted(UnderstudyError):
    """The workspace has files of its own and was never trusted."""


class Desk:
    """What can be done with the services of one process."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def workflows(self) -> Sequence[WorkflowFile]:
        """Every workflow that can be named, workspace before user before built-in, broken ones with their diagnostics."""
        raise NotImplementedError

    def load(self, name: str) -> WorkflowFile:
        """A workflow by its stem or by a path. Raises UnderstudyError with what it may have been."""
        raise NotImplementedError

    def propose(self, file: WorkflowFile, given: Mapping[str, Json]) -> Proposal:
        """The plan for these parameters. Raises Invalid, Untrusted, UnderstudyError (parameters)."""
        raise NotImplementedError

    async def start(self, proposal: Proposal, *, attended: bool, simulated: str = "") -> Driver:
        """Begin the run; it is durable and on its way on return."""
        raise NotImplementedError

    async def resume(self, run: str, *, attended: bool) -> Driver:
        """Go on with a run, by its id, a prefix of it, or `last`."""
        raise NotImplementedError

    async def answer(
        self, run: str, entry: str, choice: str, value: Json = None, note: str = "", *, by: str = ""
    ) -> bool:
        """Answer what waits in a run, whoever owns it. True where a living process takes it; False where the run must
        be resumed for it to count. Raises UnderstudyError where nothing waits so."""
        raise NotImplementedError

    async def runs(self, query: Query) -> list[Summary]:
        raise NotImplementedError

    async def state(self, run: str) -> RunState:
        raise NotImplementedError

    async def journal(self, run: str) -> list[Recorded]:
        raise NotImplementedError

    async def inbox(self) -> list[Waiting]:
        raise NotImplementedError

    def trusted(self) -> bool:
        """Whether the workspace may act: it was trusted, or has nothing of its own."""
        raise NotImplementedError

    def trust(self) -> None:
        """Trust the workspace from now on."""
        raise NotImplementedError
