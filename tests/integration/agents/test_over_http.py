"""An agent step with a real model client and real HTTP: streamed text, tools, bad arguments, what it cost."""

from __future__ import annotations

from pathlib import Path

from agents.models.litellm_model import LitellmModel
from agents.models.registry import Models
from tests.support.openai_server import OpenAIServer, answer, call, refusal
from tests.support.real_models import LocalKeys
from tests.support.troupe import Troupe
from workflows.clock import SystemClock


async def test_a_conversation_with_tools_over_http(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "facts.txt").write_text("Water boils at 100 °C.\n")
    async with OpenAIServer(
        answer("Let me look.", [call("file_read", '{"path": ')]),
        answer("", [call("file_read", {"path": "facts.txt"}, "call_2")]),
        answer("It boils at 100 °C."),
        refusal(401, "bad key"),
    ) as server:
        model = LitellmModel(
            LocalKeys({"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": server.base_url}), SystemClock()
        )
        troupe = Troupe(tmp_path / "work", models=Models({"": model}))
        try:
            troupe.agent(model="openai/gpt-4o", tools="[file.read, git.log]")
            state = await troupe.run()
            assert state.status == "succeeded", state.failure
            assert state.outputs["answer"] == {
                "text": "It boils at 100 °C.",
                "model": "openai/gpt-4o",
                "agent": "helper",
                "simulated": False,
            }
            assert "".join(troupe.streamed) == "Let me look.\n\nIt boils at 100 °C."
            assert (state.spent.tokens_in, state.spent.tokens_out) == (36, 21)
            assert state.spent.cost_usd
            assert [tool["function"]["name"] for tool in server.requests[0].body["tools"]] == ["file_read", "git_log"]
            told = [message for message in server.requests[2].body["messages"] if message["role"] == "tool"]
            assert [message["tool_call_id"] for message in told] == ["call_1", "call_2"]
            assert "not valid JSON" in told[0]["content"]
            assert "Water boils" in told[1]["content"]

            state = await troupe.run()
            failure = state.steps["ask"].failure
            assert failure is not None
            assert failure.kind == "authentication"
            assert len(server.requests) == 4, "a refused key is not tried again"
        finally:
            await troupe.close()
            await model.aclose()


async def test_of_a_message_that_is_broken_in_part_nothing_is_done(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "facts.txt").write_text("Water boils at 100 °C.\n")
    async with OpenAIServer(
        answer("", [call("file_read", {"path": "facts.txt"}, "whole"), call("file_read", '{"path": ', "broken")]),
        answer("I see."),
    ) as server:
        keys = LocalKeys({"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": server.base_url})
        model = LitellmModel(keys, SystemClock())
        troupe = Troupe(tmp_path / "work", models=Models({"": model}))
        try:
            troupe.agent(model="openai/gpt-4o", tools="[file.read]")
            state = await troupe.run()
            assert state.status == "succeeded", state.failure
            told = {m["tool_call_id"]: m["content"] for m in server.requests[1].body["messages"] if m["role"] == "tool"}
            assert told["whole"].startswith("Nothing was done: another call of the same message cannot be read.")
            assert "not valid JSON" in told["broken"]
        finally:
            await troupe.close()
            await model.aclose()
