"""Graphs of nodes and connections as workflows of ours.

A node is done when every node that leads to it is over. Its failure stops no other, as these graphs have it. Triggers
are no steps: what they bring are parameters, and nodes that only a trigger leads to begin at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.importing.expressions import Rewriter
from composer.importing.order import check_ids, guard
from composer.importing.parts import At, Part
from composer.importing.steps import Converter, Data, Source, Target
from workflows.definition.fields import IDENTIFIER
from workflows.diagnostics import suggest
from workflows.records import dataclass
from workflows.source import Node, Report

TRIGGER = "trigger"
KINDS: Mapping[str, str] = {
    **{kind: kind for kind in ("skill", "agent", "workflow", "http", "transform", "conditional", "delay")},
    "notification": "notification",
    "condition": "conditional",
    "if": "conditional",
}
"""What nodes may be, and which kind of step that is."""

MAIN = ("main", "default", "output", "input", "0")
"""Names of the one way out of a node, or into it."""

WAYS: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True)
class Connection:
    """From one node to another; `way` is the branch of a conditional that it leaves by."""

    source: At
    target: At
    way: At | None


def workflow_of(part: Part, report: Report) -> Data:
    """A graph as data of a workflow of ours."""
    return _Graph(part, report).workflow()


class _Graph:
    def __init__(self, part: Part, report: Report) -> None:
        self.part = part
        self.report = report
        self.nodes = [self._node(node) for node in part.items("nodes", needed=True)]
        self.by_id = {source.name: source for source in self.nodes}
        self.triggers = {source.name for source in self.nodes if source.kind == TRIGGER}
        self.steps = [source for source in self.nodes if source.kind != TRIGGER]

    def workflow(self) -> Data:
        data: Data = {key: found for key in ("name", "version", "description") if (found := self.part.text(key))}
        if not self.steps and "nodes" in self.part.entries:
            message = "a graph has at least one node" if not self.nodes else "every node is a trigger: nothing is done"
            self.report(self.part.entries["nodes"], "missing-value", message)
        check_ids(self.nodes, self.report)
        targets = self._connect()
        rewriter = Rewriter(
            {source.name: source.known() for source in self.steps},
            called_input=("input", TRIGGER, *self.triggers),
            bare_steps=True,
        )
        anywhere = At("continue", self.part.node)
        converter = Converter(rewriter, self.report, None, anywhere, targets, branches=False)
        steps = [converter.step(source) for source in self.steps]
        converter.finish()
        guard(self.steps, steps, converter, [], "connection")
        for source in self.nodes:
            if source.kind == TRIGGER:
                self._trigger(source)
        data["parameters"] = [
            {"name": name, "type": shown or "string", "required": True} for name, shown in rewriter.inputs.items()
        ]
        settings = self.part.part("settings", "graph's settings")
        if settings is not None:
            settings.finish()
        self.part.finish()
        stage: Data = {"name": "main", "steps": steps}
        if len(steps) > 1:
            stage["parallel"] = True
        return {**data, "stages": [stage]}

    def _node(self, node: Node) -> Source:
        part = Part(node, "node", self.report)
        identity = part.text("id", needed=True) or At("", node)
        if identity.value and not re.fullmatch(IDENTIFIER, identity.value):
            hint = "letters, digits and _, not starting with a digit"
            self.report(identity.node, "wrong-type", f"'{identity.value}' is no id", hint)
        part.taken.add("position")  # where it was drawn: the order of what is done is in the connections
        found = part.text("type", needed=True)
        kind = TRIGGER if found and found.value == TRIGGER else KINDS.get(found.value, "") if found else ""
        if found and not kind:
            names = (TRIGGER, *KINDS)
            hint = suggest(found.value, names) or f"kinds are {', '.join(names)}"
            self.report(found.node, "unknown-kind", f"there is no kind of node '{found.value}'", hint)
        config = part.part("properties", f"{kind} node's properties".strip())
        return Source(
            part, identity, kind, config or Part(node, f"{kind} node".strip(), self.report, set(part.entries))
        )

    def _trigger(self, source: Source) -> None:
        """A trigger only says that a run begins; a schedule in it, or the like, is not carried over."""
        source.part.text("name")
        source.part.finish()
        source.config.finish()

    def _connect(self) -> list[Target]:
        """Note what each node comes after; gives what conditionals lead to."""
        targets = []
        for node in self.part.items("connections"):
            connection = self._connection(Part(node, "connection", self.report))
            if connection is None or connection.source.value in self.triggers:
                continue
            target = self.by_id[connection.target.value]
            if connection.source.value not in {str(before.value) for before in target.after}:
                target.after.append(connection.source)
            if connection.way is not None:
                way = WAYS[connection.way.value]
                targets.append(Target(str(connection.source.value), way, target.name, connection.way.node))
        return targets

    def _connection(self, part: Part) -> Connection | None:
        source, target = part.text("source", needed=True), part.text("target", needed=True)
        leaves, enters = part.text("sourceOutput"), part.text("targetInput")
        part.finish()
        for end in (source, target):
            if end is not None and end.value not in self.by_id:
                message = f"there is no node '{end.value}' for this connection"
                hint = suggest(end.value, self.by_id) or f"nodes are {', '.join(self.by_id)}"
                self.report(end.node, "unknown-step", message, hint)
                return None
        if source is None or target is None:
            return None
        if target.value in self.triggers:
            self.report(target.node, "conflict", f"'{target.value}' is a trigger: nothing can lead to it")
            return None
        branches = self.by_id[source.value].kind == "conditional"
        way = leaves if branches and leaves and leaves.value in WAYS else None
        if leaves and way is None and leaves.value not in MAIN:
            self._only_one(leaves, "leaves", "true or false" if branches else "main")
        if enters and enters.value not in MAIN:
            self._only_one(enters, "enters", "main")
        return Connection(source, target, way)

    def _only_one(self, end: At, does: str, known: str) -> None:
        message = f"the connection {does} by '{end.value}': here it is {known}"
        self.report(end.node, "look-at-this", message, "read the workflow that comes of it", warning=True)
