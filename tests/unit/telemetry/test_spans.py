"""Every event of a run that did happen is told as spans that begin, lie in each other, and end once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.telemetry.spans import HISTOGRAMS, RUN, Closed, Key, Measured, Opened, Told, Tracing
from tests.support.flows import Flow
from tests.unit.flows.test_failures import failing
from workflows.bus import Committed, Notice
from workflows.engine.driver import Driver

FLOWS = {
    "sides": """
        name: Sides
        steps:
          - id: both
            type: parallel
            steps: [{id: left, type: do}, {id: right, type: do}]
          - {id: after, type: do}
        """,
    "fails": "name: Fails\nsteps: [{id: a, type: do, retry: {max_attempts: 2, delay: 0}}, {id: b, type: do}]\n",
    "asks": "name: Asks\nsteps: [{id: sure, type: approval, show: Sure?, timeout: 5, default: deny}]\n",
}


async def told_of(name: str, bad: Sequence[str] = ()) -> list[Told]:
    flow = Flow()
    for step in bad:
        flow.world.acts[step] = failing(9, "transient")
    found: list[Told] = []
    tracing: dict[str, Tracing] = {}

    def hear(notice: Notice) -> None:
        if isinstance(notice, Committed):
            one = tracing.setdefault(notice.run_id, Tracing(notice.run_id))
            for recorded in notice.events:
                found.extend(one.tell(recorded, notice.state))

    flow.bus.subscribe(hear)
    driver: Driver = await flow.start(FLOWS[name])
    if name == "asks":
        await flow.waiting(driver)
        await flow.clock.advance(6)
    await flow.finished(driver)
    return found


def paths(told: Sequence[Told]) -> dict[str, str]:
    """Where each span lies, by its name; and each begins within one that is open, and ends once."""
    open_: dict[Key, str] = {}
    found = {}
    for each in told:
        if isinstance(each, Opened):
            assert each.key not in open_
            above = f"{open_[each.parent]}/" if each.parent else ""
            open_[each.key] = found[each.name] = f"{above}{each.name}"
        elif isinstance(each, Closed):
            assert open_.pop(each.key)
        else:
            assert each.name in HISTOGRAMS
    assert open_ == {}
    return found


async def test_steps_lie_in_the_step_that_holds_them() -> None:
    told = await told_of("sides")
    found = paths(told)
    assert found["step both>left"] == "invoke_workflow flow/step both/step both>left"
    assert found["step after"] == "invoke_workflow flow/step after"
    assert not [each for each in told if isinstance(each, Closed) and each.error]
    (run,) = [each for each in told if isinstance(each, Measured) and each.name == "understudy.run.duration"]
    assert run.attributes == {"gen_ai.workflow.name": "flow", "understudy.run.status": "succeeded"}


async def test_a_failure_has_its_class_and_no_words() -> None:
    told = await told_of("fails", ["a"])
    paths(told)
    bad = {each.key: each.error for each in told if isinstance(each, Closed) and each.error}
    assert set(bad) == {RUN, ("step", "a"), ("attempt", "a"), ("call", "a", "act")}
    assert len(set(bad.values())) == 1
    assert sum(isinstance(each, Opened) and each.name.startswith("attempt") for each in told) == 2


async def test_a_wait_for_a_person_is_a_span_and_no_error() -> None:
    told = await told_of("asks")
    assert paths(told)["wait for approval"].startswith("invoke_workflow flow/step sure/")
    (wait,) = [each for each in told if isinstance(each, Closed) and each.key[0] == "wait"]
    assert wait.error == "", "the step was denied; that somebody was asked is no error"


@pytest.mark.parametrize("name", FLOWS)
async def test_what_is_left_open_is_ended_without_an_error(name: str) -> None:
    told = await told_of(name)
    begun = [each for each in told if isinstance(each, Opened)]
    tracing = Tracing("r")
    tracing._open = {each.key: each for each in begun}
    ended = [each for each in tracing.leave() if isinstance(each, Closed)]
    assert [each.key for each in ended][-1] == RUN
    assert len(ended) == len({each.key for each in begun})
    assert not any(each.error for each in ended)
