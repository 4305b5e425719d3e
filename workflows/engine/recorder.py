"""The run's journal as an attempt sees it: its state, what it may post, and whom it may wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from workflows.clock import Clock
from workflows.journal.port import RunStore
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.secrets import Redactor, Secrets

T = TypeVar("T")


class Recorder(Protocol):
    """The run's journal as an attempt sees it. `state` is what the posted events come to."""

    @property
    def state(self) -> RunState: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def store(self) -> RunStore: ...

    @property
    def secrets(self) -> Secrets: ...

    @property
    def redactor(self) -> Redactor: ...

    def post(self, *events: e.Event) -> Awaitable[None]:
        """Add events to the next commit. Await what is given back where they must be durable."""
        ...

    def answer_to(self, entry: str) -> asyncio.Future[e.Answered]: ...

    async def away(self, step: str, waiting: Awaitable[T]) -> T:
        """Wait for a person or for time: others use the step's place meanwhile."""
        ...

    def moved(self, step: str) -> asyncio.Future[None]:
        """Done when the step begins or ceases to wait, or a scope of its own is opened or closed."""
        ...

    def room(self) -> asyncio.Future[None]:
        """Done when a call ends or a budget is raised: there may be room for another call then."""
        ...

    def stream(self, step: str, attempt: int, text: str, *, log: bool = False) -> None: ...

    def later(self, act: Callable[[], None]) -> None:
        """Have this done before the next commit, and soon."""
        ...


class Supposing:
    """A recorder whose state is only supposed: for looking, not for acting."""

    def __init__(self, recorder: Recorder, state: RunState) -> None:
        self.state = state
        self.clock, self.store = recorder.clock, recorder.store
        self.secrets, self.redactor = recorder.secrets, recorder.redactor

    def post(self, *events: e.Event) -> Awaitable[None]:
        raise AssertionError("what is only supposed records nothing")

    def answer_to(self, entry: str) -> asyncio.Future[e.Answered]:
        raise AssertionError("what is only supposed asks nobody")

    async def away(self, step: str, waiting: Awaitable[T]) -> T:
        raise AssertionError("what is only supposed waits for nobody")

    def moved(self, step: str) -> asyncio.Future[None]:
        raise AssertionError("what is only supposed waits for nothing")

    def room(self) -> asyncio.Future[None]:
        raise AssertionError("what is only supposed spends nothing")

    def stream(self, step: str, attempt: int, text: str, *, log: bool = False) -> None:
        """Says nothing."""

    def later(self, act: Callable[[], None]) -> None:
        raise AssertionError("what is only supposed records nothing")
