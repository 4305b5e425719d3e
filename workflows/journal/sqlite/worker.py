"""A thread for what blocks: it does what it is given, in order, and the event loop hears what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Work: TypeAlias = "tuple[Callable[[], Any], asyncio.Future[Any] | None]"


class Worker:
    """Belongs to the event loop that made it. The program does not end before all is done and it was dismissed."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._thread = Thread(target=self._do_all, name=name)
        self._thread.start()

    def begin(self, work: Callable[[], object]) -> None:
        """Have it done, and hear nothing of it. It must not raise."""
        self._work.put((work, None))

    async def do(self, work: Callable[[], T]) -> T:
        """Have it done, and raise what it raises. It is done even if the caller is cancelled."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._work.put((work, future))
        return await future

    def dismiss(self) -> None:
        """Nothing more is to be done after what was given. Once."""
        self._work.put(None)

    async def end(self) -> None:
        """Dismiss it, and wait until all is done."""
        await self.do(lambda: None)
        self.dismiss()
        self._thread.join()

    def tell(self, what: Callable[..., object], *given: object) -> None:
        """Have the event loop do something. From the thread."""
        try:
            self._loop.call_soon_threadsafe(what, *given)
        except RuntimeError:
            # The loop is gone, and with it everybody who waited.
            pass

    def _do_all(self) -> None:
        while (given := self._work.get()) is not None:
            work, future = given
            try:
                result = work()
            except BaseException as error:  # whatever it is, who waits must hear of it
                if future is not None:
                    self.tell(_fail, future, error)
            else:
                if future is not None:
                    self.tell(_settle, future, result)
            # Nothing is kept while it waits for work: a result may be a connection, or an error hold one.
            del given, work, future
            result = None


def _settle(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
