"""Whether a run is one of those that were asked for. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from workflows.journal.port import Bound, Query, Sign, Summary


def fits(summary: Summary, query: Query) -> bool:
    """Whether the run is what the query asks for."""
    return (
        (not query.status or summary.status in query.status)
        and (not query.workflow or summary.workflow == query.workflow)
        and query.text.casefold() in "\n".join((summary.run_id, summary.workflow, summary.title)).casefold()
        and (query.since is None or summary.started >= query.since)
        and (not query.ids or summary.run_id in query.ids)
        and query.named.casefold() in summary.workflow.casefold()
        and (query.until is None or summary.started < query.until)
        and query.version in ("", summary.version)
        and query.cause in ("", summary.cause)
        and all(_within(summary, bound) for bound in query.bounds)
    )


_COMPARED: Mapping[Sign, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def _within(summary: Summary, bound: Bound) -> bool:
    took = max((summary.updated if summary.finished is None else summary.finished) - summary.started, 0.0)
    return _COMPARED[bound.sign](took if bound.what == "took" else summary.cost_usd or 0.0, bound.value)
