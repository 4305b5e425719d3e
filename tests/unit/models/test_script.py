"""Scripts: read from plain data, and which turn answers which request."""

import asyncio
from collections.abc import Sequence

import pytest

from agents.models.port import Message, Request, ToolCall
from agents.models.script import Script, Turn
from agents.models.scripted import ScriptedModel
from tests.support.clocks import VirtualClock
from workflows.errors import CallFailed, Failure, UnderstudyError
from workflows.values import Json

MODEL = "scripted/reviewer"
USER = Message("user", "Review it.")
SAID = Message("assistant", "So far.")


def model(*turns: Turn, clock: VirtualClock | None = None) -> ScriptedModel:
    return ScriptedModel({MODEL: Script(turns)}.get, clock or VirtualClock())


def request(*messages: Message, deadline: float = 100.0, idle: float = 50.0, name: str = MODEL) -> Request:
    return Request(name, messages or (USER,), deadline=deadline, idle=idle)


async def test_turns_answer_in_the_order_of_the_conversation() -> None:
    scripted = model(Turn("one"), Turn("two"))

    replies = [
        await scripted.complete(request(*messages), lambda text: None)
        for messages in ([USER], [USER, SAID, USER], [USER])
    ]

    assert [reply.text for reply in replies] == ["one", "two", "one"]


async def test_a_turn_that_matches_the_last_message_goes_first() -> None:
    scripted = model(Turn("in order"), Turn("about tests", match="tests"))

    matched = await scripted.complete(request(USER, SAID, Message("tool", "3 tests failed")), lambda text: None)
    other = await scripted.complete(request(Message("user", "Hello")), lambda text: None)

    assert (matched.text, other.text) == ("about tests", "in order")


async def test_a_script_that_has_nothing_more_to_say_fails() -> None:
    with pytest.raises(CallFailed, match="1 answers in order and is asked for number 2"):
        await model(Turn("one")).complete(request(USER, SAID), lambda text: None)


async def test_a_model_without_a_script_says_so() -> None:
    with pytest.raises(CallFailed, match="scripted/nobody") as caught:
        await model(Turn("one")).complete(request(name="scripted/nobody"), lambda text: None)

    assert caught.value.failure.kind == "dependency"


async def test_a_failure_comes_after_its_text() -> None:
    heard: list[str] = []
    failure = Failure("rate_limited", "Slow down.", retry_after=7.0)

    with pytest.raises(CallFailed) as caught:
        await model(Turn("Half", fail=failure, chunk=2)).complete(request(), heard.append)

    assert heard == ["Ha", "lf"]
    assert caught.value.failure == failure
    assert caught.value.usage
    assert caught.value.usage.simulated


async def test_tool_calls_get_ids_that_are_not_taken() -> None:
    before = Message("assistant", "", (ToolCall("call_1", "read", {}),))
    calls = (ToolCall("", "read", {"path": "a"}), ToolCall("mine", "read", {}), ToolCall("", "list", {}))

    reply = await model(Turn("x"), Turn(tool_calls=calls)).complete(request(USER, before), lambda text: None)

    assert [call.id for call in reply.tool_calls] == ["call_2", "mine", "call_3"]


async def test_delays_are_slept_on_the_clock() -> None:
    clock = VirtualClock()
    heard: list[str] = []
    task = asyncio.create_task(model(Turn("abcd", chunk=2, delay=3.0), clock=clock).complete(request(), heard.append))
    await clock.advance(0)
    seen = []
    for _ in range(2):
        await clock.advance(2.5)
        seen.append("".join(heard))
        await clock.advance(0.5)
        seen.append("".join(heard))

    assert seen == ["", "ab", "ab", "abcd"]
    assert (await task).text == "abcd"


@pytest.mark.parametrize(
    ("deadline", "idle", "words", "passed"),
    [(10.0, 50.0, "no complete answer within 10 s", 10.0), (100.0, 2.0, "no more text within 2 s", 2.0)],
)
async def test_limits_are_kept_on_the_clock(deadline: float, idle: float, words: str, passed: float) -> None:
    clock = VirtualClock()
    slow = model(Turn("abcd", chunk=1, delay=3.0), clock=clock)
    started = clock.monotonic()
    task = asyncio.create_task(slow.complete(request(deadline=deadline, idle=idle), lambda text: None))
    await clock.advance(0)
    while not task.done():
        await clock.advance(1.0)

    with pytest.raises(CallFailed, match=words) as caught:
        await task
    assert caught.value.failure.kind == "timeout"
    assert clock.monotonic() - started == passed


@pytest.mark.parametrize(
    ("data", "turns"),
    [
        (["Hello"], [Turn("Hello")]),
        ({"turns": [{"text": "Hello", "chunk": 4, "delay": 1}]}, [Turn("Hello", chunk=4, delay=1)]),
        (
            [{"tool_calls": [{"name": "read", "arguments": {"path": "a"}}], "match": "a"}],
            [Turn(tool_calls=(ToolCall("", "read", {"path": "a"}),), match="a")],
        ),
        (
            [{"fail": {"kind": "transient", "message": "Gone.", "retry_after": 2.5}}],
            [Turn(fail=Failure("transient", "Gone.", retry_after=2.5))],
        ),
    ],
)
def test_scripts_are_read_from_data(data: Json, turns: Sequence[Turn]) -> None:
    assert Script.from_data(data) == Script(tuple(turns))


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (None, ["script: expected a list of turns, not null."]),
        ([], ["script: it has no turns."]),
        ({"turn": ["x"]}, ["script.turn: there is no such key; did you mean 'turns'?.", "script: it has no turns."]),
        ([{"txt": "x"}], ["turns[0].txt: there is no such key; did you mean 'text'?.", "turns[0]: it needs text"]),
        ([{1: "x"}], ["turns[0].1: there is no such key; known are text, tool_calls"]),
        (
            [3, {"text": 4, "chunk": True}],
            ["turns[0]: expected an object, not integer.", "turns[1].text: expected text"],
        ),
        ([{"text": "x", "chunk": -1}], ["turns[0]: chunk and delay are not negative."]),
        ([{"tool_calls": [{"arguments": []}]}], ["turns[0].tool_calls[0].arguments: expected an object, not array."]),
        ([{"tool_calls": [{"arguments": []}]}], ["turns[0].tool_calls[0].name: the name of the tool is missing."]),
        ([{"fail": {"kind": "odd"}}], ["turns[0].fail.kind: 'odd' is none of transient, "]),
        ([{"fail": {}, "tool_calls": [{"name": "a"}]}], ["turns[0]: a turn that fails has no tool_calls."]),
    ],
)
def test_everything_wrong_in_a_script_is_named(data: Json, problems: Sequence[str]) -> None:
    with pytest.raises(UnderstudyError) as caught:
        Script.from_data(data)

    assert all(problem in caught.value.message for problem in problems), caught.value.message
