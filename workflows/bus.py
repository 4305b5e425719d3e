"""Who wants to know what happens in this process's runs: screens, narrators, observers."""

from __future__ import annotations

import logging
from collections.abc import Callable

from workflows.records import dataclass
from workflows.runs.events import Recorded
from workflows.runs.state import RunState

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Committed:
    """These events are durable now, and this is the state after them."""

    run_id: str
    events: tuple[Recorded, ...]
    state: RunState


@dataclass(frozen=True)
class Streamed:
    """Live text of an attempt: output, or a line of its log. Not part of the journal."""

    run_id: str
    step: str
    attempt: int
    text: str
    log: bool = False


@dataclass(frozen=True)
class Stuck:
    """The journal cannot be written for now. Nothing is dispatched; the run goes on by itself when it can."""

    run_id: str
    message: str
    hint: str


Notice = Committed | Streamed | Stuck
Subscriber = Callable[[Notice], None]


class Bus:
    """Hands each notice to every subscriber, in the order they subscribed. Subscribers must not block."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Add a subscriber; the returned function takes it away again."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber) if subscriber in self._subscribers else None

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._subscribers)

    def publish(self, notice: Notice) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(notice)
            except Exception:  # one broken screen must not stop a run
                _log.exception("a subscriber failed")
