"""Servers over streamable HTTP: keys, sessions, and what becomes of a call when the other side does not play along."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.mcp_calls import McpBench
from tests.support.mcp_http import HttpServer, result
from tests.support.web import Came, Says, Web

TOOL = "mcp__web__echo"
TEXT = {"content": [{"type": "text", "text": "here"}]}

Serve = Callable[..., Any]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Starts a server with this answer to calls, accepts it, and gives both."""
    async with AsyncExitStack() as stack:

        async def serve(
            call: Callable[[Came, dict[str, Any]], Any] = lambda came, message: result(message, TEXT),
            *,
            hints: tuple[str, ...] = (),
            accept: bool = True,
            headers: dict[str, str] | None = None,
            token: str = "",
            environ: dict[str, str] | None = None,
        ) -> tuple[HttpServer, McpBench, Web]:
            server = HttpServer(call, token)
            web = await stack.enter_async_context(Web(server.behave))
            entry = {"type": "http", "url": f"{web.url}/mcp", "headers": headers or {}}
            bench = McpBench(tmp_path / "work", {"web": entry}, hints=hints, variables=("KEY",), environ=environ)
            stack.push_async_callback(bench.close)
            if accept:
                await bench.accept("web")
            return server, bench, web

        yield serve


async def test_a_tool_is_called_with_the_headers_of_its_entry(serve: Serve) -> None:
    headers = {"Authorization": "Bearer ${KEY}"}
    server, bench, _ = await serve(headers=headers, token="secret-key-1", environ={"KEY": "secret-key-1"})
    assert (await bench(TOOL))["text"] == "here"
    assert all(came.headers["authorization"] == "Bearer secret-key-1" for came in server.seen)


async def test_a_key_that_is_refused_is_said(serve: Serve) -> None:
    _, bench, _ = await serve(accept=False, token="right", headers={"Authorization": "Bearer wrong"})
    with pytest.raises(Exception, match="did not start: it answered HTTP 401") as caught:
        await bench.accept("web")
    assert caught.value.failure.kind == "authentication"  # type: ignore[attr-defined]  # CallFailed


async def test_a_key_that_is_refused_later_is_a_failure_that_is_known(serve: Serve) -> None:
    _, bench, _ = await serve(lambda came, message: Says(403))
    failure = await bench.failure(TOOL)
    assert (failure.kind, failure.message) == (
        "authentication",
        "the MCP server 'web' refused echo: it answered HTTP 403 Forbidden",
    )


async def test_a_server_that_was_started_anew_is_greeted_again(serve: Serve) -> None:
    server, bench, _ = await serve()
    await bench(TOOL)
    server.session = "two"
    assert (await bench(TOOL))["text"] == "here"
    assert server.calls == 2


async def test_a_connection_lost_during_an_unsafe_call_leaves_it_unknown(serve: Serve) -> None:
    server, bench, _ = await serve(lambda came, message: Says(raw=b""))
    assert "was lost during echo" in (await bench.unknown(TOOL)).message
    assert server.calls == 1


async def test_a_server_that_is_gone_was_not_called(serve: Serve) -> None:
    _, bench, web = await serve()
    await bench(TOOL)
    await web.__aexit__()
    failure = await bench.failure(TOOL)
    assert "cannot be reached" in failure.message


async def test_an_answer_without_end_is_ended(serve: Serve) -> None:
    block = b"z" * (1 << 20)

    def flood(came: Came, message: dict[str, Any]) -> Says:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
        return Says(raw=head + b'{"jsonrpc": "2.0", "id": 1, "x": "' + block * 60)

    _, bench, _ = await serve(flood)
    assert "was lost during echo" in (await bench.unknown(TOOL)).message


def as_json(body: bytes) -> Says:
    return Says(200, body, {"content-type": "application/json"})


def as_events(body: bytes) -> Says:
    return Says(200, body, {"content-type": "text/event-stream"})


@pytest.mark.parametrize(
    "said",
    [
        as_json(b"<html>"),
        as_json(b""),
        as_json(b"[]"),
        as_json(b'{"jsonrpc": "2.0", "id": 1, "result": null}'),
        as_events(b"event: message\ndata: {oops\n\n"),
        as_events(b'event: message\ndata: {"jsonrpc": "2.0", "method": "notifications/message"}\n\n'),
        Says(200, b"<html>", {"content-type": "text/html"}),
        Says(202),
    ],
    ids=["html", "nothing", "list", "null", "events that are none", "events without an answer", "page", "accepted"],
)
async def test_an_answer_that_is_none_leaves_the_call_unknown(serve: Serve, said: Says) -> None:
    server, bench, _ = await serve(lambda came, message: said)
    await bench.unknown(TOOL)
    assert server.calls == 1


async def test_an_answer_to_another_call_and_one_that_never_comes_are_given_up(serve: Serve) -> None:
    _, bench, _ = await serve(lambda came, message: result({"id": 999}, TEXT))
    assert (await bench.unknown(TOOL, deadline=0.3)).kind == "timeout"


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limited"), (500, "transient"), (502, "transient")])
async def test_a_refusal_says_whether_it_may_pass(serve: Serve, status: int, kind: str) -> None:
    _, bench, _ = await serve(lambda came, message: Says(status, b"not now"))
    failure = await bench.failure(TOOL)
    assert (failure.kind, f"it answered HTTP {status}" in failure.message) == (kind, True)


async def test_an_error_with_the_number_of_lost_connections_is_the_tools_own(serve: Serve) -> None:
    def refuse(came: Came, message: dict[str, Any]) -> Says:
        error = {"code": -32000, "message": "no tea today"}
        return as_json(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}).encode())

    _, bench, _ = await serve(refuse)
    assert (await bench.failure(TOOL)).message == "the MCP server 'web' refused echo: no tea today"


async def test_a_redirect_to_another_host_is_not_followed(serve: Serve) -> None:
    server, bench, _ = await serve(lambda came, message: Says(307, b"", {"location": "http://127.0.0.1:1/mcp"}))
    failure = await bench.failure(TOOL)
    assert "Redirect to http://127.0.0.1:1/mcp not followed" in failure.message
    assert server.calls == 1
