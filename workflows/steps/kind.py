"""The port that every step kind fills: its fields, its checks, what the plan says of it, and how it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from workflows.effects import Effect
from workflows.parts import Part
from workflows.records import dataclass
from workflows.steps.context import Context
from workflows.values import Json

What = Literal["skill", "agent", "workflow"]

Allocation = Literal["round_robin", "priority", "load_balanced", "predictive"]
"""How it is decided which of several equal performers takes a step."""


class Fields(Part):
    """A kind's own fields, as written: expressions are still text."""


@dataclass(frozen=True)
class Entry:
    """Something that a step can name: a skill, an agent or a workflow.

    `parameters` is the JSON Schema of its arguments, None where anything goes. `digest` changes with its code.
    `problem` says why it is known but cannot be used (a broken file, an untrusted workspace). `undo` is {skill,
    parameters} of what a skill says undoes it. An agent has `tools`, in `skills` the names of skill folders, and in
    `agents` of those whom it may hand over to; a skill that is such a `folder` can be given to agents, whatever its
    `problem` as a step. A workflow has its parsed `definition`, and in `uses` the names of the workflows that it calls
    itself.
    """

    what: What
    name: str
    description: str = ""
    digest: str = ""
    parameters: Json = None
    effect: Effect | None = None
    touches: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    folder: bool = False
    simulated: bool = False
    problem: str = ""
    undo: Json = None
    definition: Any = None
    uses: tuple[str, ...] = ()


class Catalogue(Protocol):
    """What exists here and can be named by a step."""

    def find(self, what: What, name: str) -> Entry | None: ...

    def names(self, what: What) -> Sequence[str]: ...


@dataclass(frozen=True)
class Finding:
    """What a check found. `path` leads from the step's mapping to the value at fault, such as ("parameters", "url")."""

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str = ""
    warning: bool = False


@dataclass(frozen=True)
class Description:
    """What the plan says of a step before anything runs.

    `uses` are the catalogue entries it may call, in the order they would take over from each other; `effect` is None
    where the step itself has none and its calls have (agents). `people` is true where it always waits for a person.
    The first `equals` of those who can perform the step are equal, and `allocate` says which of them takes it.
    `undo` is what takes it back where the step does not say: a `type` and its fields, as a step would write them.
    """

    summary: str
    uses: tuple[Entry, ...] = ()
    effect: Effect | None = "pure"
    hosts: tuple[str, ...] = ()
    people: bool = False
    equals: int = 1
    allocate: Allocation = "round_robin"
    undo: Json = None


@dataclass(frozen=True)
class Shown:
    """Exactly what a person is shown before saying yes.

    `body` is the diff, command or text; `facts` are short labelled lines (who, where, files); `binds` is what the
    approval's digest covers besides the input and the code, such as the checksum of the file to be replaced.
    """

    title: str
    body: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    binds: Json = None
    language: str = ""


class StepKind(Protocol):
    """One kind of step. Stateless: all a run needs comes through the context."""

    name: ClassVar[str]
    fields: ClassVar[type[Fields]]

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        """What is wrong with these fields here. Expressions were checked already."""
        ...

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        """Who performs the step, then who takes over: an agent and its fallbacks. ("",) where nobody is named."""
        ...

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description: ...

    async def show(self, ctx: Context) -> Shown:
        """What an approval of this step shows. Acts on nothing."""
        ...

    async def run(self, ctx: Context) -> Json:
        """Do the step's work through the context and return its output. Raises CallFailed and OutcomeUnknown."""
        ...


@runtime_checkable
class Reading(Protocol):
    """A step kind whose output depends on more than its input and its code: on files that the input names."""

    async def depends_on(self, ctx: Context) -> Json:
        """What that is now, such as digests, for the key of a cache. Acts on nothing. Raises CallFailed."""
        ...
