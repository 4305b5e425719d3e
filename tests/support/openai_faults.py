"""Every way in which a model's server was seen to fail, by name: behaviours for `OpenAIServer`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.openai_server import Behaviour, Exchange, answer, call, refusal

DRIP = 0.02
"""Seconds between two bytes of a drip feed, or two keep-alives."""


def body(data: bytes, status: int = 200, content_type: str = "application/json") -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.respond(status, data, {"content-type": content_type})

    return behave


async def hang(exchange: Exchange) -> None:
    await exchange.hang()


async def half_body_then_hang(exchange: Exchange) -> None:
    await exchange.head(200, {"content-type": "application/json", "content-length": "400"})
    await exchange.raw(b'{"id": "chatcmpl-1", "choices": [{"index": 0, "mess')
    await exchange.hang()


async def drip_feed(exchange: Exchange) -> None:
    await exchange.head(200, {"content-type": "application/json", "content-length": "100000"})
    while not await exchange.hang(DRIP):
        await exchange.raw(b" ")


async def keep_alives(exchange: Exchange) -> None:
    await exchange.start_stream()
    while not await exchange.hang(DRIP):
        await exchange.piece(b": keep-alive\n\n")


async def endless(exchange: Exchange) -> None:
    await exchange.start_stream()
    number = 0
    while not await exchange.hang(DRIP):
        number += 1
        await exchange.delta({"content": f"{number} "})


async def identical(exchange: Exchange) -> None:
    await exchange.start_stream()
    while not exchange.gone.is_set():
        await exchange.delta({"content": "again "})


async def tcp_reset(exchange: Exchange) -> None:
    exchange.reset()


async def close(exchange: Exchange) -> None:
    pass


async def truncated_body(exchange: Exchange) -> None:
    await exchange.head(200, {"content-type": "application/json", "content-length": "4000"})
    await exchange.raw(b'{"id": "chatcmpl-1", "choices": [{"index": 0, "mess')


def after_text(end: Behaviour, text: str = "The first half of ") -> Behaviour:
    """A stream that says the text and then ends in the given way."""

    async def behave(exchange: Exchange) -> None:
        await exchange.start_stream()
        await exchange.delta({"role": "assistant", "content": text})
        await end(exchange)

    return behave


def event(value: Any) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.event(value)
        await exchange.end_stream()

    return behave


async def clean_end(exchange: Exchange) -> None:
    await exchange.end_stream()


async def empty_stream(exchange: Exchange) -> None:
    await exchange.start_stream()
    await exchange.end_stream()


async def stall_after_finish(exchange: Exchange) -> None:
    await exchange.delta({}, "stop")
    await exchange.hang()


def cut_tool_call(arguments: str) -> Behaviour:
    """A stream that ends in order after a tool call, without a word that the answer is whole."""

    async def behave(exchange: Exchange) -> None:
        await exchange.start_stream()
        opened = {"index": 0, **call("file_read", arguments)}
        await exchange.delta({"role": "assistant", "content": None, "tool_calls": [opened]})
        await exchange.end_stream()

    return behave


async def arguments_that_are_no_text(exchange: Exchange) -> None:
    await exchange.start_stream()
    whole = {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "file_read", "arguments": {"path": "a"}},
    }
    await exchange.delta({"role": "assistant", "content": None, "tool_calls": [whole]})
    await exchange.delta({}, "tool_calls")
    await exchange.event(b"[DONE]")
    await exchange.end_stream()


async def no_choices(exchange: Exchange) -> None:
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
    if not exchange.received.streams:
        await exchange.respond(200, whole)
        return
    await exchange.start_stream()
    await exchange.event({**whole, "object": "chat.completion.chunk"})
    await exchange.event(b"[DONE]")
    await exchange.end_stream()


def _refusals() -> Mapping[str, Behaviour]:
    return {
        "429": refusal(429, "Rate limit reached for requests", "rate_limit_exceeded", {"retry-after": "7"}),
        "429-date": refusal(429, "Slow down", "rate_limit", {"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        "429-long": refusal(429, "Slow down", "rate_limit", {"retry-after": "120"}),
        "500": refusal(500, "The server had an error", "server_error"),
        "502": body(b"<html>Bad Gateway</html>", 502, "text/html"),
        "503": refusal(503, "The model is overloaded"),
        "529": refusal(529, "Overloaded", "overloaded_error"),
        "409": refusal(409, "Conflict"),
        "413": refusal(413, "Request too large"),
        "403": refusal(403, "Your project may not use this model", "model_not_allowed"),
        "400": refusal(400, "Invalid value for 'temperature'", "invalid_request_error"),
        "context-window": refusal(
            400,
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
            "context_length_exceeded",
        ),
        "content-policy": refusal(400, "Your request was rejected by the safety system", "content_policy_violation"),
        "422": refusal(422, "Unprocessable: messages.0.content"),
        "401": refusal(401, "Incorrect API key provided: sk-test-0123456789abcdef.", "invalid_api_key"),
        "404": refusal(404, "The model `gpt-none` does not exist", "model_not_found"),
        "insufficient-quota": refusal(429, "You exceeded your current quota", "insufficient_quota"),
    }


FAULTS: Mapping[str, Behaviour] = {
    **_refusals(),
    "hang": hang,
    "half-body-then-hang": half_body_then_hang,
    "drip-feed": drip_feed,
    "keep-alives": keep_alives,
    "endless": endless,
    "identical-chunks": identical,
    "tcp-reset": tcp_reset,
    "close": close,
    "truncated-body": truncated_body,
    "bad-json": body(b'{"id": "chatcmpl-1", "choices": [oops'),
    "html": body(b"<html><body>Sign in to the network</body></html>", 200, "text/html"),
    "empty-body": body(b""),
    "null": body(b"null"),
    "error-in-200": body(json.dumps({"error": {"message": "upstream failed", "code": "upstream_error"}}).encode()),
    "no-choices": no_choices,
    "no-usage": answer("An answer without usage.", usage=None),
    "length": answer("An answer that was cut", finish_reason="length"),
    "content-filter": answer("An answer that was ", finish_reason="content_filter"),
    "tool-call-cut": answer(tool_calls=[call("file_read", {"path": "facts.txt"})], finish_reason="length"),
    "tool-arguments-invalid": answer(tool_calls=[call("file_read", '{"path": 1, oops')]),
    "tool-arguments-list": answer(tool_calls=[call("file_read", "[1]")]),
    "tool-arguments-null": answer(tool_calls=[call("file_read", None)]),
    "tool-arguments-object": arguments_that_are_no_text,
    "tool-name-missing": answer(tool_calls=[call(None, {"path": "a"})]),
    "stream-reset": after_text(tcp_reset),
    "stream-close": after_text(close),
    "stream-bad-json": after_text(event(b'{"id": "chatcmpl-1", oops')),
    "stream-error-event": after_text(event({"error": {"message": "upstream failed", "code": 502}})),
    "stream-stall": after_text(hang),
    "stream-stall-after-finish": after_text(stall_after_finish, "A whole answer."),
    "stream-ends-without-finish": after_text(clean_end),
    "half-tool-call": cut_tool_call('{"path": "/etc'),
    "tool-call-without-finish": cut_tool_call('{"path": "facts.txt"}'),
    "empty-stream": empty_stream,
    "empty-answer": answer(""),
    "finish-unheard-of": answer("A whole answer.", finish_reason="banana"),
}
