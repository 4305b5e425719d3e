"""A step of a service document as a step of ours: the fields of each kind, time limits, retries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from composer.importing.expressions import Known, Rewriter
from composer.importing.parts import At, Part, plain
from workflows.definition.fields import IDENTIFIER
from workflows.diagnostics import suggest
from workflows.records import dataclass
from workflows.source import FALSE, TRUE, Node, Report, Scalar

Data: TypeAlias = dict[str, Any]

KINDS = ("http", "agent", "transform", "conditional", "parallel", "delay", "notification")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
BACKOFFS = ("fixed", "exponential", "linear")

REACHING_OUT = ("http", "agent", "notification")
"""The kinds that may fail today and go well tomorrow: only these are retried where the document retries everything."""


@dataclass(frozen=True)
class Target:
    """A branch's target: a step that is done only where the branch is taken."""

    conditional: str
    taken: bool
    step: str
    node: Node


@dataclass
class Source:
    """A step of the document, its keys and its kind read."""

    part: Part
    id: At
    kind: str
    config: Part
    inside: list[Source] = field(default_factory=list)
    after: list[At] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.id.value)

    def known(self) -> Known:
        """What expressions need to know of it."""
        key = self.config.entries.get("output_key")
        output_key = key.text if isinstance(key, Scalar) else "result"
        return Known(self.kind, output_key, tuple(each.name for each in self.inside))

    def all(self) -> Iterator[Source]:
        """The step and those inside of it."""
        yield self
        for each in self.inside:
            yield from each.all()


def read_step(node: Node, report: Report, inside_of: str = "", place: int = 0) -> Source:
    """A step's id, kind, and what it comes after. A step inside of a parallel one may have no id; it then gets one."""
    part = Part(node, "step", report)
    found = part.text("id", needed=not inside_of)
    identity = found or At(f"{inside_of}_parallel_{place}", node)
    if found and not re.fullmatch(IDENTIFIER, found.value):
        report(
            found.node, "wrong-type", f"'{found.value}' is no id", "letters, digits and _, not starting with a digit"
        )
    kind = part.text("type", needed=True)
    if kind and kind.value not in KINDS:
        report(kind.node, "wrong-value", f"type must be one of {', '.join(KINDS)}, not '{kind.value}'")
    word = kind.value if kind and kind.value in KINDS else ""
    config = part.part("config", f"{word} step's config".strip()) or Part(
        node, f"{word} step".strip(), report, set(part.entries)
    )
    source = Source(part, identity, word, config)
    if word == "parallel":
        items = config.items("steps", needed=True)
        source.inside = [read_step(item, report, source.name, number) for number, item in enumerate(items)]
    after = part.take("depends_on")
    if isinstance(after, Scalar):
        source.after = [At(after.text, after)]
    elif after is not None:
        for item in part.items("depends_on"):
            if isinstance(item, Scalar):
                source.after.append(At(item.text, item))
            else:
                report(item, "wrong-type", "depends_on names steps by their ids")
    return source


@dataclass
class Converter:
    """Converts the steps of one document. `retry` and `on_failure` hold for every step that says nothing else."""

    rewriter: Rewriter
    report: Report
    retry: Data | None
    on_failure: At | None
    targets: list[Target] = field(default_factory=list)
    branches: bool = True
    """Whether conditionals say themselves where they lead to; `targets` is given otherwise."""
    conditionals: dict[str, tuple[str, Data]] = field(default_factory=dict)

    def step(self, source: Source, *, inside: bool = False) -> Data:
        """The step in our keys. What its conditionals lead to is in `targets` then."""
        part, config = source.part, source.config
        data: Data = {"id": source.id, "type": At(source.kind, source.id.node)}
        if name := part.text("name"):
            data["name"] = name
        timeout = part.milliseconds("timeout", 1)
        fields: dict[str, Callable[[Source], Data]] = {
            "http": self._http,
            "agent": self._agent,
            "transform": self._transform,
            "conditional": self._conditional,
            "parallel": self._parallel,
            "delay": self._delay,
            "notification": self._notification,
            "skill": lambda source: self._called(source, "skill"),
            "workflow": lambda source: self._called(source, "workflow"),
        }
        if source.kind:
            data |= fields[source.kind](source)
        if source.kind == "http" and (seconds := config.number("timeout", 0.001)):
            timeout = timeout or seconds
        if timeout:
            data["timeout"] = timeout
        retry = part.part("retry", "retry") or config.part("retry", "retry")
        if retry is not None:
            data["retry"] = _retry(retry)
        elif self.retry and source.kind in REACHING_OUT:
            data["retry"] = self.retry
        if self.on_failure and not inside:
            data["on_failure"] = self.on_failure
        part.finish()
        config.finish()
        return data

    def finish(self) -> None:
        """Add to the conditionals what expressions read of them besides which way they went."""
        for name, (condition, value) in self.conditionals.items():
            ways = {target.taken: target.step for target in self.targets if target.conditional == name}
            if (name, "branch_taken") in self.rewriter.reads:
                value["branch_taken"] = f"${{{{ 'true' if {condition} else 'false' }}}}"
            if (name, "target_step") in self.rewriter.reads:
                yes, no = (f"'{ways[way]}'" if way in ways else "null" for way in (True, False))
                value["target_step"] = f"${{{{ {yes} if {condition} else {no} }}}}"

    def _text(self, node: Scalar) -> str:
        return self._noting(self.rewriter.text, node)

    def _noting(self, rewrite: Callable[[str], str], node: Scalar) -> str:
        """The text rewritten; what somebody should look at is a warning at its place."""
        rewritten = rewrite(node.text)
        for note in self.rewriter.notes:
            self.report(node, "look-at-this", note, warning=True)
        self.rewriter.notes.clear()
        return rewritten

    def _value(self, config: Part, key: str, *, needed: bool = False) -> At | None:
        node = config.take(key, needed=needed)
        return None if node is None else plain(node, self._text, self.report)

    def _given(self, config: Part, *keys: str, needed: tuple[str, ...] = ()) -> Data:
        """These keys of a config, as they are but for the expressions in them."""
        values = {key: self._value(config, key, needed=key in needed) for key in keys}
        return {key: value for key, value in values.items() if value is not None}

    def _http(self, source: Source) -> Data:
        method = source.config.text("method", needed=True)
        if method and method.value not in METHODS:
            hint = f"write {method.value.upper()}" if method.value.upper() in METHODS else ""
            message = f"method must be one of {', '.join(METHODS)}, not '{method.value}'"
            self.report(method.node, "wrong-value", message, hint)
        given = self._given(source.config, "url", "headers", "body", needed=("url",))
        return {"method": method, **given} if method else given

    def _agent(self, source: Source) -> Data:
        agent = source.config.text("agent_id", needed=True)
        given = self._given(source.config, "input", "parameters", needed=("input",))
        if "parameters" in given:
            given = {"input": given}
        return {"agent": agent, **given} if agent else given

    def _called(self, source: Source, what: str) -> Data:
        name = source.config.text(what, needed=True)
        given = self._given(source.config, "parameters")
        return {what: name, **given} if name else given

    def _transform(self, source: Source) -> Data:
        key = source.config.text("output_key")
        node = source.config.take("expression", needed=True)
        if not isinstance(node, Scalar):
            if node is not None:
                self.report(node, "wrong-type", "expression must be a text")
            return {}
        expression = self._noting(self.rewriter.bare, node)
        return {"value": {key.value if key else "result": At(f"${{{{ {expression} }}}}", node)}}

    def _conditional(self, source: Source) -> Data:
        """A step that decides, and goes on in any case: the steps that its branches name have conditions."""
        condition = source.config.take("condition", needed=True)
        if self.branches:
            self._branches(source)
        if not isinstance(condition, Scalar):
            if condition is not None:
                self.report(condition, "wrong-type", "condition must be a text")
            return {}
        expression = self._noting(self.rewriter.condition, condition)
        value: Data = {"condition_result": At(f"${{{{ {expression} }}}}", condition)}
        self.conditionals[source.name] = (expression, value)
        return {"type": "transform", "value": value}

    def _branches(self, source: Source) -> None:
        branches = source.config.part("branches", "conditional step's branches")
        if branches is None:
            self.report(source.config.node, "missing-key", "this conditional step's config needs 'branches'")
            return
        for word in ("true", "false"):
            self._branch(source, branches, word)
        branches.finish()

    def _branch(self, source: Source, branches: Part, word: str) -> None:
        branch = branches.part(word, f"branch '{word}'")
        if branch is None:
            message = f"'{source.name}' has no branch for {word}, which fails there: here the run goes on"
            self.report(branches.node, "look-at-this", message, warning=True)
            return
        target = branch.text("target_step")
        branch.finish()
        if target is None:
            return
        if target.value not in self.rewriter.steps:
            message = f"there is no step '{target.value}' for this branch to go to"
            self.report(target.node, "unknown-step", message, _steps_are(self.rewriter.steps, target.value))
            return
        self.targets.append(Target(source.name, word == "true", target.value, target.node))

    def _parallel(self, source: Source) -> Data:
        every = source.config.take("wait_for_all")
        node = source.config.entries.get("steps", source.config.node)
        data: Data = {"steps": At([self.step(each, inside=True) for each in source.inside], node)}
        if isinstance(every, Scalar) and every.text in FALSE:
            data["wait_for"] = At("first", every)
        elif every is not None and not (isinstance(every, Scalar) and every.text in TRUE):
            self.report(every, "wrong-type", "wait_for_all must be true or false")
        return data

    def _delay(self, source: Source) -> Data:
        node = source.config.take("ms", needed=True)
        if isinstance(node, Scalar) and "{{" in node.text:
            expression = self._noting(self.rewriter.bare, node)
            name = expression.removeprefix("parameters.")
            if name in self.rewriter.inputs:
                self.rewriter.inputs[name] = "number"
            return {"for": At(f"${{{{ ({expression}) / 1000 }}}}", node)}
        wait = source.config.milliseconds("ms")
        return {"for": wait} if wait else {}

    def _notification(self, source: Source) -> Data:
        given = self._given(source.config, "channel", "text", "message")
        if "channel" not in given:
            given["channel"] = "terminal"
            message = "the notification names no channel: it goes to the terminal"
            self.report(source.config.node, "look-at-this", message, warning=True)
        if "message" in given:
            given.setdefault("text", given.pop("message"))
        return given


def _retry(part: Part) -> Data:
    attempts = part.number("max_attempts", 1)
    delay = part.milliseconds("initial_delay")
    data = {
        "max_attempts": attempts or 3,
        "backoff": part.word("backoff", BACKOFFS, "exponential"),
        "delay": delay or 1,
    }
    part.finish()
    return data


def _steps_are(steps: Mapping[str, Known], near: str) -> str:
    return suggest(near, steps) or f"steps are {', '.join(steps)}"
