"""The demo as the TUI needs it: a prepared workspace, what to run there, and what is said along the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from app.paths import Paths
from app.present.inquiry import Card
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.values import Json


@dataclass(frozen=True)
class Lesson:
    """A skill that is changed once the demo is over: `skill` is used by `step`, and `how` says what to change."""

    skill: str
    step: str
    how: str


@dataclass(frozen=True)
class Demo:
    """`paths` name a workspace that this process made, so it is trusted. `label` says that no AI is at work.

    `hint` is a line for what waits, empty where there is none; `used` says what its runs used. `keep` copies what was
    run into a folder of the user's, and returns the workflow's path; it raises UnderstudyError.
    """

    paths: Paths
    workflow: str
    label: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    hint: Callable[[Card], str] = lambda card: ""
    lesson: Lesson | None = None
    used: Callable[[Sequence[RunState]], str] = lambda states: ""
    keep: Callable[[Path], Path] | None = None


Prepare = Callable[[], Demo]
"""Makes the demo's workspace. Called off the screen's thread, as it copies files."""
