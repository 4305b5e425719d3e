"""A conversation that is cut off anywhere goes on where it stopped: nothing that was answered is asked for again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.plans import until
from tests.support.troupe import Troupe
from workflows.planning.plan import RetryPolicy
from workflows.runs import events as e
from workflows.values import Json


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    """An agent whose conversation has two tools at once, a wrong call, a refused one, and an answer asked for twice."""
    troupe = Troupe(tmp_path / "work")
    (troupe.root / "a.txt").write_text("A")
    (troupe.root / "b.txt").write_text("B")
    troupe.agent(
        tools="[file.read, file.write]",
        permissions="{deny: [file.write]}",
        output_schema="{type: object, required: [letters]}",
        prompt="You read.",
    )
    turns: Json = [
        {
            "text": "Two files.",
            "tool_calls": [
                {"id": "one", "name": "file_read", "arguments": {"path": "a.txt"}},
                {"id": "two", "name": "file_read", "arguments": {"path": "b.txt"}},
            ],
        },
        {"tool_calls": [{"name": "nonsense"}, {"name": "file_write", "arguments": {"path": "c.txt", "text": "C"}}]},
        "A and B.",
        '{"letters": "AB"}',
    ]
    troupe.tell("demo/told", turns)
    yield troupe
    await troupe.close()


async def whole_run(troupe: Troupe) -> list[e.Recorded]:
    state = await troupe.run()
    assert state.outputs["answer"]["data"] == {"letters": "AB"}
    return await troupe.store.read(state.run_id)


async def test_every_cut_is_mended_without_repeating_what_was_done(troupe: Troupe) -> None:
    events = await whole_run(troupe)
    assert sum(isinstance(r.event, e.CallFinished) for r in events) == 8
    for length in range(1, len(events)):
        if isinstance(events[length - 1].event, e.AttemptFinished):
            continue  # shares a commit with the end of its step
        before = events[:length]
        troupe.overheard.requests.clear()
        state, added = await troupe.finish(before)
        assert state.status == "succeeded", f"cut after {length}: {state.failure}"
        assert state.outputs["answer"]["data"] == {"letters": "AB"}
        done = {r.event.key for r in before if isinstance(r.event, e.CallFinished)}
        again = [event.key for event in added if isinstance(event, e.CallStarted)]
        assert not done & set(again), f"cut after {length}"
        assert len(again) == len(set(again)) == 8 - len(done)
        turns = sum(key.startswith("turn") and "/" not in key for key in again)
        assert len(troupe.overheard.requests) == turns, "the model is asked only for what is missing"


async def test_a_resumed_conversation_says_to_the_model_what_the_first_would_have(troupe: Troupe) -> None:
    events = await whole_run(troupe)
    asked = troupe.overheard.requests.copy()
    answers = [r.seq for r in events if isinstance(r.event, e.CallFinished) and r.event.key == "turn2"]
    troupe.overheard.requests.clear()
    await troupe.finish(events[: answers[0]])
    assert troupe.overheard.requests == asked[2:]


async def test_what_tools_would_say_by_now_does_not_matter(troupe: Troupe) -> None:
    events = await whole_run(troupe)
    asked = troupe.overheard.requests.copy()
    last_tool = max(r.seq for r in events if isinstance(r.event, e.CallFinished) and "/tool" in r.event.key)
    (troupe.root / "a.txt").write_text("changed")
    troupe.agent(tools="file.list", output_schema="{type: object, required: [letters]}", prompt="You read.")
    troupe.overheard.requests.clear()
    driver = await troupe.resume(events[:last_tool])
    await until(lambda: bool(driver.committed.open_inquiries))
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.reason == "changed"
    await driver.answer(inquiry.asked.entry, "use_new")
    assert (await troupe.engine.finished("again")).status == "succeeded"
    assert [request.messages for request in troupe.overheard.requests] == [request.messages for request in asked[2:]]


async def test_a_mended_agent_goes_on_with_what_it_was_told(troupe: Troupe) -> None:
    """A person mends the agent's file after a turn failed, and retries: the turns that went well are not paid twice."""
    troupe.tell(
        "demo/told",
        [
            {"tool_calls": [{"name": "file_read", "arguments": {"path": "a.txt"}}]},
            {"fail": {"kind": "agent", "message": "cut at the token limit"}},
        ],
    )
    driver = await troupe.start(troupe.plan(), attended=True)
    await until(lambda: bool(driver.committed.open_inquiries))
    troupe.agent(tools="file.read", prompt="You read with care.", max_tokens=9000)
    troupe.tell("demo/told", ["never asked", "A."])
    (inquiry,) = driver.committed.open_inquiries
    await driver.answer(inquiry.asked.entry, "retry", by="ada")
    state = await troupe.engine.finished(driver.state.run_id)
    assert state.outputs["answer"]["text"] == "A."
    last = troupe.overheard.requests[-1]
    assert last.messages[0].content.startswith("You read with care.")
    assert last.max_tokens == 9000
    assert [message.role for message in last.messages] == ["system", "user", "assistant", "tool"]


async def test_automatic_retries_keep_what_was_said(troupe: Troupe) -> None:
    troupe.tell(
        "demo/told",
        [
            {"tool_calls": [{"name": "file_read", "arguments": {"path": "a.txt"}}]},
            {"fail": {"kind": "transient", "message": "overloaded"}},
        ],
    )
    state = await troupe.run(retry=RetryPolicy(attempts=3, backoff="immediate"))
    events = [r.event for r in await troupe.store.read(state.run_id)]
    keys = [event.key for event in events if isinstance(event, e.CallStarted)]
    assert keys == ["turn1", "turn1/tool1", "turn2", "turn2", "turn2"]
