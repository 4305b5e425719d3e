"""A real HTTP server on 127.0.0.1 that speaks the OpenAI chat protocol, well or badly as told.

In a test::

    async with OpenAIServer(answer("Hello"), FAULTS["429"]) as server:
        ...  # the first request is answered, every later one is refused
    assert server.requests[0].body["model"] == "gpt-4o"

By hand (a model named `fault-<name>` gets that fault, any other an answer)::

    python -m tests.support.openai_server --port 8099
    OPENAI_API_KEY=sk-none OPENAI_BASE_URL=http://127.0.0.1:8099/v1 understudy ...
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Received:
    """A request as it came. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def wants_usage(self) -> bool:
        return bool((self.body.get("stream_options") or {}).get("include_usage"))


@dataclass
class Exchange:
    """One request being answered."""

    received: Received
    writer: asyncio.StreamWriter
    gone: asyncio.Event
    """Set when the client has closed its side."""
    waits: asyncio.Event
    """Set when this side has said something and waits, for more to say or for the client to hang up."""

    async def raw(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            self.gone.set()  # whoever writes may learn it before whoever reads
            raise

    async def respond(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response. A body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.head(
            status, {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})}
        )
        await self.raw(data)

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
        await self.raw("\r\n".join([*lines, "connection: close", "", ""]).encode())

    async def start_stream(self) -> None:
        await self.head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})

    async def piece(self, data: bytes) -> None:
        """Send one chunk of a chunked body."""
        await self.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def event(self, value: Any) -> None:
        await self.piece(b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n")

    async def end_stream(self) -> None:
        await self.raw(b"0\r\n\r\n")

    async def delta(self, delta: Any, finish_reason: str | None = None) -> None:
        """Send one chunk of a streamed answer."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        await self.event({**_envelope(self.received, "chat.completion.chunk"), "choices": [choice]})

    async def hang(self, seconds: float | None = None) -> bool:
        """Wait until the client hangs up (True) or the seconds are over (False)."""
        self.waits.set()
        try:
            async with asyncio.timeout(seconds):
                await self.gone.wait()
        except TimeoutError:
            return False
        return True

    def reset(self) -> None:
        """Drop the connection with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


Behaviour = Callable[[Exchange], Awaitable[None]]


def call(name: str | None, arguments: Any, id: str = "call_1") -> dict[str, Any]:  # noqa: A002 - the protocol's word
    """A tool call as the protocol writes it. Arguments that are not text are sent as JSON text."""
    text = arguments if isinstance(arguments, str) or arguments is None else json.dumps(arguments)
    return {"id": id, "type": "function", "function": {"name": name, "arguments": text}}


USAGE = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19, "prompt_tokens_details": {"cached_tokens": 4}}


def answer(
    text: str = "",
    tool_calls: Sequence[Mapping[str, Any]] = (),
    *,
    finish_reason: str | None = "",
    usage: Mapping[str, Any] | None = USAGE,
    size: int = 6,
) -> Behaviour:
    """A well-formed answer: streamed in pieces of `size` characters if asked to stream, else whole.

    `finish_reason` "" means the fitting one, None that none is sent; `usage` None that none is sent.
    """
    reason = finish_reason if finish_reason != "" else ("tool_calls" if tool_calls else "stop")

    async def behave(exchange: Exchange) -> None:
        if exchange.received.streams:
            await _stream(exchange, text, tool_calls, reason, usage, size)
            return
        message = {"role": "assistant", "content": text or None, **({"tool_calls": tool_calls} if tool_calls else {})}
        body = {
            **_envelope(exchange.received, "chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }
        await exchange.respond(200, {**body, "usage": usage} if usage else body)

    return behave


async def _stream(
    exchange: Exchange,
    text: str,
    tool_calls: Sequence[Mapping[str, Any]],
    reason: str | None,
    usage: Mapping[str, Any] | None,
    size: int,
) -> None:
    await exchange.start_stream()
    await exchange.delta({"role": "assistant", "content": ""})
    for start in range(0, len(text), size):
        await exchange.delta({"content": text[start : start + size]})
    for index, tool_call in enumerate(tool_calls):
        arguments = tool_call["function"]["arguments"]
        opened = {**tool_call, "index": index, "function": {**tool_call["function"], "arguments": arguments and ""}}
        await exchange.delta({"tool_calls": [opened]})
        for start in range(0, len(arguments or ""), size):
            piece = {"index": index, "function": {"arguments": arguments[start : start + size]}}
            await exchange.delta({"tool_calls": [piece]})
    if reason is not None:
        await exchange.delta({}, reason)
    if usage and exchange.received.wants_usage:
        await exchange.event({**_envelope(exchange.received, "chat.completion.chunk"), "choices": [], "usage": usage})
    if reason is not None:
        await exchange.event(b"[DONE]")
    await exchange.end_stream()


def _envelope(received: Received, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": received.body.get("model")}


class OpenAIServer:
    """Answers each request by the next behaviour; the last one answers all that follow."""

    def __init__(self, *behaviours: Behaviour, port: int = 0, any_path: bool = False) -> None:
        self.port = port
        self.any_path = any_path
        """Whether behaviours are also asked about other paths than chat completions, as other protocols have."""
        self.requests: list[Received] = []
        self.hung_up = asyncio.Event()
        """Set when a client closed its connection before its answer was complete."""
        self.waits = asyncio.Event()
        """Set when an answer has been begun, or not even that, and does not go on by itself."""
        self._connections: set[asyncio.Task[None]] = set()
        self.script(*behaviours)

    def script(self, *behaviours: Behaviour) -> None:
        """Set what answers the next requests, and forget those that came before."""
        self.behaviours = behaviours or (answer("Hello from the local server."),)
        self.requests.clear()
        self.hung_up.clear()
        self.waits.clear()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = None
        try:
            exchange = Exchange(await _read(reader), writer, asyncio.Event(), self.waits)
            watch = asyncio.create_task(_watch(reader, exchange.gone))
            try:
                await self._next(exchange.received)(exchange)
                await writer.drain()
            finally:
                watch.cancel()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away: noted below
        finally:
            if exchange and exchange.gone.is_set():
                self.hung_up.set()
            writer.close()

    def _next(self, received: Received) -> Behaviour:
        if received.path != PATH and not self.any_path:
            return refusal(404, f"there is no {received.path} here")
        self.requests.append(received)
        return self.behaviours[min(len(self.requests), len(self.behaviours)) - 1]


def refusal(status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    """An error as the protocol writes it."""

    async def behave(exchange: Exchange) -> None:
        await exchange.respond(
            status, {"error": {"message": message, "type": code, "param": None, "code": code}}, headers
        )

    return behave


async def _watch(reader: asyncio.StreamReader, gone: asyncio.Event) -> None:
    try:
        while await reader.read(65536):
            pass
    except OSError:
        pass
    gone.set()


async def _read(reader: asyncio.StreamReader) -> Received:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in rest if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split(" ")[1], headers, json.loads(body or b"{}"))


def main() -> None:
    """Serve by hand, until interrupted."""
    from tests.support.openai_faults import FAULTS

    parser = argparse.ArgumentParser(description="A local server that speaks the OpenAI chat protocol.")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--text", default="Hello from the local server. No AI wrote this.")
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    options = parser.parse_args()
    if options.list:
        print(*FAULTS, sep="\n")
        return

    async def by_model(exchange: Exchange) -> None:
        name = str(exchange.received.body.get("model"))
        print(name, flush=True)
        await FAULTS.get(name.rpartition("fault-")[2], answer(options.text))(exchange)

    async def serve() -> None:
        async with OpenAIServer(by_model, port=options.port) as server:
            print(f"serving {server.base_url}", flush=True)
            await asyncio.Event().wait()

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
