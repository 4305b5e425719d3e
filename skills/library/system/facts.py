"""`system.facts`: what this machine is, and how busy."""

from __future__ import annotations

import os
import platform
import shutil
import time

from skills import Context, skill
from workflows.values import Json


@skill(name="system.facts", effect="idempotent", touches=["reads"])
def facts(context: Context) -> dict[str, Json]:
    """Tell what machine this is: system, processors, memory, room on the disk, load, and since when it is up.

    Returns: {system, release, machine, python, processors, load: [1, 5, 15 minutes] or null, memory: {total,
        available}, swap: {total, used}, disk: {total, used, free}, up}. Memory and disk are in bytes, `up` in seconds.
    """
    import psutil  # here: it reads a lot of the system when it is loaded

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    disk = shutil.disk_usage(context.root)
    load: list[Json] | None = list(os.getloadavg()) if hasattr(os, "getloadavg") else None
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": load,
        "memory": {"total": memory.total, "available": memory.available},
        "swap": {"total": swap.total, "used": swap.used},
        "disk": {"total": disk.total, "used": disk.used, "free": disk.free},
        "up": int(time.time() - psutil.boot_time()),
    }
