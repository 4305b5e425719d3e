"""Every fault of a provider in three places of a run: in the first turn, after a tool, and where another takes over.

Each ends the step in a defined state by its deadline. No tool runs from a broken message, and what was not counted is
never counted as nothing. Some of each class are tried; UNDERSTUDY_ALL_FAULTS=1 tries all of them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.models.litellm_model import LitellmModel
from agents.models.registry import Models
from tests.integration.models.test_litellm_faults import ANSWERS, ENDS
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import Behaviour, OpenAIServer, answer, call
from tests.support.real_models import LocalKeys, pass_time
from tests.support.troupe import Troupe
from workflows.runs import events as e

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")

DEADLINE = 500
"""Seconds that a turn may take. A test lets them pass where a fault never ends by itself."""

LOOK = answer("", [call("file_read", {"path": "facts.txt"})])
ALL = bool(os.environ.get("UNDERSTUDY_ALL_FAULTS"))
FEW = ("500", "429-long", "hang", "tool-call-without-finish", "tool-call-cut", "401")
PLACES = ("first", "after a tool", "fallback")
CASES = [(name, place) for name in ENDS for place in PLACES if ALL or name in FEW]


@pytest.fixture
async def troupe(loaded: tuple[LitellmModel, LocalKeys], tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", models=Models({"": loaded[0]}))
    (troupe.root / "facts.txt").write_text("Water boils at 100 °C.\n")
    yield troupe
    await troupe.close()


def behaviours(name: str, place: str) -> tuple[Behaviour, ...]:
    """What the server does, request by request; the last is what it goes on with."""
    fault = FAULTS[name]
    if place == "first":
        return (fault,)
    return (LOOK, fault) if place == "after a tool" else (FAULTS["503"], fault)


@pytest.mark.parametrize(("name", "place"), CASES)
async def test_a_fault_ends_the_step_in_a_defined_state(
    name: str, place: str, troupe: Troupe, server: OpenAIServer, loaded: tuple[LitellmModel, LocalKeys]
) -> None:
    server.script(*behaviours(name, place))
    models = "[openai/gpt-4o, openai/gpt-4o-mini]" if place == "fallback" else "openai/gpt-4o"
    troupe.agent(model=models, tools="[file.read]", turn_timeout=DEADLINE, idle_timeout=DEADLINE / 2)
    running = asyncio.ensure_future(troupe.run())
    if ENDS[name] == "timeout":
        await server.waits.wait()
        pass_time(loaded[0], DEADLINE)
    async with asyncio.timeout(60):
        state = await running
    step = state.steps["ask"]
    assert (state.status, step.status) == ("failed", "failed")
    assert step.failure is not None
    # Of several models the failure is of a class that a retry may cure, if there is one.
    assert step.failure.kind == ("transient" if place == "fallback" else ENDS[name])
    assert len(server.requests) == (1 if place == "first" else 2), "nothing is asked twice"
    tools = [key for key in step.calls if "/tool" in key]
    assert len(tools) == (place == "after a tool"), "no tool runs from a broken message"
    last = [call for call in step.calls.values() if "/tool" not in call.key][-1]
    assert last.status == "failed"
    if last.usage is not None and last.usage.tokens_out is None:
        assert last.usage.cost_usd is None
        assert not state.spent.cost_known, "what was not counted is unknown, and not nothing"
    assert not any(
        isinstance(r.event, e.AttemptStarted) and r.event.n > 1 for r in await troupe.store.read(state.run_id)
    )


AS_OBJECT = "tool-arguments-object"
UNUSABLE = tuple(sorted(name for name in ANSWERS - {AS_OBJECT} if name.startswith("tool-")))
STRANGE = tuple(sorted(ANSWERS - {AS_OBJECT, *UNUSABLE}))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", UNUSABLE if ALL else UNUSABLE[:1])
async def test_tool_calls_that_cannot_be_used_are_told_and_then_the_agent_has_failed(
    name: str, place: str, troupe: Troupe, server: OpenAIServer
) -> None:
    server.script(*behaviours(name, place))
    models = "[openai/gpt-4o, openai/gpt-4o-mini]" if place == "fallback" else "openai/gpt-4o"
    troupe.agent(model=models, tools="[file.read]", turn_timeout=DEADLINE)
    state = await troupe.run()
    step = state.steps["ask"]
    assert step.failure is not None
    assert (state.status, step.failure.kind) == ("failed", "agent")
    assert "called for tools wrongly in 3 turns in a row" in step.failure.message
    assert len(server.requests) == (3 if place == "first" else 4), "twice it is told, and not asked without end"
    done = [call for key, call in step.calls.items() if "/tool" in key and not call.output["misuse"]]
    assert len(done) == (place == "after a tool"), "no tool runs from a broken message"


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("place", PLACES if ALL else PLACES[:1])
async def test_arguments_that_are_an_object_already_are_those(place: str, troupe: Troupe, server: OpenAIServer) -> None:
    server.script(*behaviours(AS_OBJECT, place), answer("I have looked."))
    models = "[openai/gpt-4o, openai/gpt-4o-mini]" if place == "fallback" else "openai/gpt-4o"
    troupe.agent(model=models, tools="[file.read]", turn_timeout=DEADLINE)
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    last = [call for key, call in state.steps["ask"].calls.items() if "/tool" in key][-1]
    assert last.spec == {"tool": "file_read", "arguments": {"path": "a"}}
    assert not state.spent.cost_known


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", STRANGE if ALL else STRANGE[:1])
async def test_a_strange_answer_that_is_whole_is_one(
    name: str, place: str, troupe: Troupe, server: OpenAIServer
) -> None:
    server.script(*behaviours(name, place))
    models = "[openai/gpt-4o, openai/gpt-4o-mini]" if place == "fallback" else "openai/gpt-4o"
    troupe.agent(model=models, tools="[file.read]", turn_timeout=DEADLINE)
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert len(server.requests) == (1 if place == "first" else 2)
    counted = [call.usage for call in state.steps["ask"].calls.values() if call.usage]
    assert state.spent.cost_known == all(usage.cost_usd is not None for usage in counted)
    assert all(usage.cost_usd is None for usage in counted if usage.tokens_out is None)


async def test_an_answer_without_usage_has_no_cost_of_zero(troupe: Troupe, server: OpenAIServer) -> None:
    server.script(FAULTS["no-usage"])
    troupe.agent(model="openai/gpt-4o")
    state = await troupe.run()
    assert (state.status, state.spent.cost_known, state.spent.cost_usd) == ("succeeded", False, None)
