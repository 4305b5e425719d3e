"""Samples and alerts as people read them: figures, lines of runs and of what is at work. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.monitoring.alerting import acknowledged, run_of
from app.monitoring.sample import Sample
from app.present.figures import NOTHING, ago, duration, plural, size, timestamp
from app.present.tallies import rate
from workflows.records import dataclass
from workflows.text import one_line
from workflows.unattended.values import Alert
from workflows.values import Json


@dataclass(frozen=True)
class Gauge:
    """One figure as it is now, and its course over the samples; None where there was nothing to measure."""

    name: str
    value: str
    course: Sequence[float | None]


def gauges(samples: Sequence[Sample]) -> list[Gauge]:
    """Throughput, success, errors, processors, memory and the queue. There is at least one sample."""
    now = samples[-1]
    cpu = NOTHING if now.use.cpu is None else f"{now.use.cpu:.0f} %"
    return [
        Gauge("steps/min", str(now.throughput), [each.throughput for each in samples]),
        Gauge("success", rate(now.success), [each.success for each in samples]),
        Gauge("errors", rate(now.errors), [each.errors for each in samples]),
        Gauge("cpu", cpu, [each.use.cpu for each in samples]),
        Gauge("memory", size(now.use.memory), [each.use.memory for each in samples]),
        Gauge("queue", str(now.waiting + now.queued), [each.waiting + each.queued for each in samples]),
    ]


def standing_of(sample: Sample) -> str:
    """`2 runs for 1 m 05 s: 3 steps active, 12 queued, 7 done, 1 failed`; what there is none of is left out."""
    if not sample.runs:
        return "Nothing is under way." if not sample.waiting else f"{plural(sample.waiting, 'run')} to begin."
    steps = [
        (sample.active, "active"),
        (sample.queued, "queued"),
        (sample.done, "done"),
        (sample.failed, "failed"),
    ]
    counted = ", ".join(f"{count} {word}" for count, word in steps if count)
    waiting = f"; {plural(sample.waiting, 'run')} to begin" if sample.waiting else ""
    return f"{plural(len(sample.runs), 'run')} for {duration(sample.elapsed)}: steps {counted or 'none yet'}{waiting}"


def alert_line(alert: Alert, now: float) -> str:
    """What it is, since when, and whether somebody saw to it."""
    if alert.until is not None:
        when = f"ended {ago(alert.until, now)}"
    else:
        when = "just now" if now - alert.since < 1 else f"for {duration(now - alert.since)}"
    seen = ", acknowledged" if acknowledged(alert) else ""
    return f"{alert.rule}: {one_line(alert.text, 300)} ({when}{seen})"


def alerts_document(alerts: Sequence[Alert]) -> Json:
    """Alerts as JSON."""
    from app.present.run import SCHEMA_VERSION

    return {"schema_version": SCHEMA_VERSION, "alerts": [alert_document(alert) for alert in alerts]}


def alert_document(alert: Alert) -> dict[str, Json]:
    """One alert as JSON."""
    facts = alert.facts if isinstance(alert.facts, dict) else {}
    seen = facts.get("acknowledged")
    return {
        "id": alert.id,
        "rule": alert.rule,
        "about": alert.about or None,
        "text": one_line(alert.text, 2000),
        "value": round(alert.value, 4),
        "since": timestamp(alert.since),
        "until": timestamp(alert.until),
        "told": timestamp(alert.told),
        "run": run_of(alert) or None,
        "acknowledged_by": seen.get("by") if isinstance(seen, dict) else None,
    }
