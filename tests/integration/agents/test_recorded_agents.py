"""Agents in a replay: tools that needed a yes, tools that were refused, and models that took over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.plans import until
from tests.support.troupe import Troupe
from workflows.recordings import Played, Recording, play, recording_of
from workflows.runs.state import RunState
from workflows.secrets import Redactor

NOBODY = Redactor()

TURNS = [
    {
        "text": "I write two.",
        "tool_calls": [
            {"name": "file_write", "arguments": {"path": "a.txt", "text": "A"}},
            {"name": "file_write", "arguments": {"path": "b.txt", "text": "B"}},
        ],
    },
    {"tool_calls": [{"name": "nonsense"}]},
    "Done.",
]


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", TURNS)
    yield troupe
    await troupe.close()


async def recorded(troupe: Troupe, state: RunState) -> Recording:
    return recording_of(state.run_id, await troupe.store.read(state.run_id), NOBODY, "0")


async def played(troupe: Troupe, recording: Recording) -> Played:
    """The recording with the agent as it is now. Whoever is asked anything is a failure."""
    before = len(troupe.overheard.requests)
    result = await play(
        recording,
        troupe.plan(),
        {"agent": troupe.step},
        source="",
        parameters={},
        root=troupe.root,
        answers={},
        code=troupe.code,
        redactor=NOBODY,
        label="REPLAYED",
    )
    assert len(troupe.overheard.requests) == before, "no model is asked in a replay"
    assert not list(troupe.root.glob("*.txt")), "no tool acts in a replay"
    return result


async def test_what_was_allowed_and_what_was_declined_is_so_again_and_nobody_is_asked(troupe: Troupe) -> None:
    troupe.agent(tools="[file.write]")
    driver = await troupe.start(troupe.plan(), attended=True)
    await until(lambda: len(driver.committed.open_inquiries) == 2)
    # Both are looked at side by side: who is asked about first is either.
    entries = {each.asked.title: each.asked.entry for each in driver.committed.open_inquiries}
    (first,), (second,) = ([entries[title] for title in entries if name in title] for name in ("a.txt", "b.txt"))
    await driver.answer(first, "approve")
    await driver.answer(second, "deny", note="not that")
    state = await troupe.engine.finished(driver.state.run_id)
    assert state.outputs["answer"]["text"] == "Done."
    (troupe.root / "a.txt").unlink()
    recording = await recorded(troupe, state)
    result = await played(troupe, recording)
    assert not result.replay.differences
    assert (result.state.status, result.state.outputs) == ("succeeded", state.outputs)
    assert not result.state.inquiries
    # The same where the rules have changed: what was permitted then is part of the recording.
    troupe.rule("allow", "file.write(path=c*)")
    assert (await played(troupe, recording)).state.status == "succeeded"


async def test_a_model_that_took_over_does_so_again(troupe: Troupe) -> None:
    troupe.agent(model="[nobody/there, demo/told]")
    troupe.tell("demo/told", ["All is well."])
    state = await troupe.run()
    result = await played(troupe, await recorded(troupe, state))
    assert result.state.status == "succeeded"
    assert [each.key for each in result.replay.called] == ["turn1", "turn1/model2"]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"prompt": "You help well."}, "told"),
        ({"tools": "[file.read, file.write]"}, "told"),
        ({"temperature": 0.5}, "told"),
        ({"max_turns": 9, "description": "Another"}, ""),
    ],
)
async def test_what_the_model_hears_is_part_of_the_request(
    troupe: Troupe, change: dict[str, object], differs: str
) -> None:
    troupe.agent(tools="[file.read]")
    troupe.tell("demo/told", ["All is well."])
    recording = await recorded(troupe, await troupe.run())
    troupe.agent(**{"tools": "[file.read]", **change})  # type: ignore[arg-type]  # any field of a file
    result = await played(troupe, recording)
    assert [each.why for each in result.replay.differences] == (["differs"] if differs else [])


async def test_a_task_that_was_handed_on_is_so_again(troupe: Troupe) -> None:
    troupe.agent(agents="[other]")
    troupe.agent("other", model="demo/other")
    task = {"name": "delegate", "arguments": {"agent": "other", "task": "Say it."}}
    troupe.tell("demo/told", [{"tool_calls": [task]}, "It was said."])
    troupe.tell("demo/other", ["Said."])
    state = await troupe.run()
    assert state.outputs["answer"]["text"] == "It was said."
    result = await played(troupe, await recorded(troupe, state))
    assert not result.replay.differences
    assert result.state.outputs == state.outputs
    assert not result.replay.changed_code
