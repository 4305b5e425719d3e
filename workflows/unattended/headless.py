"""The proof that a workflow can run where nobody is: pure, from its plan, and told in the places of its file.

A run that nobody attends asks people only where it must. Whatever it asks is bounded by `unattended:` of the workflow,
or of one that calls it: who is told, until when, and what counts then (`workflows.engine.silence`). So a workflow
passes where it has that, or where none of its steps can ask. A step whose condition is constantly false is never
reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from workflows.definition.model import Workflow
from workflows.definition.outline import Outline, Path, outline
from workflows.definition.parse import diagnose
from workflows.diagnostics import Diagnostic, suggest
from workflows.expressions import ExpressionError, compile_condition
from workflows.planning.plan import Block, Handler, Plan, PlannedStep, Unattended, Use
from workflows.records import dataclass
from workflows.steps.kind import Finding

WAITS = "waits-for-a-person"
"""The code of what is found: this may wait, and nothing says for how long, who is told and what counts then."""


@dataclass(frozen=True)
class Source:
    """The file that a plan was made from."""

    file: str
    text: str
    workflow: Workflow


def asked_tools(use: Use) -> Sequence[str]:
    """The tools for which a person may be needed, as far as the plan knows them."""
    return use.asks


def prove(
    plan: Plan,
    source: Source,
    child: Callable[[str], Source | None],
    *,
    channels: Collection[str] | None = None,
    tools: Callable[[Use], Sequence[str]] = asked_tools,
) -> tuple[Diagnostic, ...]:
    """What is wrong with letting this run with nobody there; nothing where it is proven to come to an end.

    `child` gives the files of the workflows that it calls, by name. With `channels` those that are named must be among
    them. `tools` are those of an agent for which a person may be needed: that rules ask about, and whose outcome may
    be unknown.
    """
    proof = _Proof(child, channels, tools)
    found = list(proof.workflow(plan, source, None, ()))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Proof:
    child: Callable[[str], Source | None]
    channels: Collection[str] | None
    tools: Callable[[Use], Sequence[str]]

    def workflow(
        self, plan: Plan, source: Source, outer: Unattended | None, way: tuple[str, ...]
    ) -> Iterator[Diagnostic]:
        """What is found in a workflow, then in those that it calls. `way` leads to it."""
        said = plan.unattended or outer
        walk = _Walk(outline(source.workflow), self.tools, said, " → ".join(way))
        found = list(walk.plan(plan))
        found += [_unproven(name, path) for name, step, path in walk.children if self._source(name, step) is None]
        if plan.unattended is not None:
            found += self._channel(plan.unattended.channel)
        yield from diagnose(source.text, source.file, found)
        for name, step, _ in walk.children:
            inner = self._source(name, step)
            if inner is not None and step.child is not None:
                yield from self.workflow(step.child, inner, said, (*way, source.workflow.name))

    def _source(self, name: str, step: PlannedStep) -> Source | None:
        """The file of a child; None where it is not the one that was planned, so that nothing can be told of it."""
        found = self.child(name)
        same = found is not None and step.child is not None and found.workflow.name == step.child.title
        return found if same else None

    def _channel(self, name: str) -> Iterator[Finding]:
        if self.channels is not None and name not in self.channels:
            hint = suggest(name, self.channels) or f"channels are {', '.join(self.channels)}"
            yield Finding(("unattended", "channel"), "unknown-channel", f"there is no channel '{name}'", hint)


def _unproven(name: str, path: Path) -> Finding:
    what = f"the file of '{name}' cannot be read any more, so nothing can be proven of it"
    return Finding((*path, "workflow"), WAITS, what, "look at it again: `understudy validate`")


class _Walk:
    """All that can be reached of one workflow. `children` are the workflows that it calls."""

    def __init__(
        self, whole: Outline, tools: Callable[[Use], Sequence[str]], said: Unattended | None, way: str
    ) -> None:
        self._whole = whole
        self._tools = tools
        self._said = said
        self._way = way
        self.children: list[tuple[str, PlannedStep, Path]] = []

    def plan(self, plan: Plan) -> Iterator[Finding]:
        asks_for_money = plan.budget is not None and plan.budget.on_exceed == "ask"
        if asks_for_money and any(map(_costs, _reached(plan))):
            key = ("budget", "on_exceed") if self._whole.workflow.budget else ("budget",)
            yield from self._waits(key, "the run asks a person where its budget does not suffice", "on_exceed: abort")
        yield from self._block(plan)
        for number, handler in enumerate(plan.handlers):
            yield from self._handler(handler, ("error_handlers", number))
        for block in (plan.rollback, plan.finally_):
            if block is not None:
                yield from self._block(block)

    def _handler(self, handler: Handler, path: Path) -> Iterator[Finding]:
        for key, action in (("action", handler.action), ("then", handler.then)):
            if action == "escalate":
                yield from self._waits((*path, key), f"the handler for {handler.error} asks a person", "action: abort")
        yield from self._block(handler.block, (*path, "steps"))

    def _block(self, block: Block, path: Path = ()) -> Iterator[Finding]:
        if never(block.when):
            return
        for step in block.steps:
            yield from self._step(step, path)

    def _step(self, step: PlannedStep, path: Path) -> Iterator[Finding]:
        """A step and all that belongs to it. `path` is where it is named, where it has no place of its own."""
        one = step.each.step if step.each else step
        if never(step.when) or never(one.when):
            return
        placed = self._whole.by_id.get(step.id)
        here = placed.path if placed is not None and (not path or placed.path[0] == "rollback") else path
        yield from self._one(one, here, step.id)
        for block in one.inside:
            yield from self._block(block)
        for key, about in (("undo", one.undo), ("verify", one.verify and one.verify.step)):
            if about and not never(about.when):
                yield from self._one(about, (*here, key), f"{key} of {step.id}")

    def _one(self, step: PlannedStep, path: Path, name: str) -> Iterator[Finding]:
        """What one piece of work may ask."""
        if step.child is not None and isinstance(step.fields, dict):
            self.children.append((str(step.fields.get("workflow")), step, path))
        if step.kind == "question":
            yield from self._question(step, path, name)
        elif step.people:
            yield from self._waits(path, f"'{name}' waits for a person")
        if step.approve:
            key = (*path, "irreversible" if step.irreversible else "approve")
            yield from self._waits(key, f"'{name}' waits for a person's approval before it acts")
        for use in step.uses:
            if use.what == "agent" and (tools := self._tools(use)):
                what = f"'{name}' may wait for a person: about what agent {use.name} does with {', '.join(tools)}"
                yield from self._waits((*path, "agent"), what, "allow these tools by a rule, or take them from it")
        if step.on_failure == "ask":
            yield from self._waits((*path, "on_failure"), f"'{name}' asks a person when it failed", "on_failure: abort")
        holds = step.inside or step.child
        if not holds and (step.effect or step.foreseen) == "unsafe":
            sure = ", and its verify may not be able to tell" if step.verify else ""
            what = f"'{name}' asks a person where nobody can say whether it happened{sure}"
            yield from self._waits((*path, step.kind if step.kind == "skill" else "type"), what)

    def _question(self, step: PlannedStep, path: Path, name: str) -> Iterator[Finding]:
        fields = step.fields if isinstance(step.fields, dict) else {}
        if self._said is None:
            yield from self._waits(path, f"'{name}' waits for a person's answer")
        elif fields.get("default") is None and self._said.question is None:
            hint = "give it a 'default', or say at the top that it fails: unattended: {…, default: {question: fail}}"
            yield Finding(path, WAITS, f"'{name}' has no default: nothing says what counts where nobody answers", hint)

    def _waits(self, path: Path, what: str, instead: str = "") -> Iterator[Finding]:
        """A finding, unless the workflow says who is told and what counts where nobody answers."""
        if self._said is not None:
            return
        called = f" (called by {self._way})" if self._way else ""
        other = f"; or here: {instead}" if instead else ""
        hint = f"say at the top who is told, and how long: unattended: {{channel: …, timeout: 2h}}{other}"
        yield Finding(path, WAITS, f"{what}, and nobody may be there{called}", hint)


def never(when: str) -> bool:
    """Whether a condition is false whatever a run is given."""
    if not when:
        return False
    try:
        compiled = compile_condition(when)
        return not compiled.references and compiled.evaluate({}) is False
    except ExpressionError:
        return False  # it has names of its own, or depends on the world


def _reached(plan: Plan) -> Iterator[PlannedStep]:
    """Every step that a run of the plan may come to, at any depth."""
    blocks = (*(handler.block for handler in plan.handlers), plan.rollback, plan.finally_)
    for block in (plan, *(block for block in blocks if block)):
        for step in block.steps:
            yield from _from(step)


def _from(step: PlannedStep) -> Iterator[PlannedStep]:
    one = step.each.step if step.each else step
    if never(step.when) or never(one.when):
        return
    yield one
    for about in (one.undo, one.verify and one.verify.step):
        if about:
            yield about
    for block in one.inside:
        if not never(block.when):
            for inner in block.steps:
                yield from _from(inner)
    if one.child is not None:
        yield from _reached(one.child)


def _costs(step: PlannedStep) -> bool:
    """Whether a model may be asked in a step that costs something, or whose price nobody knows."""
    return any(use.what == "agent" and (not use.simulated or _hands_over(use)) for use in step.uses)


def _hands_over(use: Use) -> bool:
    return any(tool.startswith("→") for tool in use.tools)
