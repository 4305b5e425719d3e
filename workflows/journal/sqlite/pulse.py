"""What is asked of the tables by whoever watches: what is under way, and what ended lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from workflows.journal.pulse import AtWork, Ended, Lately, Pulse, UnderWay

_BAD = "attempts.status IN ('failed', 'timed_out') AND NOT interrupted"

# An attempt that waits for a person is under way, but nobody is at work on it: its step is in the inbox.
_ACTIVE = """attempts.finished IS NULL
    AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run = attempts.run AND inbox.step = attempts.step)"""

# Beside max() SQLite gives the other columns of the row that has it: the id of the newest.
RUNS = """
    SELECT workflow, status, count(*), max(finished), run_id FROM runs
    WHERE finished >= ? AND status IN ('succeeded', 'failed') GROUP BY workflow, status
"""

TRIES = """
    SELECT count(*), coalesce(sum(status <> 'succeeded'), 0), coalesce(sum(n = 1), 0),
        coalesce(sum(n = 1 AND status = 'succeeded'), 0)
    FROM attempts
    WHERE run IN (SELECT id FROM runs WHERE finished >= ? UNION ALL SELECT id FROM runs WHERE finished IS NULL)
    AND finished >= ? AND performer <> '' AND NOT interrupted AND status IN ('succeeded', 'failed', 'timed_out')
"""

TOOK = """
    SELECT max(finished - started, 0) FROM runs
    WHERE workflow = ? AND status = 'succeeded' ORDER BY started DESC LIMIT ?
"""


def under_way(living: Sequence[str], limit: int) -> tuple[str, list[Any]]:
    """The statement and parameters for the runs that are not over and have an owner that lives, or wait for people."""
    alive = f"holder IN ({', '.join('?' * len(living))})"
    statement = f"""
        SELECT run_id, workflow, status, started, steps_done, steps_failed, steps_total,
            CASE WHEN {alive} THEN (SELECT count(*) FROM attempts WHERE run = runs.id AND {_ACTIVE}) ELSE 0 END,
            (SELECT count(*) FROM attempts WHERE run = runs.id AND {_BAD}),
            CASE WHEN {alive} THEN holder ELSE '' END
        FROM runs WHERE finished IS NULL AND ({alive} OR EXISTS (SELECT 1 FROM inbox WHERE inbox.run = runs.id))
        ORDER BY started, id LIMIT ?
    """  # noqa: S608  # texts of ours; every value is bound
    return statement, [*living, *living, *living, limit]


def at_work(living: Sequence[str], limit: int) -> tuple[str, list[Any]]:
    """The statement and parameters for the tries that are under way."""
    statement = f"""
        SELECT run_id, workflow, step, performer, attempts.started
        FROM runs JOIN attempts ON attempts.run = runs.id
        WHERE runs.finished IS NULL AND holder IN ({", ".join("?" * len(living))}) AND {_ACTIVE}
        ORDER BY attempts.started, runs.id, step LIMIT ?
    """  # noqa: S608  # texts of ours; every value is bound
    return statement, [*living, limit]


def pulse_of(runs: Iterable[tuple[Any, ...]], tries: Iterable[tuple[Any, ...]]) -> Pulse:
    """The pulse of the statements' rows."""
    return Pulse(
        tuple(UnderWay(*(*row[:-1], process_of(row[-1]))) for row in runs), tuple(AtWork(*row) for row in tries)
    )


def lately_of(runs: Iterable[tuple[Any, ...]], tries: tuple[int, int, int, int]) -> Lately:
    """What ended lately, of the statements' rows."""
    found: dict[str, Ended] = {}
    for workflow, status, times, finished, run_id in runs:
        before = found.get(workflow, Ended())
        if status == "succeeded":
            found[workflow] = replace(before, succeeded=times, last_succeeded=finished)
        else:
            found[workflow] = replace(before, failed=times, last_failed=(finished, run_id))
    return Lately(found, *tries)


def process_of(holder: str) -> int:
    """The number of an owner's process, which its name begins with; 0 where it has none."""
    number = holder.partition("-")[0]
    return int(number) if number.isdecimal() else 0
