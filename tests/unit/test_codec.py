"""Events as JSON and back: strict both ways."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from tests.support.journals import every_event
from workflows.effects import Usage
from workflows.errors import Failure
from workflows.journal.codec import decode, encode, encode_text, text_of
from workflows.journal.port import StoreError
from workflows.journal.texts import MANY
from workflows.records import dataclass
from workflows.runs import events as e


@pytest.mark.parametrize("recorded", every_event(), ids=lambda one: type(one.event).__name__)
def test_every_event_comes_back_through_text(recorded: e.Recorded) -> None:
    event = recorded.event
    text = text_of(encode(event))
    assert decode(type(event).__name__, event.version, json.loads(text.encode())) == event


@pytest.mark.parametrize("recorded", every_event(), ids=lambda one: type(one.event).__name__)
def test_the_text_that_is_made_at_once_says_all_that_is_not_a_default(recorded: e.Recorded) -> None:
    event, body = recorded.event, json.loads(encode_text(recorded.event))
    assert decode(type(event).__name__, event.version, body) == event
    assert set(body) == {each.name for each in fields(event) if getattr(event, each.name) is not each.default}


@pytest.mark.parametrize("recorded", every_event(), ids=lambda one: type(one.event).__name__)
def test_what_is_written_often_is_written_as_it_was_the_first_time(recorded: e.Recorded) -> None:
    first = encode_text(recorded.event)
    assert {encode_text(recorded.event) for _ in range(MANY)} == {first}


def test_every_field_of_every_event_is_written() -> None:
    for recorded in every_event():
        assert set(encode(recorded.event)) == {each.name for each in fields(recorded.event)}


def test_keys_keep_their_order() -> None:
    event = e.CallFinished("a", "k", {"z": 1, "a": {"y": 2, "b": 3}})
    back = decode("CallFinished", 1, json.loads(text_of(encode(event))))
    assert isinstance(back, e.CallFinished)
    assert list(back.output) == ["z", "a"]
    assert list(back.output["a"]) == ["y", "b"]


def test_mappings_and_tuples_become_plain_json() -> None:
    assert encode(e.CallFinished("a", "k", {"t": (1, 2)}))["output"] == {"t": [1, 2]}


@pytest.mark.parametrize(
    "event",
    [
        e.CallFinished("a", "k", {"when": object()}),
        e.CallFinished("a", "k", {1: "x"}),
        e.CallFinished("a", "k", float("nan")),
        e.CallFinished("a", "k", 1, Failure("timeout", "late")),  # type: ignore[arg-type]  # that is the point
        e.RunPaused(3),  # type: ignore[arg-type]  # that is the point
        e.RunFinished("done"),  # type: ignore[arg-type]  # that is the point
        e.AttemptStarted("a", True),
        e.AttemptFinished("a", 1, "lost"),  # type: ignore[arg-type]  # that is the point
    ],
)
@pytest.mark.parametrize("often", [False, True])
def test_what_does_not_fit_is_not_written(event: e.Event, often: bool) -> None:
    if often:
        fitting = next(one.event for one in every_event() if type(one.event) is type(event))
        for _ in range(MANY):
            encode_text(fitting)
    with pytest.raises(StoreError, match="cannot be written") as refused:
        encode(event)
    with pytest.raises(StoreError) as refused_as_text:
        encode_text(event)
    assert refused_as_text.value.message == refused.value.message


def test_an_event_of_nobodys_is_not_written() -> None:
    @dataclass(frozen=True)
    class Invented(e.RunPaused):
        pass

    with pytest.raises(StoreError, match="Invented is not an event"):
        encode(Invented())


@pytest.mark.parametrize(
    ("kind", "version", "body", "why"),
    [
        ("RunVanished", 1, {}, "not known to this release"),
        ("RunPaused", 2, {"why": ""}, "not known to this release"),
        ("RunPaused", 1, {"why": "", "mood": "blue"}, "no field mood"),
        ("RunPaused", 1, {"why": 5}, "why: int where str belongs"),
        ("RunPaused", 1, [], "not an object"),
        ("StepFinished", 1, {"status": "failed"}, "lacks step"),
        ("StepFinished", 1, {"step": "a", "status": "fine"}, "'fine' is none of"),
        ("RunFinished", 1, {"status": "failed", "failure": {"kind": "timeout"}}, "failure: Failure lacks message"),
        ("TimerSet", 1, {"step": "a", "key": "k", "until": "soon"}, "until: str where a number belongs"),
        ("Asked", 1, {"entry": 1}, "lacks"),
    ],
)
def test_what_is_not_known_is_not_guessed(kind: str, version: int, body: Any, why: str) -> None:
    with pytest.raises(StoreError, match=why) as caught:
        decode(kind, version, body)
    assert caught.value.hint


def test_a_field_that_was_added_with_a_default_may_be_missing() -> None:
    assert decode("RunFinished", 1, {"status": "succeeded"}) == e.RunFinished("succeeded")


def test_a_whole_number_is_a_number() -> None:
    event = decode("TimerSet", 1, {"step": "a", "key": "k", "until": 5})
    assert event == e.TimerSet("a", "k", 5.0)


def test_old_versions_are_brought_up_to_date_step_by_step() -> None:
    upcasters = {
        ("CallDone", 1): lambda body: ("CallDone", 2, {**body, "key": "run"}),
        ("CallDone", 2): lambda body: ("CallFinished", 1, {"output": body.pop("result"), **body}),
    }
    event = decode("CallDone", 1, {"step": "a", "result": 7}, upcasters)
    assert event == e.CallFinished("a", "run", 7)
    with pytest.raises(StoreError, match=r"CallDone \(version 1\) is not known"):
        decode("CallDone", 1, {"step": "a", "result": 7})


def test_nested_values_come_back_as_their_classes() -> None:
    usage = Usage("m", 1, None, None, 0.5, simulated=True)
    event = decode("CallFinished", 1, encode(e.CallFinished("a", "k", None, usage)))
    assert isinstance(event, e.CallFinished)
    assert event.usage == usage


def test_half_a_surrogate_pair_survives() -> None:
    for value in ("bad \udce9 byte", {"out": "bad \udce9 byte"}):
        assert json.loads(text_of(value).encode()) == value
        assert decode("Noted", 1, json.loads(encode_text(e.Noted("a", "bad \udce9 byte")).encode())).text
        finished = e.CallFinished("a", "k", value)
        assert decode("CallFinished", 1, json.loads(encode_text(finished).encode())) == finished
