"""What is known of a skill without running any of it."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Literal

from skills.declare import Execution
from workflows.effects import Effect
from workflows.records import dataclass
from workflows.values import Json

Scope = Literal["built-in", "user", "workspace"]
State = Literal["ready", "untrusted"]

SCOPES: tuple[Scope, ...] = ("built-in", "user", "workspace")
"""Where skills come from; the later wins over the earlier where both have a skill of the same name."""

SHORT_DIGEST = 12
"""Hex digits of a digest that people are shown as a skill's version."""


@dataclass(frozen=True)
class Skill:
    """One skill, as its source says.

    `parameters` is the JSON Schema (draft-07) of an object. `returns` says in short what comes back. `touches` holds
    words of `skills.declare.TOUCHES`. `digest` is the SHA-256, in hex, of the whole source file. `source` is that
    file's content: what runs is exactly this, whatever is on disk by then. `undo` is {skill, parameters} of what takes
    back what it did, None where it does not say. `execution` is where a call of it runs. `trusted` is false for a
    workspace's skill until a person trusts the workspace: it is listed and never run.
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

    @property
    def version(self) -> str:
        """The digest, short enough to show."""
        return self.digest[:SHORT_DIGEST]

    @property
    def state(self) -> State:
        return "ready" if self.trusted else "untrusted"


@dataclass(frozen=True)
class Problem:
    """Why a skill file cannot be used.

    `line` and `column` count from 1; 0 means the whole file. `text` is that line of the file.
    """

    path: Path
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else str(self.path)
        return f"{where}: {self.message}"
