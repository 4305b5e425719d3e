"""The local server of the tests, asked by a client that is not ours."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.openai_faults import FAULTS
from tests.support.openai_server import OpenAIServer, answer, call

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        yield client


async def post(client: httpx.AsyncClient, base: str, **body: Any) -> httpx.Response:
    return await client.post(f"{base}/chat/completions", json={"model": "gpt-4o", "messages": [], **body})


async def test_a_whole_answer_and_a_streamed_one_say_the_same(client: httpx.AsyncClient) -> None:
    calls = [call("read", {"path": "a"}), call("list", {}, "call_2")]
    async with OpenAIServer(answer("Hello there", calls)) as server:
        whole = (await post(client, server.base_url)).json()
        streamed = await post(client, server.base_url, stream=True, stream_options={"include_usage": True})

    lines = [line.removeprefix("data: ") for line in streamed.text.splitlines() if line]
    assert lines.pop() == "[DONE]"
    events = [json.loads(line) for line in lines]
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    parts = [part for delta in deltas for part in delta.get("tool_calls", [])]
    message = whole["choices"][0]["message"]
    assert "".join(delta.get("content") or "" for delta in deltas) == message["content"] == "Hello there"
    arguments = ["".join(part["function"]["arguments"] for part in parts if part["index"] == i) for i in (0, 1)]
    assert arguments == [each["function"]["arguments"] for each in message["tool_calls"]]
    assert events[-1]["usage"] == whole["usage"]
    assert whole["choices"][0]["finish_reason"] == events[-2]["choices"][0]["finish_reason"] == "tool_calls"


async def test_usage_is_only_streamed_to_who_asks(client: httpx.AsyncClient) -> None:
    async with OpenAIServer() as server:
        streamed = await post(client, server.base_url, stream=True)

    assert '"usage"' not in streamed.text


async def test_behaviours_answer_in_order_and_the_last_one_stays(client: httpx.AsyncClient) -> None:
    async with OpenAIServer(FAULTS["429"], answer("Now")) as server:
        codes = [(await post(client, server.base_url)).status_code for _ in range(3)]
        elsewhere = await client.post(f"{server.base_url}/embeddings", json={})

        assert codes == [429, 200, 200]
        assert elsewhere.status_code == 404
        assert [received.body["model"] for received in server.requests] == ["gpt-4o"] * 3


@pytest.mark.parametrize("name", ["tcp-reset", "close", "truncated-body", "stream-reset", "stream-close"])
async def test_a_lost_connection_is_one(name: str, client: httpx.AsyncClient) -> None:
    async with OpenAIServer(FAULTS[name]) as server:
        with pytest.raises(httpx.TransportError):
            await post(client, server.base_url, stream=True)


async def test_a_client_that_hangs_up_is_noticed(client: httpx.AsyncClient) -> None:
    async with OpenAIServer(FAULTS["hang"]) as server:
        task = asyncio.ensure_future(post(client, server.base_url))
        async with asyncio.timeout(60):
            await server.waits.wait()
            task.cancel()
            await server.hung_up.wait()


async def test_it_can_be_started_by_hand(client: httpx.AsyncClient) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.openai_server", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        found = re.fullmatch(r"serving (\S+)\n", (await process.stdout.readline()).decode())
        assert found
        answered = await post(client, found[1])
        refused = await post(client, found[1], model="fault-503")
    finally:
        process.terminate()
        await process.wait()

    assert "No AI wrote this" in answered.json()["choices"][0]["message"]["content"]
    assert refused.status_code == 503
