"""Every fault of a provider, over real HTTP: it ends, in the right class, after one request, and tells no key."""

import asyncio
import base64
from collections.abc import Sequence

import pytest

from agents.models.exchange import AFTER_THE_END
from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Reply, Request
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import Exchange, OpenAIServer, answer, call, refusal
from tests.support.real_models import KEY, LocalKeys, pass_time
from workflows.clock import SystemClock
from workflows.effects import Usage
from workflows.errors import CallFailed, FailureClass

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")

ENDS: dict[str, FailureClass] = {
    "429": "rate_limited",
    "429-date": "rate_limited",
    "429-long": "rate_limited",
    "500": "transient",
    "502": "transient",
    "503": "transient",
    "529": "transient",
    "409": "transient",
    "413": "validation",
    "403": "authentication",
    "400": "validation",
    "context-window": "validation",
    "content-policy": "validation",
    "422": "validation",
    "401": "authentication",
    "404": "dependency",
    "insufficient-quota": "authentication",
    "hang": "timeout",
    "half-body-then-hang": "timeout",
    "drip-feed": "timeout",
    "keep-alives": "timeout",
    "endless": "timeout",
    "identical-chunks": "transient",
    "tcp-reset": "transient",
    "close": "transient",
    "truncated-body": "transient",
    "bad-json": "transient",
    "html": "transient",
    "empty-body": "transient",
    "null": "transient",
    "error-in-200": "transient",
    "no-choices": "transient",
    "length": "agent",
    "content-filter": "agent",
    "tool-call-cut": "agent",
    "stream-reset": "transient",
    "stream-close": "transient",
    "stream-bad-json": "transient",
    "stream-error-event": "transient",
    "stream-stall": "timeout",
    "stream-ends-without-finish": "transient",
    "half-tool-call": "transient",
    "tool-call-without-finish": "transient",
    "empty-stream": "transient",
    "empty-answer": "agent",
}
ANSWERS = {
    "no-usage",
    "tool-arguments-invalid",
    "tool-arguments-list",
    "tool-arguments-null",
    "tool-arguments-object",
    "tool-name-missing",
    "finish-unheard-of",
    "stream-stall-after-finish",
}
DEADLINE, IDLE = 500.0, 250.0
"""Seconds that a test lets pass where something never ends by itself."""


def ask(deadline: float = DEADLINE, idle: float = IDLE) -> Request:
    return Request("gpt-4o", (Message("user", "What changed?"),), deadline=deadline, idle=idle)


async def fault(model: LitellmModel, request: Request, heard: list[str] | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await model.complete(request, (heard if heard is not None else []).append)
    return caught.value


async def fault_in_time(name: str, model: LitellmModel, server: OpenAIServer) -> CallFailed:
    """How a call ends that gets this fault, once its time is over where that has to come first."""
    server.script(FAULTS[name])
    task = asyncio.ensure_future(fault(model, ask()))
    async with asyncio.timeout(60):
        if ENDS[name] == "timeout":
            await server.waits.wait()
            pass_time(model, DEADLINE)
        return await task


def test_the_table_is_whole() -> None:
    assert set(ENDS) | ANSWERS == set(FAULTS)


@pytest.mark.parametrize("name", ENDS)
async def test_every_fault_ends_in_its_class_after_one_request(
    name: str, model: LitellmModel, server: OpenAIServer
) -> None:
    error = await fault_in_time(name, model, server)

    assert error.failure.kind == ENDS[name]
    assert len(server.requests) == 1
    assert error.failure.message.startswith("openai/gpt-4o: ")
    assert KEY not in repr(error.failure)


async def test_a_text_that_stands_still_is_not_waited_for_till_the_deadline(
    model: LitellmModel, server: OpenAIServer
) -> None:
    server.script(FAULTS["stream-stall"])
    spoke = asyncio.Event()
    task = asyncio.ensure_future(model.complete(ask(), lambda text: spoke.set()))
    await spoke.wait()
    pass_time(model, IDLE)

    async with asyncio.timeout(60):
        with pytest.raises(CallFailed, match="no more text for 250 s"):
            await task


@pytest.mark.parametrize(("name", "seconds"), [("429", 7.0), ("429-long", 120.0)])
async def test_retry_after_is_handed_on_and_not_slept(
    name: str, seconds: float, model: LitellmModel, server: OpenAIServer
) -> None:
    server.script(FAULTS[name])

    assert (await fault(model, ask())).failure.retry_after == seconds


async def test_a_retry_after_date_is_turned_into_seconds(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["429-date"])

    assert ((await fault(model, ask())).failure.retry_after or 0) > 365 * 86400


async def test_text_before_a_fault_was_heard_and_its_cost_is_unknown(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["stream-reset"])
    heard: list[str] = []

    error = await fault(model, ask(), heard)

    assert heard == ["The first half of "]
    assert error.usage
    assert error.usage.cost_usd is None
    assert error.usage.tokens_in is None


@pytest.mark.parametrize(
    "name",
    [
        "tcp-reset",
        "close",
        "truncated-body",
        "bad-json",
        "html",
        "no-choices",
        "empty-stream",
        "hang",
        "half-body-then-hang",
        "keep-alives",
        "endless",
        "stream-reset",
        "stream-close",
        "stream-stall",
        "stream-error-event",
    ],
)
async def test_what_a_request_that_was_sent_costs_is_unknown(
    name: str, model: LitellmModel, server: OpenAIServer
) -> None:
    error = await fault_in_time(name, model, server)

    assert error.usage == Usage("openai/gpt-4o")


async def test_a_gateway_that_gave_up_waiting_says_nothing_of_the_cost(
    model: LitellmModel, server: OpenAIServer
) -> None:
    server.script(refusal(504, "upstream timed out"))

    assert (await fault(model, ask())).usage == Usage("openai/gpt-4o")


async def test_a_refused_call_costs_nothing_and_a_cut_answer_its_tokens(
    model: LitellmModel, server: OpenAIServer
) -> None:
    server.script(FAULTS["503"], FAULTS["length"])

    refused = await fault(model, ask())
    cut = await fault(model, ask())

    assert refused.usage is None
    assert cut.usage
    assert (cut.usage.tokens_in, cut.usage.tokens_out) == (12, 7)


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key: {KEY}",
        f"Bearer {KEY} is wrong",
        f"headers: {base64.b64encode(f'user:{KEY}'.encode()).decode()}",
        "x" * 280 + KEY,
    ],
)
async def test_the_key_is_told_nowhere(said: str, model: LitellmModel, server: OpenAIServer) -> None:
    server.script(refusal(401, said, "invalid"))

    error = await fault(model, ask())

    told = repr(error.failure) + repr(error) + str(error)
    assert KEY not in told
    assert KEY[:12] not in told
    assert base64.b64encode(f"user:{KEY}".encode()).decode()[8:24] not in told
    assert error.__cause__ is None
    assert error.__suppress_context__


async def test_a_fault_after_a_fault_is_classed_by_itself(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["401"], FAULTS["503"])
    kinds = []

    try:
        await model.complete(ask(), lambda text: None)
    except CallFailed as first:
        second = await fault(model, ask())
        kinds = [first.failure.kind, second.failure.kind]

    assert kinds == ["authentication", "transient"]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("tool-arguments-invalid", ["not valid JSON"]),
        ("tool-arguments-list", ["array, not a JSON object"]),
        ("tool-arguments-null", [""]),
        ("tool-name-missing", ["names no tool"]),
    ],
)
async def test_tool_calls_that_cannot_be_used_say_why(
    name: str, faults: Sequence[str], model: LitellmModel, server: OpenAIServer
) -> None:
    server.script(FAULTS[name])

    reply = await model.complete(ask(), lambda text: None)

    assert [call.arguments for call in reply.tool_calls] == [{}]
    assert all(words in call.fault for words, call in zip(faults, reply.tool_calls, strict=True))
    assert all(bool(words) == bool(call.fault) for words, call in zip(faults, reply.tool_calls, strict=True))


async def test_missing_usage_is_unknown(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["no-usage"])

    usage = (await model.complete(ask(), lambda text: None)).usage

    assert (usage.tokens_in, usage.tokens_out, usage.tokens_cached, usage.cost_usd) == (None, None, None, None)


async def test_an_ended_answer_counts_however_its_connection_ends(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["stream-stall-after-finish"])

    spoke = asyncio.Event()
    task = asyncio.ensure_future(model.complete(ask(), lambda text: spoke.set()))
    await spoke.wait()
    await server.waits.wait()
    pass_time(model, AFTER_THE_END)

    async with asyncio.timeout(60):
        assert (await task).text == "A whole answer."


@pytest.mark.parametrize("name", ["hang", "endless", "keep-alives"])
async def test_cancelling_closes_the_connection(name: str, model: LitellmModel, server: OpenAIServer) -> None:
    asked = asyncio.Event()

    async def note(exchange: Exchange) -> None:
        asked.set()
        await FAULTS[name](exchange)

    server.script(note)
    task = asyncio.create_task(model.complete(ask(), lambda text: None))
    await asked.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60):
        await server.hung_up.wait()


async def test_an_answer_without_end_is_broken_off(model: LitellmModel, server: OpenAIServer) -> None:
    async def flood(exchange: Exchange) -> None:
        await exchange.start_stream()
        number = 0
        while not exchange.gone.is_set():
            number += 1
            await exchange.delta({"content": f"{number} " * 100_000})

    server.script(flood)

    error = await fault(model, ask())

    assert error.failure.kind == "agent"
    async with asyncio.timeout(60):
        await server.hung_up.wait()


async def test_nothing_is_heard_after_cancelling(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(FAULTS["endless"])
    heard: list[str] = []
    spoke = asyncio.Event()

    def hear(text: str) -> None:
        heard.append(text)
        spoke.set()

    task = asyncio.create_task(model.complete(ask(), hear))
    await spoke.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    before = list(heard)

    async with asyncio.timeout(60):
        await server.hung_up.wait()

    assert heard == before


async def test_an_exception_of_the_listener_is_the_callers_own(model: LitellmModel, server: OpenAIServer) -> None:
    def refuse(text: str) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        await model.complete(ask(), refuse)


async def test_a_closed_port_is_transient(model: LitellmModel, server: OpenAIServer) -> None:
    await server.__aexit__()

    error = await fault(model, ask())

    assert error.failure.kind == "transient"
    assert "cannot be reached" in error.failure.message
    assert error.usage is None


async def test_a_missing_key_asks_nobody(server: OpenAIServer, model: LitellmModel) -> None:
    with pytest.raises(CallFailed, match="GROQ_API_KEY") as caught:
        await model.complete(Request("groq/llama-3.1-8b-instant", ()), lambda text: None)

    assert caught.value.failure.kind == "authentication"
    assert server.requests == []


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"OPENAI_BASE_URL": "garbage"}, "validation"),
        ({"OPENAI_API_KEY": "sk-one\nsk-two"}, "authentication"),
        ({"OPENAI_API_KEY": "sk-é"}, "authentication"),
    ],
)
async def test_what_cannot_be_sent_asks_nobody_and_says_what_to_do(
    environ: dict[str, str], kind: FailureClass, server: OpenAIServer
) -> None:
    settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, **environ}
    model = LitellmModel(LocalKeys(settings), SystemClock())

    error = await fault(model, ask())

    assert error.failure.kind == kind
    assert error.failure.message.startswith(f"openai/gpt-4o cannot be called: {next(iter(environ))} ")
    assert error.failure.hint
    assert error.usage is None
    assert server.requests == []


async def test_many_calls_at_once_are_kept_apart(model: LitellmModel, server: OpenAIServer) -> None:
    async def echo(exchange: Exchange) -> None:
        await answer(exchange.received.body["messages"][0]["content"], size=3)(exchange)

    server.script(echo)

    async def one(number: int) -> tuple[str, Reply]:
        heard: list[str] = []
        request = Request("gpt-4o", (Message("user", f"call number {number}"),))
        reply = await model.complete(request, heard.append)
        return "".join(heard), reply

    for number, (heard, reply) in enumerate(await asyncio.gather(*map(one, range(20)))):
        assert heard == reply.text == f"call number {number}"


async def test_a_request_is_sent_as_it_was_asked(model: LitellmModel, server: OpenAIServer) -> None:
    server.script(answer(tool_calls=[call("read", {"path": "a"})]))
    request = Request("gpt-4o", (Message("user", "Hi"),), temperature=0.2, max_tokens=77)

    await model.complete(request, lambda text: None)

    received = server.requests[0]
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.body["messages"] == [{"role": "user", "content": "Hi"}]
    assert received.streams
    assert received.wants_usage
    assert (received.body["temperature"], received.body["max_tokens"]) == (0.2, 77)
    assert "tools" not in received.body
