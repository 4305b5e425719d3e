"""The plan: a workflow laid out as steps and what each of them waits for. Frozen, and kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Literal

from workflows.effects import Effect
from workflows.values import Json

OnFailure = Literal["abort", "continue", "skip", "ask", ""]
Backoff = Literal["immediate", "fixed", "linear", "exponential", "fibonacci"]


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
    """A skill, agent or model that a step may use, and the digest of its code when the plan was made."""

    what: str
    name: str
    digest: str = ""
    models: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    simulated: bool = False

    @property
    def reference(self) -> str:
        return f"{self.what}:{self.name}"


@dataclass(frozen=True)
class PlannedStep:
    """One step, ready to be performed as soon as every step in `after` is over.

    `fields` are the kind's fields with their expressions as text; `after` holds all it waits for: needs, what it
    reads, and the order of its stage.
    """

    id: str
    kind: str
    title: str
    stage: str
    fields: Json
    after: tuple[str, ...] = ()
    when: str = ""
    performers: tuple[str, ...] = ("",)
    uses: tuple[Use, ...] = ()
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    on_failure: OnFailure = ""
    approve: bool = False
    effect: Effect | None = None
    summary: str = ""
    hosts: tuple[str, ...] = ()
    people: bool = False


@dataclass(frozen=True)
class PlannedStage:
    """A stage's steps in the order of the file. `width` is how many of them may run at once."""

    name: str
    steps: tuple[str, ...]
    width: int = 1


@dataclass(frozen=True)
class Plan:
    """All of a run's steps in the order of the file, and what the run gives back."""

    title: str = ""
    version: str = ""
    stages: tuple[PlannedStage, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    outputs: Mapping[str, Json] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, PlannedStep]:
        return {step.id: step for step in self.steps}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Each step's place in the file, from 0."""
        return {step.id: place for place, step in enumerate(self.steps)}

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """For each step, those that wait for it directly."""
        found: dict[str, list[str]] = {step.id: [] for step in self.steps}
        for step in self.steps:
            for earlier in step.after:
                found[earlier].append(step.id)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def downstream(self) -> Mapping[str, int]:
        """For each step, how many others cannot start before it is over."""
        reach: dict[str, frozenset[str]] = {}
        for step in reversed(self.steps):
            direct = self.dependents[step.id]
            reach[step.id] = frozenset(direct).union(*(reach[other] for other in direct))
        return {key: len(value) for key, value in reach.items()}

    def to_json(self) -> Json:
        return asdict(self)


def plan_from_json(data: Json) -> Plan:
    """The plan that `to_json` gave. Raises KeyError or TypeError where the data is not a plan."""

    def step(item: Json) -> PlannedStep:
        retry = item["retry"]
        return PlannedStep(
            **{
                **item,
                "after": tuple(item["after"]),
                "performers": tuple(item["performers"]),
                "hosts": tuple(item["hosts"]),
                "uses": tuple(
                    Use(**{**use, **{key: tuple(use[key]) for key in ("models", "tools", "touches")}})
                    for use in item["uses"]
                ),
                "retry": RetryPolicy(**{**retry, "classes": tuple(retry["classes"])}),
            }
        )

    return Plan(
        title=data["title"],
        version=data["version"],
        stages=tuple(PlannedStage(item["name"], tuple(item["steps"]), item["width"]) for item in data["stages"]),
        steps=tuple(step(item) for item in data["steps"]),
        outputs=dict(data["outputs"]),
    )
