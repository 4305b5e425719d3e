"""When an app in a test has come to rest: everybody has done what there was to do, and all of it is drawn.

Textual's own tests take a process that needs little processor time for one that has nothing to do. On a busy machine a
process also needs little because it gets little. Here it is seen: nothing is ready to run, no thread owes an answer.

A frame is rendered for every rest, with all that changed since the last one, and not for every change: a terminal would
show some of those in between or none, as it happens, a test sees none of them, and they took a quarter of the time.
Styles are parsed once for all apps of the process: rules are only read.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._compositor import Compositor
from textual._context import active_app
from textual.app import App, ScreenStackError
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from workflows.journal.sqlite.worker import Worker

QUIET = 3
"""So many turns of the event loop with nothing to do are rest."""
MOMENT = 0.002
"""Seconds that others get: programs, servers, threads."""
LIMIT = 30.0
"""Seconds that are waited for rest. Some threads never end by themselves: a test holds them."""
_RENDER_UPDATE = Compositor.render_update
_PARSE_RULES = Stylesheet._parse_rules


class Threads:
    """The answers that are still to come from threads."""

    def __init__(self) -> None:
        self.owed: set[object] = set()

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, whose future is owed until it is done."""

        @functools.wraps(call)
        def begin(*given: Any) -> asyncio.Future[Any]:
            future = call(*given)
            self.owed.add(future)
            future.add_done_callback(self.owed.discard)
            return future

        return begin

    def awaited(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same coroutine function, owed as long as somebody awaits it."""

        @functools.wraps(call)
        async def do(*given: Any) -> Any:
            token = object()
            self.owed.add(token)
            try:
                return await call(*given)
            finally:
                self.owed.discard(token)

        return do


async def come_to_rest(threads: Threads) -> None:
    """Return when the app of this context has come to rest, or has not for long."""
    app, end = active_app.get(), time.monotonic() + LIMIT
    while time.monotonic() < end:
        await _nothing_to_do(threads, end)
        if app._resize_timer is not None:
            await asyncio.sleep(MOMENT)  # it gathers changes of size for a moment
        elif not _draw(app) and not _render(app):
            return


async def _nothing_to_do(threads: Threads, end: float) -> None:
    ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public tells it
    await asyncio.sleep(MOMENT)
    quiet = 0
    while quiet < QUIET and time.monotonic() < end:
        await asyncio.sleep(MOMENT if threads.owed else 0)
        quiet = 0 if ready or threads.owed else quiet + 1


def _draw(app: App[Any]) -> bool:
    """Draw now what the screen would draw a moment later. Whether there was anything."""
    try:
        screen = app.screen
    except ScreenStackError:
        return False
    wanting = (screen._layout_required, screen._scroll_required, screen._repaint_required, screen._recompose_required)
    if not screen.is_current or app._batch_count or not any((*wanting, screen._dirty_widgets, screen._callbacks)):
        return False
    screen._on_timer_update()
    return True


def _render(app: App[Any]) -> bool:
    """Render the frame of this rest. Whether there was anything: widgets may want something once they are rendered."""
    try:
        compositor = app.screen._compositor
    except ScreenStackError:
        return False
    if not compositor._dirty_regions:
        return False
    _RENDER_UPDATE(compositor, screen_stack=app._background_screens)
    return True


def _leave_to_rest(compositor: Compositor, *_: Any, full: bool = False, **more: Any) -> Any:
    """What has changed stays to be rendered. A whole picture is somebody's who looks at it, who gets it."""
    return _RENDER_UPDATE(compositor, full=True, **more) if full else None


@functools.cache
def _parsed(variables: frozenset[tuple[str, str]], *given: Any) -> list[RuleSet]:
    return _PARSE_RULES(Stylesheet(variables=dict(variables)), *given)


def _parse_once(sheet: Stylesheet, css: str, read_from: Any, *, is_default_rules: bool, **more: Any) -> list[RuleSet]:
    """The rules of a source, with the variables that this sheet has."""
    given = (css, read_from, is_default_rules, more["tie_breaker"], more["scope"])
    return _parsed(frozenset(sheet._variables.items()), *given)


@asynccontextmanager
async def resting() -> AsyncIterator[None]:
    """As long as this lasts, pilots wait for rest after what they do."""
    threads = Threads()

    async def wait_for_rest(*_: float) -> None:
        await come_to_rest(threads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.BaseEventLoop, "run_in_executor", threads.counted(asyncio.BaseEventLoop.run_in_executor))
        patch.setattr(Compositor, "render_update", _leave_to_rest)
        patch.setattr(Stylesheet, "_parse_rules", _parse_once)
        patch.setattr(Worker, "do", threads.awaited(Worker.do))
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", wait_for_rest)
        yield
