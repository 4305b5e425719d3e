"""How runs go just now, from the events of their attempts: for stores that keep no tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workflows.journal.figures import ENDS
from workflows.journal.port import Summary
from workflows.journal.pulse import AtWork, Ended, Lately, Pulse, UnderWay
from workflows.journal.reuse import Attempted


def pulse_of(runs: Iterable[tuple[Summary, bool, list[Attempted]]], limit: int) -> Pulse:
    """The pulse of these runs that are not over; of each it is said whether its owner lives."""
    found, tries = list[UnderWay](), list[AtWork]()
    for run, owned, attempts in sorted(runs, key=lambda each: each[0].started):
        if not owned and not run.inbox:
            continue
        asked = {entry.step for entry in run.inbox}
        active = [each for each in attempts if each.end is None and each.event.step not in asked] if owned else []
        bad = sum(_counts(each) and each.end is not None and each.end.status != "succeeded" for each in attempts)
        steps = (run.steps_done, run.steps_failed, run.steps_total, len(active), bad)
        found.append(UnderWay(run.run_id, run.workflow, run.status, run.started, *steps))
        tries += [
            AtWork(run.run_id, run.workflow, each.event.step, each.event.performer, each.started) for each in active
        ]
    return Pulse(tuple(found[:limit]), tuple(sorted(tries, key=lambda each: (each.started, each.step))[:limit]))


def lately_of(runs: Iterable[tuple[Summary, list[Attempted]]], since: float) -> Lately:
    """What of these runs ended at or after `since`."""
    found: dict[str, Ended] = {}
    tries = failed = first = at_once = 0
    for run, attempts in runs:
        if run.finished is not None and run.finished >= since and run.status in ("succeeded", "failed"):
            found[run.workflow] = _with(found.get(run.workflow, Ended()), run, run.finished)
        for each in attempts:
            if _counts(each) and each.event.performer and each.finished >= since and each.end is not None:
                good, new = each.end.status == "succeeded", each.event.n == 1
                tries, failed, first, at_once = tries + 1, failed + (not good), first + new, at_once + (new and good)
    return Lately(found, tries, failed, first, at_once)


def _with(before: Ended, run: Summary, finished: float) -> Ended:
    last = (finished, run.run_id)
    if run.status == "succeeded":
        newest = max(before.last_succeeded, finished)
        return replace(before, succeeded=before.succeeded + 1, last_succeeded=newest)
    return replace(before, failed=before.failed + 1, last_failed=max(before.last_failed, last))


def _counts(attempt: Attempted) -> bool:
    """Whether it came to an end of its own."""
    return attempt.end is not None and not attempt.end.interrupted and attempt.end.status in ENDS
