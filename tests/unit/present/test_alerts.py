"""What the end of a run warns of: failed tries, the share of failed steps, the share that succeeded at once."""

from __future__ import annotations

import pytest

from app.present.alerts import alerts
from app.settings import Monitoring
from tests.support.flows import Flow, failure
from workflows.errors import CallFailed

TEXT = """
name: F
steps:
  - {id: a, type: do}
  - {id: b, type: do, retry: {max_attempts: 3, backoff: immediate}}
  - {id: c, type: do, on_failure: continue}
  - {id: d, type: parallel, steps: [{id: e, type: do}]}
"""


async def found(**thresholds: int) -> list[str]:
    flow, tries = Flow(), 0

    async def second(deed: object) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise CallFailed(failure("transient", "busy"))

    async def never(deed: object) -> None:
        raise CallFailed(failure("business", "no"))

    flow.world.acts.update(b=second, c=never)
    return alerts(await flow.run(TEXT), Monitoring(**thresholds))


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({}, []),
        ({"alert_threshold": 2}, ["2 tries failed (monitoring.alert_threshold is 2)"]),
        ({"alert_threshold": 3}, []),
        ({"error_rate_threshold": 20}, ["25% of the steps failed (monitoring.error_rate_threshold is 20%)"]),
        ({"error_rate_threshold": 25}, []),
        (
            {"performance_threshold": 51},
            ["50% of the steps succeeded at once (monitoring.performance_threshold is 51%)"],
        ),
        ({"performance_threshold": 50}, []),
    ],
)
async def test_alerts(thresholds: dict[str, int], said: list[str]) -> None:
    assert await found(**thresholds) == said
