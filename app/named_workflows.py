"""Workflows by their names: what lies in the folders, read and checked, each with those that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import read_text, unread
from app.paths import WORKSPACE
from app.present.figures import plural
from workflows.definition.children import called
from workflows.definition.model import Workflow
from workflows.definition.parse import Parsed, parse
from workflows.diagnostics import Diagnostic, suggest
from workflows.errors import UnderstudyError
from workflows.records import dataclass

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
    newer: tuple[Diagnostic, ...] = ()
    """Why the file's newest text, `written`, is not this one, which is the last good: somebody is editing it."""
    written: str = ""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity == "error")


class Invalid(UnderstudyError):
    """The workflow, or one that it calls, has errors. `diagnostics` lists them all."""

    def __init__(self, file: WorkflowFile, caller: str = "") -> None:
        called = f", which '{caller}' calls," if caller else ""
        super().__init__(
            f"{file.path.name}{called} has {plural(len(file.errors), 'error')}.",
            f"Mend it, then look again: `understudy validate {file.stem}`",
        )
        self.file = file
        self.diagnostics = file.diagnostics


def workspace_of(path: Path) -> Path | None:
    """The workspace that a file belongs to by lying in its folder, whatever name it is called by."""
    resolved = path.resolve()
    return next((folder.parent for folder in resolved.parents if folder.name == WORKSPACE), None)


class NamedWorkflows:
    """The workflows of these services' folders: the workspace's before the user's before the built-in ones."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def listed(self) -> Sequence[WorkflowFile]:
        """Every workflow that can be named: workspace, then user, then built-in; broken ones with their diagnostics."""
        found: list[WorkflowFile] = []
        seen: set[str] = set()
        for scope, folder in self._services.workflow_folders().items():
            for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
                try:
                    file = self._read(path, scope)
                except UnderstudyError as error:
                    file = WorkflowFile(path.stem, path, scope, "", None, (unread(path, error),))
                found.append(replace(file, shadowed=file.stem in seen))
                seen.add(file.stem)
        return found

    def load(self, name: str) -> WorkflowFile:
        """A workflow by its stem or by a path. Raises UnderstudyError with what it may have been."""
        path = Path(name)
        if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
            if not path.is_file():
                raise UnderstudyError(f"There is no file {name}.", "`understudy workflows` lists what can be named.")
            return self._read(path, "workspace" if workspace_of(path) else "file")
        folders = self._services.workflow_folders()
        for scope, folder in folders.items():
            for suffix in (".yaml", ".yml"):
                if (folder / f"{name}{suffix}").is_file():
                    return self._read(folder / f"{name}{suffix}", scope)
        known = [file.stem for folder in folders.values() for file in folder.glob("*.y*ml")]
        raise UnderstudyError(
            f"There is no workflow '{name}'.",
            suggest(name, known) or "`understudy workflows` lists what can be named.",
        )

    def reached(self, file: WorkflowFile) -> Iterator[tuple[str, WorkflowFile]]:
        """The file, and every workflow that it calls, at any depth, each once and with the stem of who calls it."""
        frontier, seen = [("", file)], {file.stem}
        while frontier:
            caller, each = frontier.pop(0)
            yield caller, each
            for name in called(each.workflow, self._services.catalogue) if each.workflow else ():
                if name not in seen and self._services.catalogue.find("workflow", name) is not None:
                    seen.add(name)
                    frontier.append((each.stem, self.load(name)))

    def parse(self, text: str, path: Path) -> Parsed:
        """A workflow's text, read and checked against what exists here. Never raises."""
        services = self._services
        return parse(text, str(path), services.kinds, services.catalogue, services.settings.allowed)

    def _read(self, path: Path, scope: str) -> WorkflowFile:
        text = read_text(path)
        parsed, files = self.parse(text, path), self._services.workflow_files
        if parsed.workflow is None and files is not None and (good := files.kept(path)):
            known = self.parse(good.text, path)
            return WorkflowFile(
                path.stem, path, scope, good.text, known.workflow, known.diagnostics, newer=parsed.errors, written=text
            )
        return WorkflowFile(path.stem, path, scope, text, parsed.workflow, parsed.diagnostics)
