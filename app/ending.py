"""How the program ends: by a signal in good order, by another one at once, and never held up by a thread that hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""What ends the program: Ctrl-C, `kill`, a terminal that is gone, Ctrl-\\."""


ONCE = 0.05
"""Seconds in which a signal that comes twice is one: Ctrl-C reaches us, and whoever started us may pass it on."""


def code_of(number: int) -> int:
    """The exit code of a program that a signal ended, as shells count."""
    return 128 + number


def heed(first: Callable[[signal.Signals], None], last: Callable[[], None] = lambda: None) -> None:
    """From now on, in this loop, the first signal that ends the program calls `first`.

    The next one leaves at once, whatever the loop is at, after `last`, which must not wait for anything. What was
    heeded before no longer is. A signal that was ignored when we were started stays so: `nohup`, and `&` in a script,
    mean it.
    """
    loop = asyncio.get_running_loop()
    heard: list[float] = []

    def begin(number: signal.Signals) -> None:
        if len(heard) == 1:
            first(number)

    def hear(number: int, _: object) -> None:
        now = time.monotonic()
        if not heard and not loop.is_closed():
            heard.append(now)
        elif not heard or now - heard[0] > ONCE:
            try:
                last()
            finally:
                # Nothing durable is lost: it is as if we had been killed. What we started ends with us.
                os._exit(code_of(number))

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, begin, number)
            # Besides: the loop may be held up, as by a terminal that takes nothing, and `hear` must be heard then too.
            signal.signal(number, hear)


class _Threads(ThreadPoolExecutor):
    """Threads that nobody waits for in the end: a look-up of a name may hang in one for half a minute."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work in a loop of its own, as asyncio.run does. The process is to end by `os._exit` afterwards."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_Threads(thread_name_prefix="work"))
        return runner.run(work)
