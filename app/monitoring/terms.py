"""What the settings say of each rule: what it is held against, how often it is told of, and where. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.monitoring.rules import RULES, Limit
from app.settings import Monitoring, Resources
from workflows.records import dataclass


@dataclass(frozen=True)
class Terms:
    """Of one rule. `cool_down` is seconds, `channels` are names."""

    limit: Limit
    cool_down: float
    channels: tuple[str, ...]


def terms_of(monitoring: Monitoring, resources: Resources) -> Mapping[str, Terms]:
    """The rules that have a threshold and are not switched off, in their order."""
    thresholds = {
        "failure": monitoring.failed_runs,
        "tries": monitoring.alert_threshold,
        "failure-rate": monitoring.max_failure_rate,
        "error-rate": monitoring.error_rate_threshold,
        "degradation": monitoring.performance_threshold,
        "success-rate": monitoring.min_success_rate,
        "duration": monitoring.max_execution_time,
        "slow": monitoring.slow_factor,
        "memory": monitoring.max_memory,
        "memory-growth": monitoring.memory_growth,
        "cpu": resources.max_cpu_usage,
        "machine-memory": resources.max_memory_usage,
        "storage": resources.max_storage_usage,
        "network": resources.max_network_usage,
    }
    found = {}
    for name in RULES:
        own, threshold = monitoring.rules.get(name), thresholds[name]
        if threshold is None or (own is not None and not own.enabled):
            continue
        window, cool_down = (own.window, own.cool_down) if own else (None, None)
        channels = own.channels if own and own.channels is not None else monitoring.channels
        limit = Limit(float(threshold), window or monitoring.window)
        found[name] = Terms(limit, monitoring.cool_down if cool_down is None else cool_down, channels)
    return found
