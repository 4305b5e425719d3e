"""What is found on this machine, and in which words: against real sockets, and no other server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from agents.models.detect import Finding, detect
from workflows.errors import UnderstudyError

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(respond: Respond) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(await reader.readuntil(b"\r\n\r\n"), writer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


def whole(body: object, status: str = "200 OK") -> Respond:
    async def respond(request: bytes, writer: asyncio.StreamWriter) -> None:
        assert request.startswith(b"GET /api/tags HTTP/1.0\r\nHost: 127.0.0.1:")
        writer.write(f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}".encode())
        await writer.drain()

    return respond


async def ollama(respond: Respond) -> Finding:
    async with server(respond) as base:
        found = await detect({"OLLAMA_HOST": base}, servers=())
    assert found[-1].name == "ollama"
    return found[-1]


async def nobody(base: str) -> tuple[str, ...]:
    raise UnderstudyError("nothing listening")


async def test_nothing_at_all() -> None:
    environment, local = await detect({}, nobody, ())

    assert environment == Finding(
        "environment", "missing", "no OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY … (11 checked)"
    )
    assert local == Finding("ollama", "absent", "nothing listening on http://localhost:11434")


@pytest.mark.parametrize(
    ("environ", "finding"),
    [
        (
            {"OPENAI_API_KEY": "sk-secret-value"},
            Finding("openai", "untested", "OPENAI_API_KEY found in environment, not tested"),
        ),
        (
            {"GOOGLE_API_KEY": "secret-value"},
            Finding("gemini", "untested", "GOOGLE_API_KEY found in environment, not tested"),
        ),
        (
            {"AZURE_API_KEY": "secret-value", "AZURE_API_BASE": "https://x"},
            Finding(
                "azure",
                "incomplete",
                "AZURE_API_KEY and AZURE_API_BASE found in environment, but not AZURE_API_VERSION",
            ),
        ),
        (
            {"VERTEXAI_PROJECT": "p", "VERTEXAI_LOCATION": "eu"},
            Finding("vertex_ai", "untested", "VERTEXAI_PROJECT found in environment, not tested"),
        ),
    ],
)
async def test_keys_are_named_and_never_shown_or_tested(environ: Mapping[str, str], finding: Finding) -> None:
    found = await detect(environ, nobody, ())

    assert found[:-1] == (finding,)


async def test_ollama_with_models() -> None:
    names = ["llama3:8b", "qwen\x1b[2J", "a", "b"]
    found = await ollama(whole({"models": [{"name": name} for name in names]}))

    assert found.state == "ready"
    assert found.words.endswith("4 models: llama3:8b, qwen�, a …")
    assert found.models[0] == "ollama_chat/llama3:8b"


async def test_ollama_without_models() -> None:
    found = await ollama(whole({"models": []}))

    assert (found.state, found.words) == ("empty", "Ollama is running, no models pulled: ollama pull <name>")


@pytest.mark.parametrize(
    "respond", [whole({}), whole({"models": []}, "404 Not Found"), whole({"models": [{}]}), whole(["x"])]
)
async def test_something_else_that_answers(respond: Respond) -> None:
    found = await ollama(respond)

    assert found.state == "absent"
    assert found.words.startswith("something that is not Ollama answers on http://127.0.0.1:")


async def test_a_server_that_never_answers_is_given_up() -> None:
    gone = asyncio.Event()

    async def hang(request: bytes, writer: asyncio.StreamWriter) -> None:
        await gone.wait()

    found = await ollama(hang)
    gone.set()

    assert found.state == "absent"


async def test_a_closed_port_and_an_address_that_is_none() -> None:
    async with server(whole({})) as base:
        pass
    for address in (base, "http://", "box:many", "http://[::1"):
        found = await detect({"OLLAMA_HOST": address}, servers=())
        assert found[-1].state == "absent", address


def models(*names: str) -> Respond:
    async def respond(request: bytes, writer: asyncio.StreamWriter) -> None:
        assert request.startswith(b"GET /v1/models HTTP/1.0\r\n")
        body = json.dumps({"object": "list", "data": [{"id": name} for name in names]})
        writer.write(f"HTTP/1.1 200 OK\r\n\r\n{body}".encode())
        await writer.drain()

    return respond


async def test_a_server_with_openais_protocol_says_what_is_still_to_be_set() -> None:
    async with server(models("qwen", "llama")) as base:
        found = await detect({}, nobody, (f"{base}/v1",))
        local = next(each for each in found if each.name == "local")
        assert (local.state, local.models) == ("incomplete", ("openai/qwen", "openai/llama"))
        assert local.words == (
            f"a server with OpenAI's protocol on {base}/v1, 2 models: qwen, llama: "
            f"to use it, set OPENAI_BASE_URL={base}/v1 and OPENAI_API_KEY=none"
        )
        environ = {"OPENAI_BASE_URL": f"{base}/v1/", "OPENAI_API_KEY": "none"}
        ready = await detect(environ, nobody, ())
        assert [each.state for each in ready] == ["untested", "ready", "absent"]


async def test_what_answers_otherwise_and_what_is_elsewhere_is_not_asked() -> None:
    async with server(whole_page) as base:
        assert [each.name for each in await detect({}, nobody, (f"{base}/v1",))] == ["environment", "ollama"]
    environ = {"OPENAI_BASE_URL": "https://api.example.org/v1", "OPENAI_API_KEY": "sk-secret-value"}
    assert [each.name for each in await detect(environ, nobody, ())] == ["openai", "ollama"]


async def whole_page(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.0 200 OK\r\n\r\n<html>hello</html>")
    await writer.drain()
