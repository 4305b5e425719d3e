"""transform, delay and approval steps, from YAML through the real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.catalogue import Listed
from tests.support.clocks import VirtualClock
from tests.support.kinds import all_kinds
from tests.support.plans import until
from workflows.bus import Bus
from workflows.definition.parameters import bind
from workflows.definition.parse import parse
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.journal.memory import MemoryStore
from workflows.planning.make import make_plan
from workflows.runs.state import RunState

KINDS = all_kinds()
NOON = 1_796_126_400.0  # 2026-12-01T12:00:00Z


class Stage:
    """An engine that runs workflow texts."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOON)
        self.engine = Engine(MemoryStore(), KINDS, Bus(), self.clock, code=lambda name: "")

    async def start(self, steps: str, **given: Any) -> Driver:
        parsed = parse(f"name: test\nparameters: [{{name: x}}]\nsteps:\n{steps}", "test.yaml", KINDS)
        assert parsed.workflow is not None, parsed.diagnostics
        assert parsed.valid
        plan = make_plan(parsed.workflow, KINDS, Listed())
        return await self.engine.start(
            plan,
            workflow="test",
            source="",
            parameters=bind(parsed.workflow.parameters, given),
            root=Path("."),
            attended=True,
        )

    async def finished(self, driver: Driver) -> RunState:
        return await self.engine.finished(driver.state.run_id)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await stage.engine.close()


async def test_a_transforms_output_is_its_value(stage: Stage) -> None:
    driver = await stage.start(
        """
  - {id: a, type: transform, value: {x: "${{ parameters.x }}", n: "${{ 1 + 1 }}", t: "n = ${{ 1 + 1 }}", none: null}}
  - {id: b, type: transform, value: "${{ steps.a.output.n * 2 }}"}
  - {id: c, type: transform, value: null}
""",
        x="NO",
    )
    state = await stage.finished(driver)
    assert state.status == "succeeded"
    assert state.steps["a"].output == {"x": "NO", "n": 2, "t": "n = 2", "none": None}
    assert state.steps["b"].output == 4
    assert state.steps["c"].output is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("for: 90", 90.0),
        ("for: 2m", 120.0),
        ('for: "${{ parameters.x }}"', 300.0),
        ('until: "2026-12-01T13:00:00+00:30"', 1800.0),
    ],
)
async def test_a_delay_waits_so_long_and_no_longer(stage: Stage, written: str, seconds: float) -> None:
    driver = await stage.start(f"  - {{id: a, type: delay, {written}}}\n", x="5m")
    await until(lambda: bool(driver.committed.steps["a"].timers))
    assert driver.committed.steps["a"].timers == {"delay": NOON + seconds}
    await stage.clock.advance(seconds - 1)
    assert not driver.committed.steps["a"].over
    await stage.clock.advance(1)
    assert (await stage.finished(driver)).status == "succeeded"


async def test_a_delay_until_a_time_that_has_passed_does_not_wait(stage: Stage) -> None:
    driver = await stage.start('  - {id: a, type: delay, until: "2026-11-30T00:00:00Z"}\n')
    state = await stage.finished(driver)
    assert (state.status, state.steps["a"].output) == ("succeeded", {"until": "2026-11-30T00:00:00Z"})


async def test_a_delay_that_is_no_duration_fails_as_a_wrong_input(stage: Stage) -> None:
    driver = await stage.start('  - {id: a, type: delay, for: "${{ parameters.x }}", on_failure: abort}\n', x="soon")
    state = await stage.finished(driver)
    failure = state.steps["a"].failure
    assert state.status == "failed"
    assert failure is not None
    assert failure.kind == "validation"


async def test_an_approval_that_is_given(stage: Stage) -> None:
    driver = await stage.start('  - {id: a, type: approval, show: "Ship ${{ parameters.x }}?"}\n', x="1.0")
    await until(lambda: len(driver.committed.open_inquiries) == 1)
    (inquiry,) = driver.committed.open_inquiries
    assert (inquiry.asked.reason, inquiry.asked.body, inquiry.asked.choices) == (
        "approval",
        "Ship 1.0?",
        ("approve", "deny"),
    )
    await driver.answer(inquiry.asked.entry, "approve", None, "go on", by="ada")
    state = await stage.finished(driver)
    assert state.steps["a"].output == {"approved": True, "by": "ada", "note": "go on"}


async def test_an_approval_that_is_denied_is_final(stage: Stage) -> None:
    driver = await stage.start(
        "  - {id: a, type: approval, show: {files: [x]}, retry: {max_attempts: 3, backoff: immediate}}\n"
    )
    await until(lambda: len(driver.committed.open_inquiries) == 1)
    (inquiry,) = driver.committed.open_inquiries
    assert '"files"' in inquiry.asked.body
    await driver.answer(inquiry.asked.entry, "deny", None, "not today", by="ada")
    state = await stage.finished(driver)
    failure = state.steps["a"].failure
    assert state.status == "failed"
    assert failure is not None
    assert (failure.kind, "not today" in failure.message) == ("denied", True)
    assert len(state.steps["a"].attempts) == 1


@pytest.mark.parametrize(("default", "status"), [("approve", "succeeded"), ("deny", "failed"), ("", "failed")])
async def test_an_approval_that_nobody_answers_has_its_default(stage: Stage, default: str, status: str) -> None:
    written = f", default: {default}" if default else ""
    driver = await stage.start(f"  - {{id: a, type: approval, show: x, timeout: 1h{written}, on_failure: abort}}\n")
    await until(lambda: len(driver.committed.open_inquiries) == 1)
    await stage.clock.advance(3601)
    assert (await stage.finished(driver)).status == status
