"""Anthropic, Gemini and Ollama through litellm: whole, cut and broken-off answers are told apart there too."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Request, ToolCall, ToolSpec
from tests.support.openai_server import OpenAIServer
from tests.support.other_providers import End, say_hello
from tests.support.real_models import LocalKeys
from workflows.effects import Usage
from workflows.errors import CallFailed

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")

ANTHROPIC, GEMINI, OLLAMA = "claude-sonnet-4-5", "gemini-2.5-flash", "ollama/llama3"
TOOL = ToolSpec("read", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})


@pytest.fixture
async def server(loaded: tuple[LitellmModel, LocalKeys]) -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(any_path=True) as server:
        loaded[1].serve_from(server)
        yield server


def ask(model: str) -> Request:
    return Request(model, (Message("system", "Be kind."), Message("user", "Hello?")), (TOOL,), deadline=30.0)


@pytest.mark.parametrize("name", [ANTHROPIC, GEMINI, OLLAMA])
async def test_a_whole_answer(name: str, model: LitellmModel, server: OpenAIServer) -> None:
    server.script(say_hello())
    heard: list[str] = []

    reply = await model.complete(ask(name), heard.append)

    assert reply.text == "".join(heard) == "Hello there"
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (30, 15)
    expected = (ToolCall("call_a", "read", {"path": "a"}),) if name == ANTHROPIC else ()
    assert reply.tool_calls == expected


async def test_the_usage_of_each(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(say_hello())

    usages = [(await model.complete(ask(name), lambda text: None)).usage for name in (ANTHROPIC, GEMINI, OLLAMA)]

    assert [usage.model for usage in usages] == [
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "ollama_chat/llama3",
    ]
    assert usages[0].tokens_cached == 5
    assert [bool(usage.cost_usd) for usage in usages] == [True, True, False]
    assert usages[2] == Usage("ollama_chat/llama3", 30, 15, None, 0.0)


@pytest.mark.parametrize("name", [ANTHROPIC, GEMINI, OLLAMA])
async def test_an_answer_cut_at_the_limit_and_one_that_breaks_off(
    name: str, model: LitellmModel, server: OpenAIServer
) -> None:
    found = []
    ends: tuple[End, ...] = ("cut", "none", "lost")
    for end in ends:
        server.script(say_hello(end))
        with pytest.raises(CallFailed) as caught:
            await model.complete(ask(name), lambda text: None)
        found.append(caught.value.failure.kind)

    assert found == ["agent", "transient", "transient"]


@pytest.mark.parametrize("end", ["whole", "cut", "none", "lost"])
async def test_ollama_is_asked_for_nothing_but_the_answer(end: End, model: LitellmModel, server: OpenAIServer) -> None:
    """litellm would ask it for the model's data too, for its log, by a request that blocks the loop."""
    server.script(say_hello(end))

    with suppress(CallFailed):
        await model.complete(ask(OLLAMA), lambda text: None)

    assert [received.path for received in server.requests] == ["/api/chat"]
