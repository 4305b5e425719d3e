"""What follows a model's reply and its tools' answers: decided without a model, a tool or an engine."""

from __future__ import annotations

import re

import pytest

from agents.definition import Agent
from agents.loop import MISUSES, REASKS, Asked, Done, Talk, ToolAnswer, after_reply, after_tools
from agents.models.port import Message, Reply, ToolCall
from workflows.effects import Usage
from workflows.errors import CallFailed
from workflows.values import Json

AGENT = Agent("helper", "Helps", "You help.", max_turns=20)
START = Talk((Message("system", "You help."), Message("user", "Help me.")))
CALL = ToolCall("c1", "look", {"at": 1})
SCHEMA: Json = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def reply(text: str = "", *calls: ToolCall) -> Reply:
    return Reply(text, Usage("demo/scripted"), calls)


def asked(talk: Talk, *calls: ToolCall, text: str = "", agent: Agent = AGENT) -> Asked:
    found = after_reply(talk, reply(text, *calls), agent)
    assert isinstance(found, Asked)
    return found


def test_text_alone_is_the_answer() -> None:
    assert after_reply(START, reply("Done."), AGENT) == Done("Done.")


def test_tool_calls_and_their_answers_join_the_conversation_in_order() -> None:
    second = ToolCall("c2", "look", {"at": 2})
    talk = after_tools(asked(START, CALL, second, text="Let me look."), [ToolAnswer("one"), ToolAnswer("two")], AGENT)
    assert talk.turn == 2
    assert talk.messages[2:] == (
        Message("assistant", "Let me look.", (CALL, second)),
        Message("tool", "one", tool_call_id="c1"),
        Message("tool", "two", tool_call_id="c2"),
    )
    assert talk.heard == talk.messages[3:], "what the model has not answered yet"
    assert START.heard == START.messages


def misuse(talk: Talk) -> Talk:
    return after_tools(asked(talk, CALL), [ToolAnswer("no such tool", misuse=True)], AGENT)


def test_misuse_goes_back_to_the_model_twice_and_then_the_agent_has_failed() -> None:
    talk = START
    for _ in range(MISUSES):
        talk = misuse(talk)
    with pytest.raises(CallFailed) as caught:
        misuse(talk)
    assert caught.value.failure.kind == "agent"
    assert "3 turns in a row" in caught.value.message
    assert "no such tool" in caught.value.message


def test_a_turn_that_goes_well_forgives() -> None:
    talk = misuse(misuse(START))
    talk = after_tools(asked(talk, CALL), [ToolAnswer("seen")], AGENT)
    assert misuse(misuse(talk)).misused == 2


def test_one_wrong_call_among_good_ones_counts() -> None:
    talk = after_tools(asked(START, CALL, CALL), [ToolAnswer("seen"), ToolAnswer("wrong", misuse=True)], AGENT)
    assert talk.misused == 1


def test_turns_are_limited_before_another_tool_is_used() -> None:
    agent = Agent("helper", "Helps", "You help.", max_turns=2)
    talk = after_tools(asked(START, CALL, agent=agent), [ToolAnswer("seen")], agent)
    with pytest.raises(CallFailed, match="no answer in 2 turns") as caught:
        after_reply(talk, reply("", CALL), agent)
    assert caught.value.failure.kind == "agent"
    assert after_reply(talk, reply("Done."), agent) == Done("Done."), "the last turn may still answer"


STRICT = Agent("helper", "Helps", "You help.", output_schema=SCHEMA)


@pytest.mark.parametrize("text", ['{"n": 3}', ' {"n": 3}\n', '```json\n{"n": 3}\n```', '```\n{"n": 3}\n```\n'])
def test_an_answer_that_fits_the_schema(text: str) -> None:
    assert after_reply(START, reply(text), STRICT) == Done(text, {"n": 3})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Three.", "not JSON"),
        ('{"n": NaN}', "not JSON"),
        ('{"n": "3"}', r"\$\.n: '3' is not of type 'integer'"),
        ("{}", "'n' is a required property"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_asked_for_again(text: str, why: str) -> None:
    talk = after_reply(START, reply(text), STRICT)
    assert isinstance(talk, Talk)
    assert (talk.turn, talk.unfit) == (2, 1)
    assert talk.messages[-2] == Message("assistant", text)
    assert talk.heard == talk.messages[-1:]
    assert re.search(why, talk.heard[0].content)


def test_an_answer_is_asked_for_again_only_so_often() -> None:
    talk = START
    for _ in range(REASKS):
        again = after_reply(talk, reply("Three."), STRICT)
        assert isinstance(again, Talk)
        talk = again
    with pytest.raises(CallFailed, match="in 3 tries") as caught:
        after_reply(talk, reply("Three."), STRICT)
    assert caught.value.failure.kind == "agent"


def test_asking_again_counts_as_a_turn() -> None:
    agent = Agent("helper", "Helps", "You help.", max_turns=1, output_schema=SCHEMA)
    with pytest.raises(CallFailed, match="no answer in 1 turn"):
        after_reply(START, reply("Three."), agent)


def test_a_schema_fetches_nothing() -> None:
    agent = Agent("helper", "Helps", "You help.", output_schema={"$ref": "http://127.0.0.1:1/schema.json"})
    talk = after_reply(START, reply("{}"), agent)
    assert isinstance(talk, Talk)
    assert "leads nowhere" in talk.heard[0].content
