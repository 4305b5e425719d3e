"""Metrics for Prometheus: how runs go, what waits, and what the server does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

from starlette.responses import Response

from app.monitoring.exposition import CONTENT_TYPE, Metric, Point, exposition
from app.monitoring.sample import Sample
from app.monitoring.sampler import Sampler
from app.server.api.operation import Asked, Operation
from app.server.api.problems import Problem
from app.server.backstage import Backstage
from workflows.journal.breakdown import Group


def operations(stage: Backstage) -> Sequence[Operation]:
    """The one call that Prometheus makes."""
    sampler = Sampler(stage.desk.services.store) if stage else None

    async def metrics(asked: Asked) -> Response:
        if asked.caller.own:
            raise Problem(
                *(403, "forbidden", "Metrics are of everybody's runs."),
                f"An admin can let you: `understudy user role {asked.caller.name} {asked.caller.role} --sees all`.",
            )
        assert sampler is not None
        sample = await sampler.sample(stage.clock.now())
        groups = await stage.desk.services.store.breakdown("workflow")
        up = stage.clock.monotonic() - stage.began
        return Response(exposition(metrics_of(sample, groups, up, stage.streams)), media_type=CONTENT_TYPE)

    return (
        Operation(
            *("getMetrics", "GET", "/api/v1/metrics", "viewer", "Metrics, as Prometheus reads them", metrics),
            {200: None},
            "health",
            media="text/plain",
        ),
    )


def metrics_of(sample: Sample, groups: Sequence[Group], up: float, streams: int) -> list[Metric]:
    """What is told of a sample, and of all runs that the journal has. Sizes are bytes, times seconds."""
    ended = {
        (group.key[0], status): count
        for group in groups
        for status in ("cancelled", "failed", "succeeded")
        if (count := getattr(group, status))
    }
    tokens = {"in": sum(group.tokens_in for group in groups), "out": sum(group.tokens_out for group in groups)}
    cost = sum(group.cost_usd or 0.0 for group in groups)
    under_way = Counter(run.status for run in sample.runs)

    def one(name: str, about: str, value: float) -> Metric:
        return Metric(f"understudy_{name}", "gauge", about, (Point(value),))

    return [
        Metric("understudy_info", "gauge", "The release.", (Point(1, {"version": version("understudy")}),)),
        one("up_seconds", "Seconds since the server began.", up),
        Metric(
            "understudy_runs_ended",
            "gauge",
            "Runs in the journal that are over.",
            tuple(
                Point(count, {"workflow": name, "status": status}) for (name, status), count in sorted(ended.items())
            ),
        ),
        Metric(
            "understudy_runs_under_way",
            "gauge",
            "Runs that are not over.",
            tuple(Point(under_way[status], {"status": status}) for status in sorted(under_way)),
        ),
        one("starts_waiting", "Starts and runs that wait for their turn.", sample.waiting),
        one("steps_active", "Steps under way.", sample.active),
        one("steps_queued", "Steps that wait.", sample.queued),
        one("tries_per_minute", "Tries of steps that ended within a minute.", sample.throughput),
        one("runs_ended_per_minute", "Runs that ended within a minute.", sample.runs_ended),
        one("alerts_lasting", "Alerts that last.", len(sample.alerts)),
        one("event_streams", "Event streams that are open.", streams),
        one("memory_bytes", "Memory of the processes that have runs.", sample.use.memory),
        Metric(
            "understudy_tokens",
            "gauge",
            "Tokens of models in all runs of the journal.",
            tuple(Point(tokens[way], {"way": way}) for way in ("in", "out")),
        ),
        one("cost_usd", "What all runs of the journal are known to have cost.", cost),
    ]
