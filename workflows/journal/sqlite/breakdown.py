"""What runs came to, worked out by the database: one statement a breakdown, whatever number of runs there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.journal.breakdown import By, Group

_APART = "\x1f"
"""Stands between the parts of a key; what is kept was cleaned of it."""

_OF_RUNS: Mapping[By, str] = {
    "all": "''",
    "workflow": "workflow",
    "version": f"workflow || '{_APART}' || version",
    "day": "date(started, 'unixepoch', 'localtime')",
}

_WHICH = "runs.started >= ? AND (? = '' OR instr(casefold(workflow), ?))"

_TOOK = "CASE WHEN status IN ('succeeded', 'failed') AND finished IS NOT NULL THEN max(finished - started, 0) END"

_RUNS = """
    SELECT {key} AS key, status, {took} AS took, cost_usd AS cost, NOT cost_known AS unpriced,
        tokens_in, tokens_out, simulated, run_id
    FROM runs WHERE {which}
"""

_MODELS = f"""
    SELECT model AS key, status, {_TOOK} AS took, cost, unpriced, used_in AS tokens_in, used_out AS tokens_out,
        simulated, run_id
    FROM (
        SELECT usage.run AS of_run, model, sum(usage.cost_usd) AS cost, max(usage.cost_usd IS NULL) AS unpriced,
            coalesce(sum(usage.tokens_in), 0) AS used_in, coalesce(sum(usage.tokens_out), 0) AS used_out
        FROM runs JOIN usage ON usage.run = runs.id WHERE {_WHICH} GROUP BY usage.run, model
    ) JOIN runs ON runs.id = of_run
"""  # noqa: S608  # every value is bound

_STEPS = f"""
    SELECT workflow || '{_APART}' || CASE WHEN instr(step, '[') THEN any_item(step) ELSE step END || '{_APART}'
            || performer AS key,
        CASE attempts.status WHEN 'timed_out' THEN 'failed' ELSE attempts.status END AS status,
        max(attempts.finished - attempts.started, 0) AS took, NULL AS cost, 0 AS unpriced,
        0 AS tokens_in, 0 AS tokens_out, 0 AS simulated, run_id
    FROM runs JOIN attempts ON attempts.run = runs.id
    WHERE {_WHICH} AND performer <> '' AND NOT interrupted AND attempts.status IN ('succeeded', 'failed', 'timed_out')
"""  # noqa: S608  # every value is bound

# What took no time to tell of stands behind all that did, so the places of what did are 1 to `timed`.
_GROUPED = """
    WITH chosen AS ({chosen}), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY key ORDER BY took IS NULL, took, run_id) AS place,
            count(took) OVER (PARTITION BY key) AS timed
        FROM chosen
    )
    SELECT key, count(*), sum(status = 'succeeded'), sum(status = 'failed'), sum(status = 'cancelled'), sum(simulated),
        avg(took), min(CASE WHEN place >= (timed * 50 + 99) / 100 THEN took END),
        min(CASE WHEN place >= (timed * 95 + 99) / 100 THEN took END), max(took),
        coalesce(max(CASE WHEN place = timed THEN run_id END), ''),
        sum(cost), sum(unpriced), sum(tokens_in), sum(tokens_out)
    FROM ranked GROUP BY key ORDER BY key
"""


def breakdown(by: By, since: float | None, workflow: str, edges: Sequence[float]) -> tuple[str, list[Any]]:
    """The statement and its parameters."""
    text = workflow.casefold()
    which = [float("-inf") if since is None else since, text, text]
    if by == "model":
        return _GROUPED.format(chosen=_MODELS), which
    if by == "step":
        return _GROUPED.format(chosen=_STEPS), which
    if by != "part":
        return _GROUPED.format(chosen=_RUNS.format(key=_OF_RUNS[by], took=_TOOK, which=_WHICH)), which
    cases = "".join(f" WHEN started < ? THEN {number}" for number in range(len(edges[1:])))
    key = f"CASE{cases} ELSE {len(edges[1:])} END" if cases else "0"
    return _GROUPED.format(chosen=_RUNS.format(key=key, took=_TOOK, which=_WHICH)), [*edges[1:], *which]


def group_of(key: Any, *values: Any) -> Group:
    """A group from its row."""
    return Group(tuple(str(key).split(_APART)), *values)
