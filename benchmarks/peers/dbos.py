"""DBOS with its SQLite back end as it comes: each step's result is committed before the next begins.

It needs SQLite 3.42, which pysqlite3-binary brings along where the interpreter's own is older.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3

sys.modules["sqlite3"] = pysqlite3

from dbos import DBOS, DBOSConfig, SetWorkflowID  # noqa: E402  # its SQLite has to be there first

traced: list[Callable[[int], None]] = []
"""What steps call: DBOS finds its functions by name, so they belong to the module."""


@DBOS.step()
async def count(value: int) -> int:
    for trace in traced:
        trace(value)
    return value + 1


@DBOS.workflow()
async def chain(steps: int) -> int:
    value = 0
    for _ in range(steps):
        value = await count(value)
    return value


@DBOS.workflow()
async def fan_out(width: int) -> int:
    values = await asyncio.gather(*(count(number) for number in range(width)))
    return await count(sum(values) - 1)


class Contestant:
    packages: tuple[str, ...] = ("dbos", "pysqlite3-binary")

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        traced[:] = [trace]
        self._loop = asyncio.new_event_loop()
        config: DBOSConfig = {
            "name": "benchmark",
            "system_database_url": f"sqlite:///{folder / 'dbos.db'}",
            "application_version": "1",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
        DBOS(config=config)
        DBOS.launch()  # goes on with what was cut off

    def chain(self, steps: int) -> Callable[[], Any]:
        return lambda: self._loop.run_until_complete(chain(steps))

    def fan_out(self, width: int) -> Callable[[], Any]:
        return lambda: self._loop.run_until_complete(fan_out(width))

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        async def at_once() -> int:
            handles = await asyncio.gather(*(DBOS.start_workflow_async(chain, steps) for _ in range(runs)))
            return sum(await asyncio.gather(*(handle.get_result() for handle in handles)))

        return lambda: self._loop.run_until_complete(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        async def begun() -> int:
            with SetWorkflowID("long"):
                return await chain(steps)

        if resume:
            return lambda: DBOS.retrieve_workflow("long").get_result()
        return lambda: self._loop.run_until_complete(begun())

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        DBOS.destroy()
