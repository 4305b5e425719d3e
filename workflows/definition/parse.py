"""Text to workflow: every error of the file at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workflows.definition.checks.allowed import ALL, TURNED_OFF, Allowed, check_allowed
from workflows.definition.checks.caching import Nothing, check_caching
from workflows.definition.checks.catalogue import check_catalogue
from workflows.definition.checks.children import check_children
from workflows.definition.checks.expressions import compile_all
from workflows.definition.checks.fallback import check_fallback
from workflows.definition.checks.ids import check_ids
from workflows.definition.checks.inside import FindingInside, mark_inside
from workflows.definition.checks.names import check_names
from workflows.definition.checks.order import check_order
from workflows.definition.checks.recovery import check_recovery
from workflows.definition.checks.secrets import check_secrets
from workflows.definition.model import Workflow
from workflows.definition.outline import Outline, Placed, outline
from workflows.definition.places import find
from workflows.definition.reader import MOST, Reader
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.source import Mapping as MappingNode
from workflows.source import Node, Scalar, read
from workflows.source import Sequence as SequenceNode
from workflows.steps.kind import Catalogue, Finding, StepKind

HERE_AND_NOW = frozenset(
    {
        "workflow-cycle",
        "unknown-channel",
        *TURNED_OFF,
        *(f"{code}-{what}" for code in ("unknown", "unusable") for what in ("skill", "agent", "workflow")),
        *(f"{code}-argument" for code in ("unknown", "missing", "wrong")),
    }
)
"""Codes of errors that are not the file's: it is a workflow, but cannot run here and now."""


@dataclass(frozen=True)
class Parsed:
    """A file that was read. `workflow` is None where the text is no workflow.

    It is there where the only errors are that something does not exist here; so look at `valid` before running it.
    """

    workflow: Workflow | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def valid(self) -> bool:
        """Whether there is nothing wrong with it, warnings aside: it can be planned and run."""
        return self.workflow is not None and not self.errors

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.is_error)


def parse(
    text: str | bytes,
    file: str,
    kinds: Mapping[str, StepKind],
    catalogue: Catalogue | None = None,
    allowed: Allowed = ALL,
) -> Parsed:
    """Read and check a workflow. `kinds` are the kinds of steps by name; with a catalogue, what steps name must exist.

    `allowed` is what the settings of this place allow.

    Never raises. The diagnostics are in the order of the file.
    """
    document = read(text, file)
    if document.root is None:
        return Parsed(None, document.diagnostics)
    reader = Reader(document, kinds, list(document.diagnostics), errors=len(document.diagnostics))
    root = _root(document.root, reader)
    workflow = None
    if root is not None:
        workflow = reader.workflow(root)
        for finding in _findings(workflow, root, reader, catalogue, allowed):
            _report(reader, root, finding)
            if reader.errors >= MOST:
                break
    fatal = reader.errors >= MOST or any(d.is_error and d.code not in HERE_AND_NOW for d in reader.found)
    return Parsed(None if fatal else workflow, _in_order(reader.found))


def diagnose(text: str | bytes, file: str, findings: Iterable[Finding]) -> tuple[Diagnostic, ...]:
    """Findings about a workflow that was read from this text, with their places; in the order of the file."""
    document = read(text, file)
    reader = Reader(document, {})
    root = _root(document.root, reader) if document.root is not None else None
    for finding in findings:
        if root is not None:
            _report(reader, root, finding)
    return _in_order(reader.found)


def _root(node: Node, reader: Reader) -> MappingNode | None:
    """The workflow's own mapping: what stands under `workflow:` or the whole file, `steps` put into a stage."""
    if isinstance(node, MappingNode) and node.get("workflow") is not None:
        for key, _ in node.entries:
            if key.text != "workflow":
                reader.report(
                    key, "unknown-key", f"unknown key '{key.text}' beside 'workflow'", "indent it, to put it inside"
                )
        inner = node.get("workflow")
        assert inner is not None
        node = inner
    if not isinstance(node, MappingNode):
        reader.report(node, "wrong-type", "a workflow is a mapping: lines such as 'name: …' and 'stages: …'")
        return None
    return _staged(node, reader)


def _staged(node: MappingNode, reader: Reader) -> MappingNode:
    steps = next(((key, value) for key, value in node.entries if key.text == "steps"), None)
    if steps is None:
        return node
    key = steps[0]
    if node.get("stages") is not None:
        reader.report(key, "conflict", "a workflow has 'stages' or 'steps', not both", "put the steps into a stage")
        return MappingNode(tuple(entry for entry in node.entries if entry[0] is not key), node.mark)
    name = (Scalar("name", True, key.mark), Scalar("main", True, key.mark))
    stages = SequenceNode((MappingNode((name, steps), key.mark),), key.mark)
    entries = tuple((Scalar("stages", True, key.mark), stages) if entry[0] is key else entry for entry in node.entries)
    return MappingNode(entries, node.mark)


def _findings(
    workflow: Workflow, root: MappingNode, reader: Reader, catalogue: Catalogue | None, allowed: Allowed
) -> Iterator[Finding]:
    """What is wrong between the parts, as far as they could be read."""
    whole = outline(workflow)
    sure_of_parameters = all(each.name for each in workflow.parameters) and (
        bool(workflow.parameters) or root.get("parameters") is None
    )
    sure_of_steps = all(placed.step.id for placed in whole.placed) and all(stage.steps for stage in workflow.stages)
    readings, findings = compile_all(whole, reader.slots)
    yield from findings
    yield from check_ids(whole)
    yield from check_names(whole, readings, sure=sure_of_parameters)
    yield from check_order(whole, readings, sure=sure_of_steps)
    yield from check_secrets(readings)
    yield from check_allowed(whole, allowed)

    def is_sound(placed: Placed) -> bool:
        return not reader.broken_at(root, placed.path)

    if any(placed.step.type in ("approval", "question") for placed in whole.placed):
        from workflows.definition.checks.silence import check_silence  # most ask nobody

        yield from check_silence(Outline(workflow, tuple(filter(is_sound, whole.placed))))
    yield from check_fallback(Outline(workflow, tuple(filter(is_sound, whole.placed))), reader.kinds)
    yield from check_recovery(whole, reader.kinds)
    yield from check_caching(whole, reader.kinds, catalogue or Nothing(), is_sound)
    if catalogue is not None:
        yield from check_catalogue(whole, reader.kinds, catalogue, is_sound)
        yield from check_children(whole, Path(reader.document.file).stem, catalogue)


def _report(reader: Reader, root: MappingNode, finding: Finding) -> None:
    node = find(root, finding.path)
    if isinstance(finding, FindingInside) and isinstance(node, Scalar):
        mark = mark_inside(reader.document, node, finding.offset, finding.length)
        hint = finding.hint
        opened = node.text.rfind("${{")
        if finding.code == "bad-expression" and node.plain and opened >= 0 and "}}" not in node.text[opened:]:
            hint = "quote the expression: without quotes YAML ends a text at ' #' and at the end of the line"
        reader.report_at(mark, finding.code, finding.message, hint, warning=finding.warning)
    else:
        reader.report_finding(root, finding)


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the file's order; where there are too many, warnings go first, so that no error is hidden."""
    kept = sorted(dict.fromkeys(found), key=lambda diagnostic: not diagnostic.is_error)[:MOST]
    return tuple(sorted(kept, key=lambda diagnostic: diagnostic.place))
