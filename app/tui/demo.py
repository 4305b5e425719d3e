"""The demo as the TUI needs it: a prepared workspace and what to run there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from app.paths import Paths
from workflows.records import dataclass
from workflows.values import Json


@dataclass(frozen=True)
class Demo:
    """`paths` name a workspace that this process made, so it is trusted. `label` says that no AI is at work."""

    paths: Paths
    workflow: str
    label: str
    parameters: Mapping[str, Json] = field(default_factory=dict)


Prepare = Callable[[], Demo]
"""Makes the demo's workspace. Called off the screen's thread, as it copies files."""
