"""Servers that tell every canary: a web site, and a provider of models that remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.support.canaries import canaries, told
from tests.support.openai_server import Exchange, OpenAIServer, Received, answer, call, refusal
from tests.support.web import Came, Says, Web

SECRETS = canaries()
ALL = "\n".join(form for value in SECRETS.values() for form in told(value))
"""Every canary in every form."""

RAW = " ".join(SECRETS.values())


def site(came: Came) -> Says:
    """Answers with the canaries in its body and its header fields, or redirects to where nobody is, with them."""
    path = came.path.partition("?")[0]
    headers = {f"x-{number}": quote(value) for number, value in enumerate(SECRETS.values())}
    headers["set-cookie"] = f"sid={quote(RAW, safe='')}"
    if path == "/away":
        return Says(302, b"", {"location": f"http://127.0.0.1:1/?q={quote(RAW)}"})
    if path == "/json":
        body = json.dumps({"keys": {value: value for value in SECRETS.values()}, "all": ALL})
        return Says(200, body.encode(), {"content-type": "application/json", **headers})
    status = {"/fail": 500, "/hook": 403}.get(path, 200)
    return Says(status, ALL.encode(), {"content-type": "text/plain; charset=utf-8", **headers})


async def provider(exchange: Exchange) -> None:
    """Does what the task says: tells all, calls tools with all, reads files first, or refuses with all."""
    await _behaviour(exchange.received)(exchange)


def _behaviour(received: Received) -> Callable[[Exchange], object]:
    messages = received.body["messages"]
    task = next(str(message["content"]) for message in messages if message["role"] == "user").split()[0]
    heard = [str(message["content"]) for message in messages if message["role"] == "tool"]
    if task == "refuse":
        return refusal(400, f"Incorrect API key provided: {ALL}", "invalid_api_key", {"x-key": quote(RAW)})
    if task == "forbid":
        return refusal(401, f"Incorrect API key provided: {RAW}", "invalid_api_key")
    if task == "call" and not heard:
        argv = ["echo", ALL[:20_000]]
        calls = [
            call("file_write", {"path": "out/told.txt", "text": ALL}, "1"),
            call("file_read", {"path": RAW[:200]}, "2"),
            call("no_such_tool", {RAW: ALL}, "3"),
        ]
        calls += [call("command", {"argv": argv}, "4")]
        return answer(f"I call with {RAW}", calls, size=4000)
    if task == "read" and not heard:
        named = ["notes.txt", "data.json", "table.csv", "missing.txt"]
        tools = {"data.json": "data_read", "table.csv": "csv_read"}
        calls = [call(tools.get(each, "file_read"), {"path": f"in/{each}"}, each) for each in named]
        return answer("", [*calls, call("file_search", {"path": "in", "pattern": "e"}, "found")], size=4000)
    if task == "read":
        return answer("I read:\n" + "\n".join(heard), size=4000)
    return answer(f"{RAW}\n{ALL}", size=41)


@dataclass
class Sites:
    web: str = ""
    models: str = ""
    asked: list[Received] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Sites]:
    """Both servers, in a thread of their own: what asks them has a loop of its own."""
    sites, ready = Sites(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve(over: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            web = await stack.enter_async_context(Web(site))
            models = await stack.enter_async_context(OpenAIServer(provider))
            sites.web, sites.models = web.url, models.base_url
            sites.asked, sites.came = models.requests, web.came
            ready.set()
            await over.wait()

    over = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(over)), daemon=True)
    thread.start()
    assert ready.wait(30)
    yield sites
    loop.call_soon_threadsafe(over.set)
    thread.join(30)
    loop.close()
