"""What is known of a skill without running any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from skills.declare import Context, Execution, Preview
from skills.layers import Scope
from workflows.effects import Effect
from workflows.records import dataclass
from workflows.values import Json

State = Literal["ready", "untrusted"]
Kind = Literal["python", "folder", "command", "mcp"]
"""What a skill is written as: a function in a file, a folder with a SKILL.md, a declared command, a server's tool."""

SHORT_DIGEST = 12
"""Hex digits of a digest that people are shown as a skill's version."""


class Performer(Protocol):
    """Makes the calls of skills that are no Python functions. Arguments were checked, and their paths are absolute.

    Both raise CallFailed for a definite failure, and OutcomeUnknown where nobody can say how a call ended; cancelling
    ends whatever was started.
    """

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json: ...

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        """What an approval shows. Changes nothing."""
        ...


@dataclass(frozen=True)
class Bundle:
    """A skill folder: where it is, its instructions, and the SHA-256 of each other file by its path in it."""

    root: Path
    body: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Skill:
    """One skill, as its source says.

    `parameters` is the JSON Schema (draft-07) of an object. `returns` says in short what comes back. `touches` holds
    words of `skills.declare.TOUCHES`. `digest` is the SHA-256, in hex, of the whole source file. `source` is that
    file's content: what runs is exactly this, whatever is on disk by then. `undo` is {skill, parameters} of what takes
    back what it did, None where it does not say. `execution` is where a call of it runs. `trusted` is false for a
    workspace's skill until a person trusts the workspace: it is listed and never run. `performer` makes the calls of
    a skill whose `kind` is not `python`. `unusable` says why it cannot be called at all, though it is here. `bundle` is
    what a folder holds for agents, and `hidden` that none is shown it. What a skill that `instructs` returns is for a
    model to follow; what all others return is data.
    """

    name: str
    description: str
    parameters: Json
    returns: str
    effect: Effect
    touches: frozenset[str]
    digest: str
    scope: Scope
    path: Path | None
    line: int = 0
    asynchronous: bool = False
    execution: Execution = "thread"
    previews: bool = False
    trusted: bool = True
    undo: Json = None
    source: bytes = field(default=b"", repr=False, compare=False)
    kind: Kind = "python"
    performer: Performer | None = field(default=None, repr=False, compare=False)
    unusable: str = ""
    bundle: Bundle | None = field(default=None, repr=False, compare=False)
    hidden: bool = False
    instructs: bool = False

    @property
    def version(self) -> str:
        """The digest, short enough to show."""
        return self.digest[:SHORT_DIGEST]

    @property
    def standing(self) -> int:
        """Before trust it hides nothing that is trusted, and as instructions alone nothing that can be called."""
        return 0 if not self.trusted else 1 if self.unusable else 2

    @property
    def state(self) -> State:
        return "ready" if self.trusted else "untrusted"
