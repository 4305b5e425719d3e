"""A server whose clock stands in a file: `python -m tests.proof.schedules_server FOLDER`. It says when it is ready."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from pathlib import Path

from app.container import open_services
from app.desk import Desk
from app.paths import Paths
from app.server.address import Address
from app.server.occurrences import follow_triggers
from app.server.scheduler import follow_schedules
from app.server.serve import serving

POLL = 0.005
"""Seconds of the real clock between looks at the file's."""


class FileClock:
    """The time that stands in a file, whoever moves it, in however many processes."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def now(self) -> float:
        (now,) = struct.unpack("d", os.pread(self._file, 8, 0))
        return float(now)

    def monotonic(self) -> float:
        return self.now()

    def move_to(self, moment: float) -> None:
        """Let it be that time now."""
        os.pwrite(self._file, struct.pack("d", moment), 0)

    async def sleep(self, seconds: float) -> None:
        until = self.now() + seconds
        await asyncio.sleep(0)
        while self.now() < until:
            await asyncio.sleep(POLL)


def paths_in(folder: Path) -> Paths:
    """Where everything of one proof is."""
    return Paths(folder / "config", folder / "data", folder / "log", folder / "work")


async def main(folder: Path) -> None:
    """Serve until killed."""
    clock = FileClock(folder / "clock")
    async with open_services(paths_in(folder), {"PATH": "/usr/bin:/bin"}, clock=clock) as services:
        beside = (follow_schedules, follow_triggers)
        async with serving(Desk(services), Address(port=0), beside):
            print("ready", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
