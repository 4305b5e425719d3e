"""Documents of other systems (JSON, or the same as YAML) as workflows of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.importing import graph, service
from composer.importing.parts import Part, laid_out
from workflows.definition.dump import dump
from workflows.definition.parse import HERE_AND_NOW, parse
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.source import Document, Node, read
from workflows.steps.kind import StepKind

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Imported:
    """What became of a document: our YAML, None where it has errors; and all that is to be known, in its order."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def convert(text: str | bytes, file: str, kinds: Mapping[str, StepKind]) -> Imported:
    """The document as a workflow: of nodes and connections where it has `nodes`, else of the workflow service.

    `file` names it in diagnostics, which all have their place in it. Whatever cannot be carried over is a warning. What
    exists here (agents, channels) is not looked at: that is for validating the result. Never raises.
    """
    document = read(_as_yaml(text), file)
    if document.root is None:
        return Imported(None, document.diagnostics)
    return _Import(document, document.root, kinds, list(document.diagnostics)).imported()


@dataclass
class _Import:
    document: Document
    root: Node
    kinds: Mapping[str, StepKind]
    found: list[Diagnostic]

    def imported(self) -> Imported:
        part = Part(self.root, "workflow", self.report)
        if not part.entries.keys() & {"nodes", "steps"}:
            message = "this is neither a document of a workflow service ('steps') nor a graph ('nodes', 'connections')"
            self.report(self.root, "missing-key", message)
            return Imported(None, tuple(self.found))
        data = (graph if "nodes" in part.entries else service).workflow_of(part, self.report)
        workflow = None
        if not any(each.is_error for each in self.found):
            # Our own reader knows what a workflow is: what it finds is told at the place that it was made from.
            laid, nodes = laid_out(data, self.root)
            parsed = parse(laid, self.document.file, self.kinds)
            for each in parsed.diagnostics:
                if each.code not in HERE_AND_NOW:
                    node = nodes[min(each.line, len(nodes)) - 1]
                    message = f"as a workflow, {each.message}" if each.code == "too-large" else each.message
                    self.report(node, each.code, message, each.hint, warning=not each.is_error)
            workflow = parsed.workflow
        ordered = sorted(dict.fromkeys(self.found), key=lambda each: (each.line, each.column))
        return Imported(dump(workflow) if workflow else None, tuple(ordered))

    def report(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.found.append(self.document.diagnose(node.mark, code, message, hint, warning=warning))


def _as_yaml(text: str | bytes) -> str | bytes:
    """JSON as the YAML reader takes it: no tabs between values, and no characters in halves."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            return text  # the reader says where
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return text
    return _PAIR.sub(_joined, text.replace("\t", " "))


def _joined(pair: re.Match[str]) -> str:
    return pair[1] + (bytes.fromhex(pair[2]) + bytes.fromhex(pair[3])).decode("utf-16-be")
