"""Says where a call runs: in a worker's loop, in a thread of one, or in a process of its own."""

import os
import threading

from skills import skill

CALLS: list[int] = []
"""Calls that were made in this process."""


def _here() -> dict:
    CALLS.append(len(CALLS))
    thread = "the main thread" if threading.current_thread() is threading.main_thread() else "a thread"
    return {"process": os.getpid(), "thread": thread, "calls_in_it": len(CALLS)}


@skill(name="where.awaits", effect="pure", execution="async")
async def awaits() -> dict:
    """In the event loop of a worker."""
    return _here()


@skill(name="where.threads", effect="pure", execution="thread")
def threads() -> dict:
    """In a thread of a worker."""
    return _here()


@skill(name="where.alone", effect="pure", execution="process")
def alone() -> dict:
    """In a process of its own."""
    return _here()
