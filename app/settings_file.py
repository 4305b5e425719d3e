"""The settings file: its keys, and every error in it with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar, Literal, TypeVar

from agents.models.prices import Price, flat
from app.settings_groups import ExecutionPart, HistoryPart, LogPart, McpPart, MonitoringPart, ResourcesPart, ServePart
from app.settings_rules import read_rules
from skills.channels.channels import DESKTOP, TERMINAL
from skills.channels.model import TYPES, Channel
from skills.network.addresses import allowed_hosts
from skills.permissions.rules import Rule
from workflows.definition.fields import Definition, FromZero, Label, Name
from workflows.definition.model import Budget
from workflows.definition.places import locate
from workflows.definition.shapes import Holds, read_value, wrong
from workflows.definition.slots import slots_of
from workflows.diagnostics import Diagnostic, suggest
from workflows.errors import UnderstudyError
from workflows.parts import Field, Part, part_of
from workflows.planning.make import planned_budget
from workflows.source import Mapping as Table
from workflows.source import Node, Report, Scalar, Sequence, is_null, read
from workflows.steps.kind import Finding
from workflows.values import Json

D = TypeVar("D", bound=Definition)


class Network(Definition):
    """What steps may reach."""

    noun: ClassVar[str] = "network"

    allow_hosts: tuple[Name, ...] = Field(default=(), description="Hosts that may be reached though they are private.")

    def findings(self) -> Iterable[Finding]:
        for place, entry in enumerate(self.allow_hosts):
            try:
                allowed_hosts([entry])
            except UnderstudyError as error:
                yield Finding(("allow_hosts", place), "wrong-value", error.message, error.hint)


class Top(Definition):
    """The keys at the top that are plain texts."""

    noun: ClassVar[str] = "settings"

    sandbox: Literal["off", "preferred", "required"] = Field(
        default="off", description="Whether programs run in a sandbox."
    )
    notify: Literal["off", "bell", "desktop"] = Field(
        default="bell", description="How the screens call whoever is needed."
    )
    model: Label = Field(default="", description="The model of agents that name none.")


class TokenPrice(Definition):
    """What a model costs."""

    noun: ClassVar[str] = "price"

    in_: FromZero = Field(key="in", description="US dollars per million tokens that it reads.")
    out: FromZero = Field(description="US dollars per million tokens that it writes.")


GROUPS: Mapping[str, type[Definition]] = {
    part.noun: part for part in (ExecutionPart, ResourcesPart, MonitoringPart, HistoryPart, McpPart, ServePart, LogPart)
}
"""The keys whose mappings are settings of their own."""

PARTS = ("network", "permissions", "channels", "pricing", "unknown_price", "budget", "keys", *GROUPS)


def read_settings(content: bytes, file: str) -> tuple[Mapping[str, Any], tuple[Diagnostic, ...]]:
    """The settings by name, as `app.settings.Settings` has them, and what is wrong in the file."""
    reader = _Reader(content, file)
    root = reader.document.root
    values: dict[str, Any] = {}
    if isinstance(root, Table):
        values |= reader.part(root, Top, "there is no setting '{}'", PARTS) or {}
        if network := reader.table(root, "network"):
            values |= reader.part(network, Network) or {}
        if permissions := reader.table(root, "permissions"):
            values["permissions"] = tuple(read_rules(permissions, file, reader.report))
        for name, group in GROUPS.items():
            if table := reader.table(root, name):
                values[name] = reader.part(table, group, f"there is no setting '{name}.{{}}'") or {}
        if channels := reader.table(root, "channels"):
            values["channels"] = {
                name.text: channel for name, node in channels.entries if (channel := reader.channel(name, node))
            }
        reader.known_channels(root, {DESKTOP, *values.get("channels", ())})
        if pricing := reader.table(root, "pricing"):
            values["pricing"] = {
                name.text: price for name, node in pricing.entries if (price := reader.price(name.text, node))
            }
        if keys := reader.table(root, "keys"):
            values["keys"] = {
                name.text: found for name, node in keys.entries if (found := reader.keys(name.text, node))
            }
        if (unknown := root.get("unknown_price")) and (price := reader.price("unknown_price", unknown)):
            values["unknown_price"] = price
        if (budget := reader.table(root, "budget")) and (given := reader.part(budget, Budget)):
            values["budget"] = planned_budget(part_of(Budget, given))
    elif root is not None and not is_null(root):
        reader.report(root, "wrong-type", "settings are written as `key: value`")
    return values, tuple(reader.found)


def read_workspace_settings(content: bytes, file: str) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """The rules of a workspace's own file, and what is wrong in it. Nothing else can be set there."""
    reader = _Reader(content, file)
    root = reader.document.root
    rules: tuple[Rule, ...] = ()
    if isinstance(root, Table):
        for key, _ in root.entries:
            if key.text != "permissions":
                hint = "everything else is set in your own settings: `understudy paths`"
                reader.report(key, "unknown-key", f"'{key.text}' cannot be set by a workspace", hint)
        if permissions := reader.table(root, "permissions"):
            rules = tuple(read_rules(permissions, file, reader.report))
    elif root is not None and not is_null(root):
        reader.report(root, "wrong-type", "settings are written as `key: value`")
    return rules, tuple(reader.found)


class _Reader:
    def __init__(self, content: bytes, file: str) -> None:
        self.document = read(content, file)
        # A file that says nothing, or only in comments, sets nothing.
        self.found: list[Diagnostic] = [d for d in self.document.diagnostics if d.code != "empty-file"]

    def report(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.found.append(self.document.diagnose(node.mark, code, message, hint, warning=warning))

    def table(self, node: Table, key: str) -> Table | None:
        """The mapping below a key; None where there is none."""
        value = node.get(key)
        if value is None or isinstance(value, Table):
            return value
        self.report(value, "wrong-type", f"{key} must be a mapping (lines of 'key: value')")
        return None

    def price(self, name: str, node: Node) -> Price | None:
        """What a million tokens cost."""
        if not isinstance(node, Table):
            self.report(node, "wrong-type", f"the price of {name} must be a mapping such as {{in: 0.5, out: 1.5}}")
            return None
        values = self.part(node, TokenPrice)
        return None if values is None else flat(values["in"], values["out"])

    def keys(self, name: str, node: Node) -> tuple[str, ...]:
        """The keys of one action: one, or a list of them."""
        nodes = node.items if isinstance(node, Sequence) else (node,)
        if not nodes or not all(isinstance(each, Scalar) and each.text for each in nodes):
            self.report(node, "wrong-type", f"the keys of {name} must be a key, such as f2, or a list of them")
            return ()
        return tuple(each.text for each in nodes if isinstance(each, Scalar))

    def channel(self, name: Scalar, node: Node) -> Channel | None:
        """One channel, read by its type."""
        if name.text in (TERMINAL, DESKTOP):
            self.report(name, "conflict", f"the channel '{name.text}' is always there", "give yours another name")
            return None
        if not isinstance(node, Table):
            self.report(node, "wrong-type", f"the channel '{name.text}' must be a mapping (lines of 'key: value')")
            return None
        written = node.get("type")
        kind = TYPES.get(written.text) if isinstance(written, Scalar) else None
        if kind is None:
            message = f"the channel '{name.text}' needs a type: {' or '.join(TYPES)}"
            text = written.text if isinstance(written, Scalar) else ""
            self.report(written or name, "wrong-value", message, suggest(text, TYPES) if text else "")
            return None
        values = self.part(node, kind)
        return None if values is None else part_of(kind, values)

    def known_channels(self, root: Table, known: set[str]) -> None:
        """Whether there is every channel that alerts are to go to: else nobody would ever hear of one."""
        table = root.get("monitoring")
        rules = table.get("rules") if isinstance(table, Table) else None
        each = [value for _, value in rules.entries] if isinstance(rules, Table) else []
        for place in [table, *each]:
            named = place.get("channels") if isinstance(place, Table) else None
            for node in named.items if isinstance(named, Sequence) else ():
                if isinstance(node, Scalar) and node.text not in known:
                    hint = suggest(node.text, known) or f"there are: {', '.join(sorted(known))}"
                    self.report(node, "unknown-channel", f"there is no channel '{node.text}'", hint)

    def part(self, node: Table, model: type[D], unknown: str = "", others: Iterable[str] = ()) -> dict[str, Any] | None:
        """The values of a mapping that are given; None where something is wrong with them."""
        before, slots, values = len(self.found), slots_of(model, partial(_Within, self)), dict[str, Any]()
        for key, value in node.entries:
            if slot := slots.get(key.text):
                values[key.text] = read_value(slot.shape, value, key.text, self.report)
            elif key.text not in others:
                known = [*slots, *others]
                hint = suggest(key.text, known) or f"there are: {', '.join(known)}"
                message = (unknown or f"unknown key '{{}}' in a {model.noun}").format(key.text)
                self.report(key, "unknown-key", message, hint)
        for name, slot in slots.items():
            if slot.required and name not in values:
                self.report(
                    node.entries[0][0] if node.entries else node, "missing-key", f"a {model.noun} needs '{name}'"
                )
        if len(self.found) == before:
            for finding in part_of(model, values).findings():
                mark = locate(node, finding.path)
                self.found.append(self.document.diagnose(mark, finding.code, finding.message, finding.hint))
        return values if len(self.found) == before else None


class _Within:
    """A part that stands within another one."""

    wanted = "a mapping (lines of 'key: value')"
    holds: Holds = ""

    def __init__(self, reader: _Reader, model: type[Part]) -> None:
        self._reader = reader
        self._model = model

    def blank(self) -> None:
        return None

    def read(self, node: Node, key: str, report: Report) -> Any:
        assert issubclass(self._model, Definition)  # settings are made of nothing else
        if not isinstance(node, Table):
            return wrong(self, node, key, report)
        values = self._reader.part(node, self._model, f"there is no setting '{key}.{{}}'")
        return None if values is None else part_of(self._model, values)

    def schema(self) -> Json:
        return {"type": "object"}
