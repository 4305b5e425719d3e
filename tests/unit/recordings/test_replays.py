"""A recorded run is played again on the real engine: the same end, and nothing is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.support.clocks import leap
from tests.support.flows import Flow, failure, steps
from tests.support.plans import Deed, until
from workflows.effects import Usage
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, OutcomeUnknown
from workflows.recordings import Played, Recording, Reply, Unrecordable, play, recording_of
from workflows.recordings.time import ReplayedTime
from workflows.runs.state import RunState
from workflows.secrets import Redactor
from workflows.steps.context import Result

NOBODY = Redactor()


async def recorded(flow: Flow, state: RunState) -> Recording:
    return recording_of(state.run_id, await flow.store.read(state.run_id), NOBODY, "0")


async def played(
    flow: Flow, recording: Recording, text: str, answers: Mapping[str, Sequence[Reply]] | None = None, **given: Any
) -> Played:
    """The recording on this text; whatever acts in the world is a failure."""
    before = list(flow.world.deeds)
    async with asyncio.timeout(60):
        result = await play(
            recording,
            flow.plan(text),
            flow.kinds,
            source=text,
            parameters=given or recording.head.parameters,
            root=flow.root,
            answers=answers or {},
            code=lambda _: "",
            redactor=NOBODY,
            label="REPLAYED",
        )
    assert flow.world.deeds == before, "nothing real is done in a replay"
    return result


async def at_last(flow: Flow, driver: Driver) -> RunState:
    """The end of a run in which days are waited for."""
    while not driver.committed.over:
        for _ in range(50):
            await asyncio.sleep(0)
        flow.clock.move_to(flow.clock.now() + 600)
    return await flow.finished(driver)


async def test_a_run_plays_to_the_same_end_and_does_nothing() -> None:
    flow, text = (
        Flow(),
        steps("- {id: one, type: do, with_: 1}\n- {id: two, type: do, with_: '${{ steps.one.output.did }}'}"),
    )
    state = await flow.run(text)
    result = await played(flow, await recorded(flow, state), text)
    assert (result.state.status, result.state.steps["two"].output) == ("succeeded", {"did": "two"})
    assert result.state.simulated == "REPLAYED"
    assert [each.step for each in result.replay.called] == ["one", "two"]
    assert not result.replay.unused


async def test_a_request_that_is_another_fails_its_step_and_both_are_told() -> None:
    flow, text = Flow(), steps("- {id: one, type: do, with_: hello}\n- {id: two, type: do, with_: 2}")
    recording = await recorded(flow, await flow.run(text))
    result = await played(flow, recording, text.replace("hello", "goodbye"))
    (difference,) = result.replay.differences
    assert (difference.step, difference.why) == ("one", "differs")
    assert difference.recorded is not None
    assert (difference.recorded.request["input"]["with_"], difference.request["input"]["with_"]) == ("hello", "goodbye")
    assert result.state.steps["one"].status == "failed"
    assert result.state.steps["two"].status != "succeeded"


async def test_a_call_that_was_never_recorded_fails_closed() -> None:
    flow, text = Flow(), steps("- {id: one, type: do}")
    recording = await recorded(flow, await flow.run(text))
    result = await played(flow, recording, text + "  - {id: new, type: do, on_failure: continue}\n")
    assert [(each.step, each.why) for each in result.replay.differences] == [("new", "unknown")]


async def test_retries_fail_and_succeed_as_they_did_and_nobody_waits_for_them() -> None:
    flow = Flow(clock=ReplayedTime(0))
    tries: list[Deed] = []

    async def second_time(deed: Deed) -> Any:
        tries.append(deed)
        if len(tries) == 1:
            raise CallFailed(failure())
        return "done"

    flow.world.acts["one"] = second_time
    text = steps("- {id: one, type: do, retry: {max_attempts: 2, delay: 30m}}\n- {id: wait, type: delay, for: 36h}")
    state = await at_last(flow, await flow.start(text))
    result = await played(flow, await recorded(flow, state), text)
    assert result.state.status == "succeeded"
    assert [attempt.status for attempt in result.state.steps["one"].attempts] == ["failed", "succeeded"]
    assert result.state.ended is not None
    assert result.state.ended - result.state.started >= 36 * 3600, "time passes in it, and nobody waits"


async def test_who_was_second_is_second_again() -> None:
    flow = Flow()

    async def never(deed: Deed) -> Any:
        await asyncio.get_running_loop().create_future()

    flow.world.acts["race>slow"] = never
    text = steps("""
        - id: race
          type: parallel
          wait_for: first
          steps: [{id: slow, type: do}, {id: quick, type: do}]
    """)
    state = await flow.run(text)
    assert state.status == "succeeded"
    result = await played(flow, await recorded(flow, state), text)
    assert result.state.status == "succeeded"
    assert result.state.steps["race>slow"].status == "cancelled"


async def test_an_attempt_that_ran_out_of_time_does_so_at_once() -> None:
    flow = Flow()

    async def never(deed: Deed) -> Any:
        await asyncio.get_running_loop().create_future()

    flow.world.acts["one"] = never
    text = steps("- {id: one, type: do, timeout: 500, on_failure: continue}")
    driver = await flow.start(text)
    await until(lambda: flow.done == ["one"])
    leap(500)
    recording = await recorded(flow, await flow.finished(driver))
    result = await played(flow, recording, text)
    assert result.state.status == "succeeded"
    failed = result.state.steps["one"].failure
    assert failed is not None
    assert failed.kind == "timeout"


async def test_people_answer_as_they_did_or_as_the_test_says() -> None:
    flow, text = Flow(), steps("- {id: one, type: do, approve: before}\n- {id: ask, type: question, ask: Who?}")
    driver = await flow.start(text, attended=True)
    await flow.waiting(driver)
    await driver.answer("one:1", "approve", by="ada")
    await flow.waiting(driver)
    await driver.answer("ask:1", "answer", "Ada", by="ada")
    recording = await recorded(flow, await flow.finished(driver))
    assert all(value != "ada" for one in recording.consulted for value in vars(one.reply).values())
    result = await played(flow, recording, text)
    assert (result.state.status, result.state.steps["ask"].output) == ("succeeded", "Ada")
    other = await played(flow, recording, text, {"ask": (Reply("answer", "Bob"),)})
    assert other.state.steps["ask"].output == "Bob"
    denied = await played(flow, recording, text, {"one": (Reply("deny"),)})
    assert denied.state.status == "failed"
    assert [each.step for each in denied.replay.unused] == ["one"]


async def test_what_nobody_answers_is_left_waiting_and_told() -> None:
    flow, text = Flow(), steps("- {id: one, type: do}")
    recording = await recorded(flow, await flow.run(text))
    result = await played(flow, recording, text + "  - {id: ask, type: question, ask: Who?}\n")
    assert (result.unanswered, result.state.over) == (("ask",), False)


async def test_a_default_is_taken_when_its_time_has_run_out() -> None:
    flow = Flow(clock=ReplayedTime(0))
    text = steps("- {id: ask, type: question, ask: Who?, timeout: 2h, default: Nobody}")
    state = await at_last(flow, await flow.start(text))
    result = await played(flow, await recorded(flow, state), text)
    assert result.state.steps["ask"].output == "Nobody"


async def test_an_outcome_that_nobody_knew_is_settled_as_it_was() -> None:
    flow = Flow()

    async def lost(deed: Deed) -> Any:
        raise OutcomeUnknown(failure("unknown", "the line went dead"))

    flow.world.acts["one"] = lost
    text = steps("- {id: one, type: unsafe}")
    driver = await flow.start(text, attended=True)
    await flow.waiting(driver)
    await driver.answer("one:1", "happened", {"did": "it"})
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    result = await played(flow, await recorded(flow, state), text)
    assert (result.state.status, result.state.steps["one"].output) == ("succeeded", state.steps["one"].output)


async def test_what_was_spent_is_what_was_spent_also_within_a_budget() -> None:
    flow = Flow()

    async def paid(deed: Deed) -> Any:
        return Result("text", Usage("openai/model", 10, 10, cost_usd=0.25))

    flow.world.acts["one"] = paid
    text = "budget: {usd: 1, on_exceed: abort}\n" + steps("- {id: one, type: paid, with_: 0.5}")
    recording = await recorded(flow, await flow.run(text))
    assert recording.head.spent_usd == 0.25
    result = await played(flow, recording, text)
    assert (result.state.status, result.state.spent.cost_usd) == ("succeeded", 0.25)


async def test_each_item_has_calls_of_its_own() -> None:
    flow = Flow()
    text = steps("- {id: each, type: do, foreach: {in: [a, b, c]}, with_: '${{ item }}'}")
    recording = await recorded(flow, await flow.run(text))
    assert (await played(flow, recording, text)).state.status == "succeeded"
    result = await played(flow, recording, text.replace("[a, b, c]", "[a, b, c, d]"))
    assert [each.step for each in result.replay.differences] == ["each[3]"]


async def test_a_long_request_is_known_by_its_digest() -> None:
    flow, text = Flow(), steps(f"- {{id: one, type: do, with_: {'long ' * 5000}}}")
    recording = await recorded(flow, await flow.run(text))
    assert recording.exchanges[0].request.keys() == {"beginning", "length", "digest"}
    assert (await played(flow, recording, text)).state.status == "succeeded"
    result = await played(flow, recording, text.replace("long long }", "long other }"))
    assert [each.why for each in result.replay.differences] == ["differs"]


async def test_calls_that_a_crash_cut_off_were_made_again_and_count_once() -> None:
    flow = Flow()
    gate = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        gate.set()
        if len(flow.world.deeds) == 1:
            await asyncio.get_running_loop().create_future()
        return "done"

    flow.world.acts["one"] = slow
    text = steps("- {id: one, type: do}")
    driver = await flow.start(text)
    await gate.wait()
    driver.stop("the program was closed")
    await flow.finished(driver)
    state = await flow.finished(await flow.engine.resume(driver.state.run_id))
    recording = await recorded(flow, state)
    assert [each.outcome for each in recording.exchanges] == ["output"]
    assert (await played(flow, recording, text)).state.status == "succeeded"


async def test_a_run_that_took_results_over_or_goes_on_is_refused() -> None:
    flow, text = Flow(), steps("- {id: one, type: do}\n- {id: two, type: do}")
    state = await flow.run(text)
    forked = await flow.forked(state, "two")
    with pytest.raises(Unrecordable, match="took results over"):
        await recorded(flow, forked)
    with pytest.raises(Unrecordable, match="not over"):
        recording_of(state.run_id, (await flow.store.read(state.run_id))[:-1], NOBODY, "0")


async def test_another_skill_behind_the_same_request_is_a_note_and_no_failure() -> None:
    flow, text = Flow(), steps("- {id: one, type: do}")
    recording = await recorded(flow, await flow.run(text))
    older = replace(recording, exchanges=tuple(replace(each, code="old") for each in recording.exchanges))
    assert list((await played(flow, older, text)).replay.changed_code) == ["one"]
