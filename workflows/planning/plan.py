"""The plan: a workflow laid out as steps and what each of them waits for. Frozen, and kept in the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from workflows.effects import Effect
from workflows.planning.precedence import Precedence, precedence_of
from workflows.records import dataclass, declared, is_record
from workflows.values import Json, Plain

if TYPE_CHECKING:
    from workflows.expressions import CompiledValue

OnFailure = Literal["abort", "continue", "skip", "ask", "rollback", ""]
Backoff = Literal["immediate", "fixed", "linear", "exponential", "fibonacci", "adaptive"]
Allocation = Literal["round_robin", "priority", "load_balanced", "predictive"]
HandlerAction = Literal["retry", "abort", "continue", "skip", "rollback", "compensate", "escalate", ""]


@dataclass(frozen=True)
class RetryPolicy:
    """How often and when a failed attempt is repeated. Delays are seconds; `attempts` counts the first.

    `classes` are the failure classes that may be repeated, empty for all that are retryable.
    """

    attempts: int = 1
    backoff: Backoff = "exponential"
    delay: float = 1.0
    max_delay: float = 60.0
    jitter: bool = True
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Use:
    """A skill, agent or model that a step may use, and the digest of its code when the plan was made.

    `asks` are those of its tools that a person may be asked about, as far as that is known beforehand.
    """

    what: str
    name: str
    digest: str = ""
    models: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    simulated: bool = False
    asks: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        return f"{self.what}:{self.name}"


@dataclass(frozen=True)
class Each:
    """`step` is done once for each item of the list `over`, `width` at a time; expressions call the item `name`."""

    over: Json
    step: PlannedStep
    name: str = "item"
    width: int = 1


@dataclass(frozen=True)
class Remembering:
    """The step's output is kept under a key, and taken from there where it is at most `max_age` seconds old."""

    key: Json = None
    max_age: float | None = None


@dataclass(frozen=True)
class Telling:
    """Somebody is told how a step ended: `step` does it, `when` says on which end."""

    step: PlannedStep
    when: str = "always"


@dataclass(frozen=True)
class Verifying:
    """How to find out whether a call in doubt happened: a step, a condition over its output, and what counts as it."""

    step: PlannedStep
    happened: str = ""
    result: Json = None


@dataclass(frozen=True)
class PlannedStep:
    """One step, ready to be performed as soon as every step in `after` is over.

    `fields` are the kind's fields with their expressions as text, without the steps it holds: those are in `inside`,
    or a whole workflow in `child`. `effect` is what the file says it does outside, `foreseen` what its kind says before
    a run, for people. The first `equals` performers are equal: which of them takes the step, `allocate` says. `after`
    holds all it waits for, by id in its own block: needs, what it reads, and the order of its stage.
    """

    id: str
    kind: str
    title: str = ""
    stage: str = ""
    fields: Json = None
    after: tuple[str, ...] = ()
    when: str = ""
    performers: tuple[str, ...] = ("",)
    uses: tuple[Use, ...] = ()
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    idle_timeout: float | None = None
    on_failure: OnFailure = ""
    approve: bool = False
    irreversible: bool = False
    effect: Effect | None = None
    summary: str = ""
    hosts: tuple[str, ...] = ()
    people: bool = False
    inside: tuple[Block, ...] = ()
    child: Plan | None = None
    each: Each | None = None
    undo: PlannedStep | None = None
    verify: Verifying | None = None
    remember: Remembering | None = None
    output_schema: Json = None
    tell: Telling | None = None
    foreseen: Effect | None = None
    equals: int = 1
    allocate: Allocation = "round_robin"

    @cached_property
    def holds_steps(self) -> bool:
        """Whether its work is that of other steps: its items, its branches, its child workflow."""
        return bool(self.each or self.inside or self.child)

    @cached_property
    def compiled(self) -> dict[frozenset[str], CompiledValue]:
        """Its fields, compiled once for all runs of the plan, by the names that they may read."""
        return {}

    @property
    def nested(self) -> Iterator[PlannedStep]:
        """Every step that belongs to this one, at any depth: those it holds, and its undo, verify and notification."""
        blocks = (*self.inside, *([self.child] if self.child else []))
        about = (
            self.each and self.each.step,
            self.undo,
            self.verify and self.verify.step,
            self.tell and self.tell.step,
        )
        own = [step for step in about if step]
        for step in (*own, *(step for block in blocks for step in block.all_steps)):
            yield step
            yield from step.nested


@dataclass(frozen=True)
class PlannedStage:
    """A stage's steps in the order of the file. `width` is how many of them may run at once."""

    name: str
    steps: tuple[str, ...]
    width: int = 1


@dataclass(frozen=True)
class Block:
    """Steps that are done together, stage after stage. `when`: the branch of a decision is taken where this holds."""

    stages: tuple[PlannedStage, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    when: str = ""

    @property
    def all_steps(self) -> tuple[PlannedStep, ...]:
        """Its own steps, without those that they hold."""
        return self.steps

    @cached_property
    def by_id(self) -> Mapping[str, PlannedStep]:
        return {step.id: step for step in self.steps}

    @cached_property
    def precedence(self) -> Precedence:
        """Which of its steps are started first."""
        return precedence_of(self)

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """For each step, those that wait for it directly."""
        found: dict[str, list[str]] = {step.id: [] for step in self.steps}
        for step in self.steps:
            for earlier in step.after:
                found[earlier].append(step.id)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def reach(self) -> Mapping[str, frozenset[str]]:
        """For each step, the others that cannot start before it is over."""
        reach: dict[str, frozenset[str]] = {}
        waiting = [step.id for step in reversed(self.steps)]
        while waiting:
            # One turn, but for a parallel stage whose steps wait for some that stand behind them.
            for id_ in waiting:
                direct = self.dependents[id_]
                if all(other in reach for other in direct):
                    reach[id_] = frozenset(direct).union(*(reach[other] for other in direct))
            waiting = [id_ for id_ in waiting if id_ not in reach]
        return reach


@dataclass(frozen=True)
class Handler:
    """What is done when a step fails in a certain way, and neither its retries nor its understudies helped.

    `error` is a failure's class or name, or `any`; `block` are steps that are done before the action.
    """

    error: str
    action: HandlerAction
    retries: int = 3
    then: HandlerAction = ""
    block: Block = Block()
    tell: Telling | None = None


@dataclass(frozen=True)
class Budget:
    """What a workflow may spend on models, in US dollars, and what happens before the call that would exceed it."""

    usd: float
    on_exceed: Literal["ask", "abort"] = "ask"


@dataclass(frozen=True)
class Unattended:
    """Who is told where a person is needed and nobody is there, for how many seconds an answer is waited for, and what
    no answer means, by the reason that an entry has."""

    channel: str
    timeout: float
    approval: Literal["deny", "approve"] = "deny"
    question: Literal["fail"] | None = None
    intervention: Literal["abort", "skip", "roll_back"] = "abort"
    unknown: Literal["abort", "skip"] = "abort"
    budget: Literal["abort", "skip"] = "abort"
    changed: Literal["abort", "use_new"] = "abort"


@dataclass(frozen=True)
class Plan(Block):
    """All of a workflow: its steps in the order of the file, what happens when they fail, and what it gives back.

    `parameters` are the declared parameters of a child workflow, as data. `resources` is what a run takes of what there
    is only so much of, by name. `merge` is the context's strategy, empty
    where nothing is kept in it. `timeout` is in seconds at work.
    """

    title: str = ""
    version: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    parameters: tuple[Json, ...] = ()
    handlers: tuple[Handler, ...] = ()
    rollback: Block | None = None
    finally_: Block | None = None
    merge: str = ""
    timeout: float | None = None
    max_parallel: int | None = None
    budget: Budget | None = None
    resources: Mapping[str, int] = field(default_factory=dict)
    unattended: Unattended | None = None

    @property
    def all_steps(self) -> tuple[PlannedStep, ...]:
        """Its steps, and those of handlers, `rollback` and `finally`."""
        blocks = (*(handler.block for handler in self.handlers), self.rollback, self.finally_)
        tells = [handler.tell.step for handler in self.handlers if handler.tell]
        return (*self.steps, *(step for block in blocks if block for step in block.steps), *tells)

    @cached_property
    def every(self) -> tuple[PlannedStep, ...]:
        """Every step that may ever be done in a run, child workflows included."""
        return tuple(found for step in self.all_steps for found in (step, *step.nested))

    @cached_property
    def compiled_outputs(self) -> CompiledValue:
        """Its outputs, compiled once for all its runs. Raises ExpressionError."""
        from workflows.expressions import compile_value  # a plan that is only looked at needs none

        return compile_value(dict(self.outputs))

    @cached_property
    def limited(self) -> bool:
        """Whether it, or a workflow in it, says how many of its steps may run at once."""
        return self.max_parallel is not None or any(each.child.limited for each in self.every if each.child)

    @cached_property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """For each step of the file that is inside others, the ids of those, the outermost first."""
        found: dict[str, tuple[str, ...]] = {}

        def walk(steps: tuple[PlannedStep, ...], path: tuple[str, ...]) -> None:
            for step in steps:
                found[step.id] = path
                for block in (step.each.step if step.each else step).inside:
                    walk(block.steps, (*path, step.id))

        walk(self.steps, ())
        for block in (self.rollback, self.finally_):
            walk(block.steps if block else (), ())
        return found

    @cached_property
    def _json(self) -> WrittenPlan:
        written = WrittenPlan(_written(self))
        written.plan = self
        return written

    def to_json(self) -> Json:
        """The plan as data. They are made once, and nobody may change them."""
        return self._json


class WrittenPlan(Plain):
    """A plan as data that knows the plan, so that the process that made it need not read it again."""

    plan: Plan | None = None


def _written(value: Any) -> Json:
    if is_record(type(value)):
        return {name: _written(getattr(value, name)) for name in declared(type(value))}
    if isinstance(value, tuple | list):
        return [_written(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _written(item) for key, item in value.items()}
    return value
