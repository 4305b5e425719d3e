"""How runs go and what they came to, of a store that keeps no tables: counted anew each time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import fsum
from typing import Protocol

from workflows.effects import Usage
from workflows.journal.breakdown import By, Group, any_item
from workflows.journal.figures import ENDS
from workflows.journal.port import Summary
from workflows.journal.reuse import ABOUT_TRIES, attempts_in
from workflows.records import dataclass
from workflows.runs.events import CallFailed, CallFinished, Recorded

READ = (*ABOUT_TRIES, CallFinished.__name__, CallFailed.__name__)
"""Events that are looked at."""


class Kept(Protocol):
    """A run as the store keeps it."""

    @property
    def summary(self) -> Summary: ...

    def of(self, kinds: Sequence[str]) -> Iterable[Recorded]: ...


@dataclass(frozen=True)
class _Row:
    status: str
    took: float | None
    run_id: str
    cost: float | None = None
    unpriced: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    simulated: bool = False


def breakdown_of(runs: Iterable[Kept], by: By, edges: Sequence[float]) -> list[Group]:
    """The breakdown of these runs, as `BreakdownStore` says it."""
    found: defaultdict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for run in runs:
        for key, row in _rows(run, by, edges):
            found[key].append(row)
    return [_group(key, rows) for key, rows in sorted(found.items())]


def _rows(kept: Kept, by: By, edges: Sequence[float]) -> Iterator[tuple[tuple[str, ...], _Row]]:
    run = kept.summary
    over = run.status in ("succeeded", "failed") and run.finished is not None
    took = max((run.finished or 0.0) - run.started, 0.0) if over else None
    if by == "step":
        for each in attempts_in(kept.of(READ)):
            if each.end is not None and not each.end.interrupted and each.end.status in ENDS:
                status = "succeeded" if each.end.status == "succeeded" else "failed"
                key = (run.workflow, any_item(each.event.step), each.event.performer)
                yield key, _Row(status, max(each.finished - each.started, 0.0), run.run_id)
    elif by == "model":
        for model, used in _used(kept.of(READ)).items():
            costs = [each.cost_usd for each in used if each.cost_usd is not None]
            tokens = (sum(each.tokens_in or 0 for each in used), sum(each.tokens_out or 0 for each in used))
            spent = (fsum(costs) if costs else None, len(costs) < len(used))
            yield (model,), _Row(run.status, took, run.run_id, *spent, *tokens, run.simulated)
    else:
        spent = (run.cost_usd, not run.cost_known)
        yield (
            _key(run, by, edges),
            _Row(run.status, took, run.run_id, *spent, run.tokens_in, run.tokens_out, run.simulated),
        )


def _key(run: Summary, by: By, edges: Sequence[float]) -> tuple[str, ...]:
    match by:
        case "workflow":
            return (run.workflow,)
        case "version":
            return (run.workflow, run.version)
        case "day":
            return (datetime.fromtimestamp(run.started).date().isoformat(),)
        case "part":
            return (str(max(bisect_right(edges, run.started) - 1, 0)),)
        case _:
            return ("",)


def _used(events: Iterable[Recorded]) -> Mapping[str, list[Usage]]:
    found: defaultdict[str, list[Usage]] = defaultdict(list)
    for each in events:
        if isinstance(each.event, CallFinished | CallFailed) and (usage := each.event.usage) is not None:
            found[usage.model].append(usage)
    return found


def _group(key: tuple[str, ...], rows: Sequence[_Row]) -> Group:
    timed = sorted((row.took, row.run_id) for row in rows if row.took is not None)
    times = [took for took, _ in timed]
    costs = [row.cost for row in rows if row.cost is not None]

    def rank(per_cent: int) -> float | None:
        return times[(len(times) * per_cent + 99) // 100 - 1] if times else None

    return Group(
        key,
        len(rows),
        sum(row.status == "succeeded" for row in rows),
        sum(row.status == "failed" for row in rows),
        sum(row.status == "cancelled" for row in rows),
        sum(row.simulated for row in rows),
        fsum(times) / len(times) if times else None,
        rank(50),
        rank(95),
        times[-1] if times else None,
        timed[-1][1] if timed else "",
        fsum(costs) if costs else None,
        sum(row.unpriced for row in rows),
        sum(row.tokens_in for row in rows),
        sum(row.tokens_out for row in rows),
    )
