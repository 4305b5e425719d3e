"""Requests as the protocol writes them, answers put together from deltas, and which of them count."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.accept import accept
from agents.models.port import Message, Request, ToolCall, ToolSpec
from agents.models.wire import Answer, messages_of, tool_call, tools_of
from workflows.effects import Usage
from workflows.errors import CallFailed, FailureClass

USAGE = Usage("openai/gpt-4o", 12, 7, None, 0.01)


def delta(content: str | None = None, **call: Any) -> SimpleNamespace:
    if not call:
        return SimpleNamespace(content=content, tool_calls=None)
    function = SimpleNamespace(name=call.get("name"), arguments=call.get("arguments"))
    part = SimpleNamespace(index=call.get("index"), id=call.get("id"), function=function)
    return SimpleNamespace(content=content, tool_calls=[part])


def test_a_conversation_is_written_as_the_protocol_has_it() -> None:
    call = ToolCall("call_1", "git_log", {"b": 1, "a": "é"})
    request = Request(
        "m",
        (
            Message("system", "Be brief."),
            Message("user", "What changed?"),
            Message("assistant", "", (call,)),
            Message("tool", "nothing", tool_call_id="call_1"),
        ),
        (ToolSpec("git_log", "Reads the log.", {"type": "object"}),),
    )

    assert messages_of(request) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What changed?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "git_log", "arguments": '{"a":"é","b":1}'}}
            ],
        },
        {"role": "tool", "content": "nothing", "tool_call_id": "call_1"},
    ]
    function = {"name": "git_log", "description": "Reads the log.", "parameters": {"type": "object"}}
    assert tools_of(request) == [{"type": "function", "function": function}]


@given(st.lists(st.text(min_size=1), max_size=8), st.data())
def test_deltas_make_up_the_text_and_the_calls(texts: list[str], data: st.DataObject) -> None:
    answer = Answer()
    arguments = '{"path": "src/a.py", "lines": [1, 2]}'
    cuts = sorted(data.draw(st.sets(st.integers(1, len(arguments) - 1), max_size=5)))

    heard = [answer.add(delta(text)) for text in texts]
    answer.add(delta(index=0, id="a", name="read", arguments=""))
    answer.add(delta(index=1, id="b", name="list", arguments="{}"))
    for start, end in zip([0, *cuts], [*cuts, len(arguments)], strict=True):
        answer.add(delta(index=0, arguments=arguments[start:end]))

    assert "".join(heard) == answer.text == "".join(texts)
    assert answer.tool_calls() == (
        ToolCall("a", "read", {"path": "src/a.py", "lines": [1, 2]}),
        ToolCall("b", "list", {}),
    )
    assert answer.size == len(answer.text) + len(arguments) + 2


def test_calls_without_an_id_or_with_one_twice_get_ids_of_their_own() -> None:
    answer = Answer()
    for index, given_id in enumerate(["same", "same", None, ""]):
        answer.add(delta(index=index, id=given_id, name="read", arguments="{}"))

    ids = [call.id for call in answer.tool_calls()]

    assert ids == ["same", "call_2", "call_3", "call_4"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("read", '{"a": 1, oops', "not valid JSON"),
        ("read", '{"a": NaN}', "not valid JSON"),
        ("read", "[" * 100_000, "not valid JSON"),
        ("read", "[1]", "are array, not a JSON object"),
        ("read", "null", "are null, not a JSON object"),
        ("", '{"a": 1}', "names no tool"),
    ],
)
def test_arguments_that_cannot_be_used_are_a_fault(name: str, text: str, fault: str) -> None:
    call = tool_call("call_1", name, text)

    assert fault in call.fault
    assert call.arguments == {}


def test_no_arguments_at_all_are_none() -> None:
    assert tool_call("call_1", "now", " ") == ToolCall("call_1", "now", {})


@pytest.mark.parametrize(
    ("reason", "text", "kind"),
    [
        (None, "", "transient"),
        (None, "Half an ans", "transient"),
        ("length", "Half an ans", "agent"),
        ("MAX_TOKENS", "Half an ans", "agent"),
        ("content_filter", "Half an ans", "agent"),
        ("MALFORMED_FUNCTION_CALL", "Half an ans", "agent"),
        ("stop", "", "agent"),
        ("stop", " \n", "agent"),
    ],
)
def test_an_answer_that_does_not_count(reason: str | None, text: str, kind: FailureClass) -> None:
    answer = Answer()
    answer.add(delta(text))

    with pytest.raises(CallFailed) as caught:
        accept(answer, reason, USAGE)

    assert caught.value.failure.kind == kind
    assert caught.value.usage == USAGE


def test_a_call_that_was_cut_is_never_returned() -> None:
    answer = Answer()
    answer.add(delta(index=0, id="a", name="delete", arguments='{"path": "/tmp"}'))

    with pytest.raises(CallFailed) as caught:
        accept(answer, "length", USAGE)

    assert "max_tokens" in caught.value.hint


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "STOP", "end_turn", "banana"])
def test_an_ended_answer_counts(reason: str) -> None:
    answer = Answer()
    answer.add(delta("Done."))

    assert accept(answer, reason, USAGE).text == "Done."
