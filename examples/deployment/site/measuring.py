"""Measuring versions by real requests, and saying whether one is worse than another."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serving import Site

METRICS = ["error_rate", "response_time", "cpu_usage"]


@dataclass
class Measured:
    """What came back from one version, `current` or `canary`."""

    which: str
    times: list[float] = field(default_factory=list)
    errors: int = 0
    cpu: float = 0.0

    def take(self, site: Site, requests: int, beside: Measured | None = None) -> None:
        """Send requests; to the one beside it too, in turn, so that both have the same weather."""
        both = [self, *([beside] if beside else [])]
        before = {each.which: site.get("/health", each.which)[1]["cpu_s"] for each in both}
        for _ in range(requests):
            for each in both:
                began = time.perf_counter()
                try:
                    each.errors += site.get("/", each.which)[0] >= 400
                except OSError:
                    each.errors += 1
                each.times.append(time.perf_counter() - began)
        for each in both:
            each.cpu += max(0.0, site.get("/health", each.which)[1]["cpu_s"] - before[each.which])

    @property
    def error_rate(self) -> float:
        return self.errors / len(self.times)

    @property
    def figures(self) -> dict[str, Any]:
        ordered, count = sorted(self.times), len(self.times)
        return {
            "requests": count,
            "error_rate": round(self.error_rate, 4),
            "p50_ms": round(statistics.median(ordered) * 1000, 2),
            "p95_ms": round(ordered[math.ceil(0.95 * count) - 1] * 1000, 2),
            "cpu_ms": round(self.cpu / count * 1000, 3),
        }

    def __str__(self) -> str:
        f = self.figures
        times = f"median {f['p50_ms']:g} ms, 95th percentile {f['p95_ms']:g} ms, CPU {f['cpu_ms']:g} ms"
        return f"{f['requests']} requests, {f['error_rate']:.1%} errors, {times}"


def worse(
    canary: Mapping[str, Any], current: Mapping[str, Any], metrics: Sequence[str], limits: Mapping[str, float]
) -> str:
    """How the canary is worse; empty where it is not."""
    if "error_rate" in metrics and canary["error_rate"] > current["error_rate"] + limits["error_rate"]:
        return f"{canary['error_rate']:.1%} of its answers are errors, not {current['error_rate']:.1%}"
    for metric, key, what in (
        ("response_time", "p50_ms", "its median answer"),
        ("cpu_usage", "cpu_ms", "a request's CPU"),
    ):
        limit = current[key] * limits[metric] + limits[f"{metric.partition('_')[0]}_slack_ms"]
        if metric in metrics and canary[key] > limit:
            return f"{what} takes {canary[key]:g} ms, not {current[key]:g} ms"
    return ""
