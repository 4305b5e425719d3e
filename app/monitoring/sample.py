"""How everything goes at one moment, of all processes that share the journal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.monitoring.facts import Use
from app.present.figures import timestamp
from workflows.journal.pulse import AtWork, Lately, Pulse, UnderWay
from workflows.records import dataclass
from workflows.unattended.values import Alert
from workflows.values import Json

MINUTE = 60.0
"""Seconds of the window that rates are of."""


@dataclass(frozen=True)
class Sample:
    """`at` is seconds since the epoch, `elapsed` since the oldest run that is under way began.

    `waiting` are runs that wait for their turn and starts that were asked for. Steps are those of the runs that are
    under way; `throughput` is tries of steps that ended within a minute, `success` and `errors` are the parts of them
    that did and did not succeed, None where there were none.
    """

    at: float
    elapsed: float
    runs: tuple[UnderWay, ...]
    at_work: tuple[AtWork, ...]
    waiting: int
    done: int
    failed: int
    queued: int
    active: int
    throughput: int
    runs_ended: int
    success: float | None
    errors: float | None
    use: Use
    alerts: tuple[Alert, ...] = ()


def sampled(at: float, pulse: Pulse, lately: Lately, use: Use, starts: int, alerts: Sequence[Alert]) -> Sample:
    """The sample of these; `lately` is of the last minute."""
    runs = pulse.runs
    errors = lately.failed_tries / lately.tries if lately.tries else None
    return Sample(
        at,
        max(at - min((run.started for run in runs), default=at), 0.0),
        runs,
        pulse.at_work,
        starts + sum(run.status == "pending" for run in runs),
        sum(run.done for run in runs),
        sum(run.failed for run in runs),
        sum(run.queued for run in runs),
        sum(run.active for run in runs),
        lately.tries,
        lately.succeeded + lately.failed,
        None if errors is None else 1 - errors,
        errors,
        use,
        tuple(alerts),
    )


def sample_document(sample: Sample) -> dict[str, Json]:
    """The sample as JSON: sizes are bytes, times seconds, processors percent of one, rates parts of 1."""
    return {
        "at": timestamp(sample.at),
        "elapsed_s": round(sample.elapsed, 1),
        "runs": [
            {
                "run": run.run_id,
                "workflow": run.workflow,
                "status": run.status,
                "elapsed_s": round(max(sample.at - run.started, 0.0), 1),
                "steps": {
                    "done": run.done,
                    "failed": run.failed,
                    "queued": run.queued,
                    "active": run.active,
                    "total": run.total,
                },
                "process": run.process or None,
            }
            for run in sample.runs
        ],
        "waiting": sample.waiting,
        "steps": {"done": sample.done, "failed": sample.failed, "queued": sample.queued, "active": sample.active},
        "at_work": [
            {
                "run": each.run_id,
                "step": each.step,
                "performer": each.performer or None,
                "for_s": round(sample.at - each.started, 1),
            }
            for each in sample.at_work
        ],
        "throughput_per_minute": sample.throughput,
        "runs_ended_per_minute": sample.runs_ended,
        "success_rate": None if sample.success is None else round(sample.success, 4),
        "error_rate": None if sample.errors is None else round(sample.errors, 4),
        "memory": sample.use.memory,
        "cpu": None if sample.use.cpu is None else round(sample.use.cpu, 1),
        "processes": sample.use.processes,
        "alerts": [{"id": alert.id, "rule": alert.rule, "text": alert.text} for alert in sample.alerts],
    }
