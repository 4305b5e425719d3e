"""Work beside the screen. What is asked for again before it is done is begun anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.worker import Worker

from workflows.clock import Clock
from workflows.errors import UnderstudyError


class NotOpen(UnderstudyError):
    """The services are not open: not yet, or those of another workspace are being opened in their place."""


def in_background(node: DOMNode, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
    """Do the work in the background; of one group only the newest. A fault in it ends the program, and is explained.

    Work that finds what it was for gone, since the node is being put away, was for nobody, and is no fault. Nor is it
    where the services were put away meanwhile: whoever needs them begins anew when they are opened.
    """

    async def unless_left() -> None:
        try:
            await work()
        except NotOpen:
            pass
        except NoMatches:
            if not (node._pruning or node._closing or node._closed or node.app._exit):
                raise

    _: Worker[None] = node.run_worker(unless_left, exclusive=True, group=group)


def every(node: DOMNode, clock: Clock, seconds: float, work: Callable[[], Awaitable[object]], group: str) -> None:
    """Do the work again and again, by the clock, for as long as the node is there."""

    async def keep_on() -> None:
        while True:
            await clock.sleep(seconds)
            await work()

    in_background(node, keep_on, group)
