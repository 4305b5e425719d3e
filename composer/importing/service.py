"""Documents of the workflow service (JSON, or the same as YAML) as workflows of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError
from typing import Any

from composer.importing.expressions import Rewriter
from composer.importing.guards import conditions
from composer.importing.parts import At, Part, laid_out
from composer.importing.steps import Converter, Data, Source, read_step
from workflows.definition.dump import dump
from workflows.definition.parse import HERE_AND_NOW, parse
from workflows.diagnostics import Diagnostic
from workflows.source import Document, Node, read, value_of
from workflows.source import Mapping as MappingNode
from workflows.steps.kind import StepKind
from workflows.values import Json

_ON_ERROR = {"fail": "abort", "continue": "continue", "skip": "skip", "retry": "abort"}

_TYPES: Mapping[type, str] = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Imported:
    """What became of a document: our YAML, None where it has errors; and all that is to be known, in its order."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def convert(text: str | bytes, file: str, kinds: Mapping[str, StepKind]) -> Imported:
    """The document as a workflow. `file` names it in diagnostics, which all have their place in it. Never raises.

    Whatever cannot be carried over is a warning. What exists here (agents, channels) is not looked at: that is for
    validating the result.
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
        data = self._workflow(Part(self.root, "workflow", self.report))
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

    def _workflow(self, part: Part) -> Data:
        data: Data = {key: found for key in ("name", "version", "description") if (found := part.text(key))}
        nodes = part.items("steps", needed=True)
        if not nodes and "steps" in part.entries:
            self.report(part.entries["steps"], "missing-value", "a workflow has at least one step")
        sources = [read_step(node, self.report) for node in nodes]
        everything = [each for source in sources for each in source.all()]
        self._check_ids(everything)
        rewriter = Rewriter({each.name: each.known() for each in everything})
        retry, on_failure = self._error_handling(part)
        converter = Converter(rewriter, self.report, retry, on_failure)
        steps, silent = [], []
        for place, source in enumerate(sources):
            others, rewriter.reads = rewriter.reads, set()
            steps.append(converter.step(source))
            if place and not source.after and not rewriter.reads:
                silent.append(source)
            rewriter.reads |= others
        converter.finish()
        self._guard(sources, steps, converter, silent)
        data["parameters"] = self._parameters(part, rewriter)
        stage: Data = {"name": "main", "steps": steps}
        if any(source.after for source in sources):
            stage["parallel"] = True
        part.finish()
        return {**data, "stages": [stage]}

    def _check_ids(self, sources: list[Source]) -> None:
        first: dict[str, Source] = {}
        for source in sources:
            other = first.setdefault(source.name, source)
            if other is not source:
                hint = f"it stands in line {other.id.node.mark.line} already"
                self.report(source.id.node, "duplicate-id", f"the id '{source.name}' is given twice", hint)

    def _error_handling(self, part: Part) -> tuple[Data | None, At | None]:
        """The retry and the `on_failure` that hold for every step."""
        handling = part.part("error_handling", "workflow's error_handling")
        if handling is None:
            return None, None
        word = handling.word("on_error", tuple(_ON_ERROR), "fail")
        retries, delay = handling.number("max_retries"), handling.milliseconds("retry_delay")
        node = handling.entries.get("on_error", handling.node)
        handling.finish()
        retry: Data | None = None
        if word == "retry":
            retry = {"max_retries": retries or 3, "backoff": "fixed", "delay": delay or 1}
        return retry, At(_ON_ERROR[word], node)

    def _guard(self, sources: list[Source], steps: list[Data], converter: Converter, silent: list[Source]) -> None:
        """Add `needs` and `when`, and say what the document leaves open."""
        after = {source.name: [str(each.value) for each in source.after] for source in sources}
        within = {each.name: source.name for source in sources for each in source.all()}
        try:
            guards = conditions(converter.targets, after, within)
        except CycleError as error:
            self._report_circle(sources, error.args[1])
            return
        for source, step in zip(sources, steps, strict=True):
            if source.after:
                step["needs"] = source.after
            targets = [target for target in converter.targets if target.step == source.name]
            node = targets[0].node if targets else source.id.node
            if condition := guards.get(source.name):
                step["when"] = At(condition, node)
            elif source in silent and any(after.values()):
                message = f"'{source.name}' depends on nothing: it starts at once, beside the others"
                self.report(source.id.node, "look-at-this", message, "give it a depends_on", warning=True)
            for target in targets:
                if condition and target.conditional not in after[source.name]:
                    message = f"'{source.name}' is done only where '{target.conditional}' chooses it"
                    hint = "take its 'when' out where it is to follow both branches"
                    self.report(target.node, "look-at-this", message, hint, warning=True)

    def _report_circle(self, sources: list[Source], names: list[str]) -> None:
        """Say so at the first of the steps that wait for each other."""
        circle = names[:0:-1]
        first = next(source for source in sources if source.name in circle)
        place = circle.index(first.name)
        way = " → ".join([*circle[place:], *circle[:place], first.name])
        hint = "take a depends_on or a branch out"
        self.report(first.id.node, "cycle", f"these steps wait for each other: {way}", hint)

    def _parameters(self, part: Part, rewriter: Rewriter) -> list[Data]:
        """What the document reads of its input. Types are those of a schedule's input, else what their use shows."""
        types: dict[str, str] = {}
        for node in part.items("triggers"):
            for name, value in self._trigger(Part(node, "trigger", self.report)).items():
                types.setdefault(name, _TYPES.get(type(value), "string"))
        return [
            {"name": name, "type": types.get(name) or shown or "string", "required": True}
            for name, shown in rewriter.inputs.items()
        ]

    def _trigger(self, trigger: Part) -> Mapping[str, Json]:
        """Warn of a trigger, as none is carried over; gives the input that a run is started with by it."""
        kind = trigger.word("type", ("manual", "schedule", "webhook", "event"), "manual")
        config = trigger.take("config")
        trigger.finish()
        value: Any = value_of(config, self.report) if isinstance(config, MappingNode) else {}
        if kind != "manual":
            facts = ", ".join(f"{key} {each}" for key, each in value.items() if isinstance(each, str))
            message = f"the {kind} trigger is not carried over{f' ({facts})' if facts else ''}"
            hint = "the workflow runs when somebody starts it: `understudy run`"
            self.report(trigger.node, "not-carried-over", message, hint, warning=True)
        given = value.get("input")
        return given if isinstance(given, dict) else {}


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
