"""An agent's models take over from each other where one cannot answer; each that is asked is a call of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agents.definition import read_agent
from agents.models.port import Model, Reply, Request
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from tests.support.troupe import Troupe
from workflows.clock import SystemClock
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure, FailureClass
from workflows.runs import events as e


class Failing:
    """A model that fails so, after it answered so often; it is counted as one that costs."""

    def __init__(self, kind: FailureClass, model: Model, after: int = 0, **detail: str) -> None:
        self.kind, self.model, self.left, self.asked, self.detail = kind, model, after, 0, detail

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.asked += 1
        if self.asked <= self.left:
            return await self.model.complete(request, on_text)
        raise CallFailed(Failure(self.kind, f"{request.model}: {self.kind}.", detail=self.detail), Usage(request.model))


TURNS = [{"text": "", "tool_calls": [{"name": "file_read", "arguments": {"path": "a.txt"}}]}, "All is well."]


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", TURNS)
    (troupe.root / "a.txt").write_text("A")
    yield troupe
    await troupe.close()


def failing(troupe: Troupe, kind: FailureClass, after: int = 0, **detail: str) -> Failing:
    """`real/…` answers as `demo/told` does, so often, and then fails."""
    script = Script.from_data(TURNS)
    model = Failing(kind, ScriptedModel(lambda _: script, SystemClock()), after, **detail)
    troupe.models.entries["real/"] = model  # type: ignore[index]  # the test's own mapping
    return model


async def keys(troupe: Troupe, run: str) -> list[str]:
    return [r.event.key for r in await troupe.store.read(run) if isinstance(r.event, e.CallStarted)]


@pytest.mark.parametrize("kind", ["transient", "rate_limited", "timeout", "authentication", "dependency"])
async def test_the_next_model_takes_over_in_the_same_turn_and_stays(troupe: Troupe, kind: FailureClass) -> None:
    first = failing(troupe, kind)
    troupe.agent(model="[real/one, demo/told]", tools="[file.read]")
    state = await troupe.run()
    assert (state.status, state.outputs["answer"]["text"]) == ("succeeded", "All is well.")
    assert state.outputs["answer"]["simulated"] is True, "whose words they are is told of the model that wrote them"
    assert await keys(troupe, state.run_id) == ["turn1", "turn1/model2", "turn1/tool1", "turn2/model2"]
    assert first.asked == 1, "the one that answered is asked first from then on"
    noted = [r.event.text for r in await troupe.store.read(state.run_id) if isinstance(r.event, e.Noted)]
    assert noted == [f"real/one: {kind}. demo/told takes over."]
    assert not state.spent.cost_known, "what the first one cost is unknown, and not nothing"


async def test_it_takes_over_in_the_middle_too_with_all_that_was_said(troupe: Troupe) -> None:
    failing(troupe, "transient", after=1)
    troupe.agent(model="real/one", fallback_models="[demo/told]", tools="[file.read]")
    state = await troupe.run()
    assert state.status == "succeeded"
    assert await keys(troupe, state.run_id) == ["turn1", "turn1/tool1", "turn2", "turn2/model2"]
    heard = troupe.overheard.requests[-1].messages
    assert [message.role for message in heard] == ["system", "user", "assistant", "tool"]


@pytest.mark.parametrize("kind", ["validation", "agent", "denied"])
async def test_what_is_wrong_with_the_request_or_the_answer_is_no_reason(troupe: Troupe, kind: FailureClass) -> None:
    failing(troupe, kind)
    troupe.agent(model="[real/one, demo/told]")
    state = await troupe.run()
    assert state.status == "failed"
    assert await keys(troupe, state.run_id) == ["turn1"]


async def test_too_long_for_one_model_is_read_by_the_next(troupe: Troupe) -> None:
    failing(troupe, "validation", code="context_length_exceeded")
    troupe.agent(model="[real/one, demo/told]")
    troupe.tell("demo/told", ["All is well."])
    assert (await troupe.run()).status == "succeeded"


async def test_where_all_fail_each_is_told_and_a_retry_is_worth_it_if_it_is_for_one(troupe: Troupe) -> None:
    failing(troupe, "transient")
    troupe.agent(model="[nobody/there, real/one]")
    state = await troupe.run()
    assert state.failure is not None
    assert state.failure.kind == "transient"
    assert state.failure.message.startswith("No model answers to the name 'nobody/there'. Then real/one: transient.")


async def test_what_the_second_model_said_before_a_crash_is_not_asked_of_the_first_again(troupe: Troupe) -> None:
    first = failing(troupe, "transient")
    troupe.agent(model="[real/one, demo/told]", tools="[file.read]")
    events = await troupe.store.read((await troupe.run()).run_id)
    for length in range(1, len(events)):
        if isinstance(events[length - 1].event, e.AttemptFinished):
            continue
        answered = any(isinstance(r.event, e.CallFinished) for r in events[:length])
        first.asked = 0
        state, _ = await troupe.finish(events[:length])
        assert state.status == "succeeded", f"cut after {length}: {state.failure}"
        assert first.asked <= (not answered), f"cut after {length}"


def test_a_file_names_models_in_a_list_or_apart() -> None:
    def read(text: str) -> tuple[str, ...]:
        reading = read_agent(f"---\nname: a\ndescription: b\n{text}\n---\nYou help.".encode(), Path("a.md"))
        assert reading.agent is not None, reading.diagnostics
        return reading.agent.models

    assert read("model: openai/a") == ("openai/a",)
    assert read("tools: []") == ("",)
    assert read("model: [openai/a, sonnet, inherit]")[::2] == ("openai/a", "")
    assert read("model: inherit\nfallback_models: [x/b]") == ("", "x/b")
    broken = read_agent(b"---\nname: a\ndescription: b\nmodel: []\n---\nYou help.", Path("a.md"))
    assert broken.agent is None
