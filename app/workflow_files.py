"""Workflow files in a program that is there for long: each with its last good text, while somebody edits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from skills.layers import Files, Folder, Layered, Layers, Unit
from workflows.definition.parse import parse
from workflows.diagnostics import Diagnostic
from workflows.journal.files import read_plain
from workflows.records import dataclass
from workflows.source import LARGEST
from workflows.steps.kind import StepKind
from workflows.values import digest


@dataclass(frozen=True)
class WorkflowText:
    """A workflow as it was written when it was right. `name` is the file's stem."""

    name: str
    digest: str
    path: Path
    text: str
    trusted: bool = True
    standing: int = 1


class WorkflowTexts:
    """Workflows as YAML files, one each. What they name need not exist: that is for those who use them to say."""

    def __init__(self, kinds: Mapping[str, StepKind]) -> None:
        self._kinds = kinds

    def files(self, folder: Folder) -> Iterable[Path]:
        return sorted(path for path in folder.path.glob("*.y*ml") if not path.name.startswith("."))

    def inside(self, folder: Folder) -> Iterable[Path]:
        return ()

    def stamp(self, path: Path, folder: Folder) -> bytes | Diagnostic:
        try:
            return read_plain(path, LARGEST + 4)
        except OSError as error:
            return Diagnostic("error", "unreadable", f"it cannot be read: {error.strerror}", "", str(path))

    def read(self, path: Path, folder: Folder, stamp: bytes) -> Unit[WorkflowText]:
        parsed = parse(stamp, str(path), self._kinds)
        if parsed.workflow is None:
            return Unit(path, (), parsed.errors)
        text = stamp.decode("utf-8-sig")
        return Unit(path, (WorkflowText(path.stem, digest(text), path, text),))


class Workflows(Layers[WorkflowText, Layered[WorkflowText]]):
    """The workflows of these folders, by scope."""

    def __init__(
        self, folders: Mapping[str, Path], kinds: Mapping[str, StepKind], trusted: Callable[[Path], bool]
    ) -> None:
        texts = WorkflowTexts(kinds)
        own = [Folder(path, "user" if scope == "user" else "workspace") for scope, path in folders.items()]
        sources = [Files(folder, texts) for folder in own]
        super().__init__("workflow", Layered[WorkflowText], sources, trusted)

    def kept(self, path: Path) -> WorkflowText | None:
        """The last good text of a file whose newest is broken; None where there is none, or it is not broken."""
        unit = self.unit(path)
        return unit.definitions[0] if unit and unit.diagnostics and unit.definitions else None
