"""`system.processes`: what runs on this machine."""

from __future__ import annotations

from typing import Literal

from skills import skill
from workflows.text import one_line
from workflows.values import Json

_SETTLING = 0.2
"""Seconds between two looks at the time that processes took."""


@skill(name="system.processes", effect="idempotent", touches=["reads"])
def processes(name: str = "", sort: Literal["cpu", "memory"] = "cpu", limit: int = 20) -> dict[str, Json]:
    """List the processes that take most of this machine. Their arguments are not told: keys can stand in them.

    Args:
        name: Only those whose name contains this.
        sort: By what they take now, of a processor or of memory.
        limit: How many at most.

    Returns: {processes: [{pid, name, user, status, cpu, memory, started}], count}. `cpu` is in percent of one
        processor, `memory` in bytes, `started` in seconds since 1970. `count` is how many there are by that name.
    """
    import time

    import psutil  # here: it reads a lot of the system when it is loaded

    found = [process for process in psutil.process_iter() if name.lower() in _named(process, psutil).lower()]
    for process in found:
        _cpu(process, psutil)
    time.sleep(_SETTLING)
    rows: list[dict[str, Json]] = []
    for process in found:
        try:
            with process.oneshot():
                rows.append(
                    {
                        "pid": process.pid,
                        "name": one_line(process.name(), 100),
                        "user": _user(process, psutil),
                        "status": str(process.status()),
                        "cpu": round(_cpu(process, psutil), 1),
                        "memory": process.memory_info().rss,
                        "started": int(process.create_time()),
                    }
                )
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it has ended, or is nobody's business
    rows.sort(key=lambda row: (-row[sort], row["pid"]))
    return {"processes": list(rows[: max(limit, 0)]), "count": len(rows)}


def _named(process: Json, psutil: Json) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return ""


def _cpu(process: Json, psutil: Json) -> float:
    try:
        return float(process.cpu_percent(None))
    except psutil.Error:
        return 0.0


def _user(process: Json, psutil: Json) -> str | None:
    try:
        return str(process.username())
    except (psutil.Error, KeyError):
        return None
