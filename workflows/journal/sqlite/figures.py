"""What statistics ask of the tables: of summaries and attempts only, found by when their runs began."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from workflows.journal.figures import ErrorFigures, Figures, RunFigures, StepFigures

_WHICH = "runs.started >= ? AND instr(casefold(workflow), ?)"
_ENDED = "performer <> '' AND NOT interrupted AND attempts.status IN ('succeeded', 'failed', 'timed_out')"

_COLUMNS = (
    *("run_id", "workflow", "status", "started", "finished"),
    *("tokens_in", "tokens_out", "cost_usd", "cost_known", "simulated"),
)
RUNS = f"SELECT {', '.join(_COLUMNS)} FROM runs WHERE {_WHICH} ORDER BY started, id"  # noqa: S608  # every value is bound

# The text of one group holds the seconds of its tries: a row for each of them would take ten times as long to read.
STEPS = f"""
    SELECT workflow, step, performer, group_concat(max(attempts.finished - attempts.started, 0)),
        max(attempts.finished - attempts.started), run_id
    FROM runs JOIN attempts ON attempts.run = runs.id
    WHERE {_WHICH} AND {_ENDED} GROUP BY workflow, step, performer
"""  # noqa: S608  # every value is bound

ERRORS = f"""
    SELECT workflow, step, failure, count(*), max(attempts.started), run_id
    FROM runs JOIN attempts ON attempts.run = runs.id
    WHERE {_WHICH} AND {_ENDED} AND attempts.status <> 'succeeded' AND failure IS NOT NULL
    GROUP BY workflow, step, failure
"""  # noqa: S608  # every value is bound


def which(since: float | None, workflow: str) -> tuple[float, str]:
    """The parameters of the statements."""
    return float("-inf") if since is None else since, workflow.casefold()


def figures_of(
    runs: Iterable[tuple[Any, ...]], steps: Iterable[tuple[Any, ...]], errors: Iterable[tuple[Any, ...]]
) -> Figures:
    """The figures of the statements' rows."""
    return Figures(tuple(_run(*row) for row in runs), tuple(_step(*row) for row in steps), errors_of(errors))


def _run(*row: Any) -> RunFigures:
    values = dict(zip(_COLUMNS, row, strict=True))
    return RunFigures(**values | {flag: bool(values[flag]) for flag in ("cost_known", "simulated")})


def _step(workflow: str, step: str, performer: str, seconds: str, longest: float, run_id: str) -> StepFigures:
    return StepFigures(workflow, step, performer, tuple(map(float, seconds.split(","))), run_id)


def errors_of(rows: Iterable[tuple[Any, ...]]) -> tuple[ErrorFigures, ...]:
    """Failures with the same words are the same error, whatever else was kept of them."""
    found: defaultdict[tuple[str, str, str, str, str], list[tuple[int, float, str]]] = defaultdict(list)
    for workflow, step, text, times, last, run_id in rows:
        failure = json.loads(text)
        key = (workflow, step, failure["kind"], failure.get("name", ""), failure["message"])
        found[key].append((times, last, run_id))
    return tuple(
        ErrorFigures(*key, sum(times for times, _, _ in all_), *max((last, run_id) for _, last, run_id in all_))
        for key, all_ in found.items()
    )
