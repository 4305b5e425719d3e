"""Conversations that are longer than their model can read: what is cut is said, and history keeps it whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agents.models.abilities import Abilities
from agents.models.port import Reply, Request
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from agents.trimming import about
from tests.support.troupe import Troupe
from workflows.clock import SystemClock
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure
from workflows.runs import events as e
from workflows.values import Json


def read(path: str) -> Json:
    return {"tool_calls": [{"name": "file_read", "arguments": {"path": path}}]}


TURNS: Json = [read("a.txt"), read("b.txt"), "All is well."]


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", TURNS)
    for name in "ab":
        (troupe.root / f"{name}.txt").write_text(f"{name} " * 6000)
    yield troupe
    await troupe.close()


async def notes(troupe: Troupe, run: str) -> list[str]:
    return [r.event.text for r in await troupe.store.read(run) if isinstance(r.event, e.Noted)]


def heard(request: Request) -> list[bool]:
    """Of each tool result, whether it is there."""
    return ["[data" in message.content for message in request.messages if message.role == "tool"]


async def test_old_results_give_way_as_the_agent_says_and_it_is_told(troupe: Troupe) -> None:
    troupe.agent(tools="[file.read]", context_window=12000)
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert [heard(request) for request in troupe.overheard.requests] == [[], [True], [False, True]]
    assert await notes(troupe, state.run_id) == ["1 older tool result cut to make room in what demo/told can read."]
    kept = state.steps["ask"].calls["turn1/tool1"].output
    assert kept["text"].count("a ") > 5000, "history has it whole"


async def test_a_turn_that_was_answered_before_a_crash_is_not_told_of_again(troupe: Troupe) -> None:
    troupe.agent(tools="[file.read]", context_window=12000)
    events = await troupe.store.read((await troupe.run()).run_id)
    last = max(i for i, r in enumerate(events) if isinstance(r.event, e.CallFinished))
    troupe.overheard.requests.clear()
    state, added = await troupe.finish(events[: last + 1])
    assert state.status == "succeeded"
    assert not troupe.overheard.requests
    assert not [event for event in added if isinstance(event, e.Noted)]


class Narrow:
    """A model that costs and reads so many tokens; `known` is what its list says."""

    def __init__(self, reads: int, known: int | None) -> None:
        script = Script.from_data(TURNS)
        self.model, self.reads, self.known = ScriptedModel(lambda _: script, SystemClock()), reads, known
        self.sizes: list[int] = []

    def abilities(self, model: str) -> Abilities:
        return Abilities(self.known)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.sizes.append(about(request))
        if about(request) > self.reads:
            detail: Json = {"error": "ContextWindowExceededError"}
            raise CallFailed(Failure("validation", "Too long.", detail=detail), Usage(request.model))
        return await self.model.complete(request, on_text)


def narrow(troupe: Troupe, reads: int, known: int | None) -> Narrow:
    model = Narrow(reads, known)
    troupe.models.entries["real/"] = model  # type: ignore[index]  # the test's own mapping
    troupe.agent(model="real/one", tools="[file.read]")
    return model


async def test_what_is_known_of_a_model_counts(troupe: Troupe) -> None:
    model = narrow(troupe, reads=6000, known=10_000)
    assert (await troupe.run()).status == "succeeded"
    assert [size > 6000 for size in model.sizes] == [False] * 3


async def test_one_of_which_nothing_is_known_is_asked_again_with_half(troupe: Troupe) -> None:
    model = narrow(troupe, reads=6000, known=None)
    state = await troupe.run()
    assert state.status == "succeeded"
    assert [size > 6000 for size in model.sizes] == [False, False, True, False]
    calls = [r.event for r in await troupe.store.read(state.run_id) if isinstance(r.event, e.CallStarted)]
    assert [call.key for call in calls][-2:] == ["turn3", "turn3"], "both are calls, and both are in the history"
    assert len(await notes(troupe, state.run_id)) == 1


async def test_where_nothing_can_be_cut_the_failure_stands(troupe: Troupe) -> None:
    model = narrow(troupe, reads=10, known=None)
    state = await troupe.run()
    failure = state.steps["ask"].failure
    assert failure is not None
    assert (failure.message, len(model.sizes)) == ("Too long.", 1)
