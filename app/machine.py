"""How busy this machine is: the probe that limits are held against. psutil is loaded when it is first asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from workflows.engine.limits import Load

MEGABIT = 1_000_000 / 8
"""Bytes."""


class Machine:
    """Looks at the whole machine, not only at this process. `folder` is on the disk that counts as storage.

    `network_speed` is in megabits a second; without it, what the fastest network card says. The processors and the
    network are measured from look to look, so the first look does not know them. What the machine does not say is None.
    """

    def __init__(self, folder: Path, network_speed: float | None = None) -> None:
        self._folder = folder
        self._speed = network_speed
        self._psutil: Any = None
        self._before: tuple[float, int] | None = None

    def look(self) -> Load:
        """What it is now, in percent."""
        first = self._psutil is None
        if first:
            import psutil

            self._psutil = psutil
        cpu = self._psutil.cpu_percent(interval=None)
        return Load(None if first else cpu, self._psutil.virtual_memory().percent, self._storage(), self._network())

    def _storage(self) -> float | None:
        from shutil import disk_usage  # few look at the machine

        folder = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        try:
            usage = disk_usage(folder)
        except OSError:
            return None
        # Of what we may use: some of it may be kept for the system.
        return 100.0 * usage.used / max(usage.used + usage.free, 1)

    def _network(self) -> float | None:
        counters = self._psutil.net_io_counters()
        now, speed = time.monotonic(), self._speed or self._said_speed()
        if counters is None or not speed:
            return None
        before, total = self._before, counters.bytes_sent + counters.bytes_recv
        self._before = (now, total)
        if before is None or now <= before[0]:
            return None
        return float(100.0 * max(total - before[1], 0) / (now - before[0]) / (speed * MEGABIT))

    def _said_speed(self) -> float:
        """Megabits a second of the fastest card that is up, 0 where none says it."""
        cards = self._psutil.net_if_stats()
        return float(max((card.speed for name, card in cards.items() if card.isup and name != "lo"), default=0))
