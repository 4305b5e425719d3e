"""The workflows of a published version: its kept texts in the place of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.named_workflows import NamedWorkflows, WorkflowFile, workspace_of
from workflows.definition.children import called
from workflows.definition.parameters import schema_of
from workflows.definition.parse import parse
from workflows.errors import UnderstudyError
from workflows.steps.kind import Catalogue, Entry, What

if TYPE_CHECKING:
    from app.container import Services
    from workflows.unattended.values import Version


class KeptCatalogue:
    """What a version can name: the skills and agents that there are, and its own children, whatever lies in files."""

    def __init__(self, services: Services, version: Version) -> None:
        self._services = services
        self._children = {child.name: child for child in version.children}
        self._known: dict[str, Entry] = {}
        self._reading: set[str] = set()

    def find(self, what: What, name: str) -> Entry | None:
        """The entry of this name."""
        if what != "workflow":
            return self._services.catalogue.find(what, name)
        if name not in self._children:
            return None
        if name in self._known:
            return self._known[name]
        # None leads back to itself: that was checked when it was published.
        inner: Catalogue | None = None if name in self._reading else self
        self._reading.add(name)
        child, services = self._children[name], self._services
        workflow = parse(child.text, child.path, services.kinds, inner, services.settings.allowed).workflow
        self._reading.discard(name)
        if workflow is None:
            entry = Entry("workflow", name, problem="its text cannot be read by this release")
        else:
            schema, uses = schema_of(workflow.parameters), called(workflow, self)
            about = workflow.description
            entry = Entry("workflow", name, about, child.digest, schema, definition=workflow, uses=uses)
        self._known[name] = entry
        return entry

    def names(self, what: What) -> Sequence[str]:
        """All names, for lists and suggestions."""
        return sorted(self._children) if what == "workflow" else self._services.catalogue.names(what)


class KeptWorkflows(NamedWorkflows):
    """By name, the version's own text and its children's. `services` have the version's catalogue."""

    def __init__(self, services: Services, version: Version) -> None:
        super().__init__(services)
        self._version = version
        self._texts = {child.name: (child.text, child.path) for child in version.children}

    def own(self) -> WorkflowFile:
        """The version's own text."""
        return self._file(self._version.workflow, self._version.text, self._version.path)

    def load(self, name: str) -> WorkflowFile:
        if name not in self._texts:
            raise UnderstudyError(f"{self._version.name} calls no workflow '{name}'.")
        return self._file(name, *self._texts[name])

    def _file(self, name: str, text: str, written: str) -> WorkflowFile:
        path = Path(written)
        parsed = self.parse(text, path)
        # What lay in a workspace needs its trust as long as it runs. Else the folder that it came from says it.
        own = {folder: scope for scope, folder in self._services.workflow_folders().items()}
        scope = own.get(path.parent, "workspace" if workspace_of(path) else "file")
        return WorkflowFile(name, path, scope, text, parsed.workflow, parsed.diagnostics)
