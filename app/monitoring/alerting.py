"""What follows from causes over time: alerts begin, are told of, are told of again, and end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from app.monitoring.rules import Cause
from workflows.records import dataclass
from workflows.unattended.values import Alert
from workflows.values import Json


@dataclass(frozen=True)
class Judged:
    """What is to be kept, and which of them people are to be told of now."""

    keep: tuple[Alert, ...] = ()
    tell: tuple[Alert, ...] = ()


def judge(
    now: float,
    known: Sequence[Alert],
    found: Sequence[Cause],
    cool_down: Mapping[str, float],
    make_id: Callable[[], str],
) -> Judged:
    """The alerts after a look that found these causes.

    `known` are those that last, and those that ended within their cool-down (seconds, by rule), newest first. A cause
    that comes back within it goes on with the alert that it had. An alert is told of when it begins and again
    whenever its cool-down has passed while it lasts, unless somebody acknowledged it; it ends with its cause.
    """
    before: dict[tuple[str, str], Alert] = {}
    for alert in sorted(known, key=lambda each: (each.until is not None, -each.since)):
        before.setdefault((alert.rule, alert.about), alert)
    keep, tell = list[Alert](), list[Alert]()
    there = {(cause.rule, cause.about): cause for cause in found}
    for key, cause in there.items():
        old, wait = before.get(key), cool_down.get(cause.rule, 0.0)
        goes_on = old is not None and (old.until is None or _within(now, old.told, wait))
        alert = old if old is not None and goes_on else Alert(make_id(), cause.rule, cause.about, now)
        if cause.run != run_of(alert):
            alert = _unseen(alert)  # who saw to one run has not seen the next one
        changed = replace(alert, until=None, value=cause.value, text=cause.said, facts=_facts(alert, run=cause.run))
        if not acknowledged(alert) and not _within(now, alert.told, wait):
            changed = replace(changed, told=now)
            tell.append(changed)
        if alert is not old or (changed.told, changed.until, changed.facts) != (alert.told, alert.until, alert.facts):
            keep.append(changed)  # how its value moves in between is not worth a write each time
    keep += [
        replace(alert, until=now) for alert in known if alert.until is None and (alert.rule, alert.about) not in there
    ]
    return Judged(tuple(keep), tuple(tell))


def acknowledged(alert: Alert) -> bool:
    """Whether somebody has seen to it: it is told of no more while it lasts."""
    return isinstance(alert.facts, dict) and "acknowledged" in alert.facts


def acknowledge(alert: Alert, by: str, at: float) -> Alert:
    """The alert, seen to by somebody."""
    return replace(alert, facts=_facts(alert, acknowledged={"by": by, "at": at}))


def _unseen(alert: Alert) -> Alert:
    facts = {name: value for name, value in _facts(alert).items() if name != "acknowledged"}
    return replace(alert, facts=facts) if acknowledged(alert) else alert


def run_of(alert: Alert) -> str:
    """The run to look at; empty where there is none."""
    run = alert.facts.get("run") if isinstance(alert.facts, dict) else None
    return run if isinstance(run, str) else ""


def _facts(alert: Alert, **more: Json) -> dict[str, Json]:
    return {**(alert.facts if isinstance(alert.facts, dict) else {}), **more}


def _within(now: float, told: float | None, wait: float) -> bool:
    """Whether people were told so short a time ago. Of a clock that was set back nothing is known."""
    return told is not None and 0 <= now - told < wait
