"""Prefect with the temporary server that it starts by itself: the states of flows and tasks are kept in its SQLite.

Results are not: a flow that was killed is run again as a whole, so it has no such row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import flow, task


@task
async def count(value: int) -> int:
    return value + 1


@flow
async def chain(steps: int) -> int:
    value = 0
    for _ in range(steps):
        value = await count(value)
    return value


@flow
async def fan_out(width: int) -> int:
    futures = [count.submit(number) for number in range(width)]
    joined: int = await count(sum(future.result() for future in futures) - 1)
    return joined


class Contestant:
    packages: tuple[str, ...] = ("prefect", "fastapi")

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        pass

    def chain(self, steps: int) -> Callable[[], Any]:
        return lambda: asyncio.run(_call(chain, steps))

    def fan_out(self, width: int) -> Callable[[], Any]:
        return lambda: asyncio.run(_call(fan_out, width))

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        async def at_once() -> int:
            return sum(await asyncio.gather(*(_call(chain, steps) for _ in range(runs))))

        return lambda: asyncio.run(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        raise NotImplementedError

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


async def _call(function: Any, size: int) -> int:
    value: int = await function(size)
    return value
