"""A litellm model whose providers are local servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.models.keys import Key, Missing, Unusable, find_key
from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Request
from tests.support.clocks import leap
from tests.support.openai_server import OpenAIServer
from workflows.clock import SystemClock

KEY = "sk-test-0123456789abcdef"


@dataclass
class LocalKeys:
    """Keys of providers that are all one local server."""

    environ: dict[str, str] = field(default_factory=dict)

    def serve_from(self, server: OpenAIServer) -> None:
        root = server.base_url.removesuffix("/v1")
        self.environ = {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": server.base_url,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_API_BASE": root,
            "GEMINI_API_KEY": KEY,
            "GEMINI_API_BASE": f"{root}/v1beta",
            "OLLAMA_API_BASE": root,
        }

    def find(self, model: str) -> Key | Missing | Unusable:
        return find_key(model, self.environ)

    def at_hand(self, model: str) -> bool:
        return isinstance(self.find(model), Key)


def pass_time(model: LitellmModel, seconds: float) -> None:
    """Let so many seconds pass for the calls of a model that are under way."""
    assert model._side._running is not None
    loop, _, _ = model._side._running
    loop.call_soon_threadsafe(leap, seconds)


@contextmanager
def litellm_model() -> Iterator[tuple[LitellmModel, LocalKeys]]:
    """A model that has been called once: its library is there."""
    keys = LocalKeys()
    model = LitellmModel(keys, SystemClock())

    async def first_call() -> None:
        async with OpenAIServer() as server:
            keys.serve_from(server)
            await model.complete(Request("gpt-4o", (Message("user", "Hello"),)), lambda text: None)

    with ThreadPoolExecutor(1) as thread:  # a loop may be running in this one
        thread.submit(lambda: asyncio.run(first_call())).result()
        try:
            yield model, keys
        finally:
            thread.submit(lambda: asyncio.run(model.aclose())).result()
