"""The filter of the list of runs, as people type it: `status:failed wf:release since:7d words`."""

from __future__ import annotations

import re

from workflows.diagnostics import suggest
from workflows.journal.port import Query
from workflows.records import dataclass

STATUSES = ("pending", "running", "waiting", "paused", "interrupted", "succeeded", "failed", "cancelled")
WORDS = {"done": "succeeded", "ok": "succeeded"}
UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


@dataclass(frozen=True)
class Filter:
    """What was understood, and what was not: `problem` is one sentence, empty where all of it was."""

    query: Query
    problem: str = ""


def read_filter(text: str, now: float, *, limit: int = 100, offset: int = 0) -> Filter:
    """The query for a filter. What is not understood filters nothing and is said. `now` is seconds since the epoch."""
    statuses: list[str] = []
    words: list[str] = []
    workflow, since, problem = "", None, ""
    for word in text.split():
        key, colon, value = word.partition(":")
        if not colon:
            words.append(word)
        elif key in ("status", "s"):
            status = WORDS.get(value, value)
            found = [known for known in STATUSES if value and known.startswith(status)]
            statuses += found
            problem = problem or ("" if found else f"no status '{value}': {suggest(value, STATUSES) or 'try failed'}")
        elif key in ("wf", "workflow"):
            workflow = value
        elif key == "since":
            match = re.fullmatch(r"(\d{1,6})([mhdw])", value)
            since = now - int(match[1]) * UNITS[match[2]] if match else since
            problem = problem or ("" if match else f"since: takes 30m, 2h, 7d or 4w, not '{value}'")
        else:
            problem = problem or f"no filter '{key}:'; there are status: wf: since:"
    return Filter(Query(tuple(dict.fromkeys(statuses)), workflow, " ".join(words), since, limit, offset), problem)
