"""Faults that are planted into the process under test, never into the product, to show that a proof finds them.

Each sits on a port (the store, a step's context), so that it works with whatever engine is between the two.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from app.container import Services
from workflows.effects import Effect
from workflows.errors import Failure
from workflows.runs import events as e
from workflows.steps.context import Context, Result

LATE = 0.02
"""Seconds by which a write comes late that was said to be done. The end of a run comes never: its process is over."""


def hasty(services: Services) -> None:
    """Calls are made before their intent is durable."""
    _lie(services, lambda events: any(isinstance(each.event, e.CallStarted) for each in events))


def boastful(services: Services) -> None:
    """What is not an intent is said to be durable before it is."""
    _lie(services, lambda events: not any(isinstance(each.event, e.CallStarted) for each in events))


def careless(services: Services) -> None:
    """Whatever was cut off is made again, also where that does harm."""
    _meddle(services, _Careless)


def fickle(services: Services) -> None:
    """Every try has an idempotency key of its own."""
    _meddle(services, _Fickle)


def forgetful(services: Services) -> None:
    """A run that is resumed does not know which calls were finished."""
    read = services.store.read

    async def misread(run_id: str, after: int = 0) -> list[e.Recorded]:
        return [_forgotten(each) for each in await read(run_id, after)]

    services.store.read = misread  # type: ignore[method-assign]  # planted


FAULTS: Mapping[str, Callable[[Services], None]] = {
    "": lambda services: None,
    **{fault.__name__: fault for fault in (hasty, boastful, careless, fickle, forgetful)},
}


def _lie(services: Services, about: Callable[[Sequence[e.Recorded]], bool]) -> None:
    append = services.store.append
    last: asyncio.Future[Any] | None = None

    async def late(before: asyncio.Future[Any] | None, *submitted: Any) -> None:
        if before is not None:
            await before
        await asyncio.sleep(LATE)
        if not isinstance(submitted[1][-1].event, e.RunFinished):
            await append(*submitted)

    async def lying(lease: Any, events: Sequence[e.Recorded], *more: Any) -> None:
        nonlocal last
        if about(events):
            last = asyncio.ensure_future(late(last, lease, events, *more))
            return
        if last is not None:
            await last
        await append(lease, events, *more)

    services.store.append = lying  # type: ignore[method-assign]  # planted


def _forgotten(recorded: e.Recorded) -> e.Recorded:
    finished = next((fact for fact in e.facts_of(recorded.event) if isinstance(fact, e.CallFinished)), None)
    if finished is None:
        return recorded
    failure = Failure("transient", "forgotten")
    event = e.CallFailed(finished.step, finished.key, "interrupted", failure, finished.usage)
    return e.Recorded(recorded.seq, recorded.at, event)


def _meddle(services: Services, meddled: Callable[[Context], Any]) -> None:
    for name, kind in list(services.kinds.items()):
        services.kinds[name] = _Kind(kind, meddled)


class _Kind:
    """A step kind that is given another context."""

    def __init__(self, kind: Any, meddled: Callable[[Context], Any]) -> None:
        self._kind = kind
        self._meddled = meddled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    async def run(self, ctx: Context) -> Any:
        return await self._kind.run(self._meddled(ctx))


class _Meddled:
    def __init__(self, context: Context) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


class _Careless(_Meddled):
    async def call(
        self, key: str, spec: Any, effect: Effect, act: Callable[[str], Awaitable[Result]], **more: Any
    ) -> Any:
        return await self._context.call(key, spec, "idempotent", act, **more)


class _Fickle(_Meddled):
    async def call(
        self, key: str, spec: Any, effect: Effect, act: Callable[[str], Awaitable[Result]], **more: Any
    ) -> Any:
        return await self._context.call(key, spec, effect, lambda given: act(given + os.urandom(4).hex()), **more)
