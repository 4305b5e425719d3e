"""What processes and all that they started use. The only file of the monitoring that asks psutil, when first asked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from app.monitoring.facts import Use


class Processes:
    """Remembers each process from look to look, because how busy it was is measured between two."""

    def __init__(self) -> None:
        self._seen: dict[int, Any] = {}

    def use(self, numbers: Iterable[int] = ()) -> Use:
        """What this process, those with the numbers, and their children use together. Those that are gone use nothing.

        Memory is what is resident; what several share counts for each. The first look does not know the processors.
        """
        import psutil

        found: dict[int, Any] = {}
        for number in {os.getpid(), *numbers} - {0}:
            try:
                parent = self._seen.get(number) or psutil.Process(number)
                for each in (parent, *parent.children(recursive=True)):
                    # One that was seen before keeps its clock; a number that was given again is another process.
                    known = self._seen.get(each.pid)
                    found[each.pid] = known if known == each else each
            except psutil.Error:
                continue
        memory, cpu, first = 0, 0.0, not self._seen
        for number, process in list(found.items()):
            try:
                with process.oneshot():
                    memory += process.memory_info().rss
                    cpu += process.cpu_percent(None)
            except psutil.Error:
                del found[number]
        self._seen = found
        return Use(memory, None if first else cpu, len(found))
