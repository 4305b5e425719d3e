"""What one event says."""

from __future__ import annotations

from app.present.status import Badge
from workflows.records import dataclass


@dataclass(frozen=True)
class Sentence:
    """What an event says. `detail` marks what only a full log shows; `step` is empty for the run as a whole."""

    badge: Badge
    step: str
    text: str
    detail: bool = False
