"""Making room in long conversations: what is cut, in which order, and what never is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.models.port import Message, Request, ToolCall, ToolSpec
from agents.trimming import about, trimmed

LONG = "word " * 2400
"""4,000 tokens, as they are reckoned here."""


def turn(number: int, *results: str, tool: str = "look") -> tuple[Message, ...]:
    """A turn in which the model calls for tools, with what they return. Ids begin anew in each, as some models do."""
    calls = tuple(ToolCall(f"call_{n}", tool, {"turn": number}) for n in range(len(results)))
    told = (Message("tool", result, tool_call_id=f"call_{n}") for n, result in enumerate(results))
    return (Message("assistant", f"Turn {number}.", calls), *told)


def request(*turns: tuple[Message, ...], task: str = "Do it.") -> Request:
    messages = (Message("system", "You help."), Message("user", task), *(message for each in turns for message in each))
    return Request("demo/told", messages, (ToolSpec("look", "Looks", {"type": "object"}),), max_tokens=100)


def results(found: Request) -> list[str]:
    return [message.content for message in found.messages if message.role == "tool"]


def test_what_fits_stays_as_it_is() -> None:
    whole = request(turn(1, LONG))
    assert trimmed(whole, None).request == whole
    assert trimmed(whole, 10_000).request == whole


def test_the_oldest_results_give_way_first_and_no_more_than_must() -> None:
    fits = trimmed(request(turn(1, LONG, LONG), turn(2, LONG), turn(3, LONG)), 9_000)
    gone = "[The call was made. Its result, 12000 characters that you have read, was cut to make room.]"
    assert results(fits.request) == [gone, gone, LONG, LONG]
    assert (fits.cut, fits.shortened) == (2, 0)
    assert str(fits) == "2 older tool results cut to make room in what demo/told can read"
    assert about(fits.request) <= 8_900


def test_what_the_model_has_not_read_comes_last_and_keeps_its_head_and_tail() -> None:
    fits = trimmed(request(turn(1, LONG), turn(2, f"HEAD{LONG}TAIL")), 2_000)
    old, new = results(fits.request)
    assert old.startswith("[The call was made.")
    assert (new[:4], new[-4:]) == ("HEAD", "TAIL")
    assert "\n[10008 characters were cut to make room.]\n" in new
    assert (fits.cut, fits.shortened) == (1, 1)


def test_the_prompt_the_task_and_instructions_stay_whatever_happens() -> None:
    whole = request(turn(1, LONG, tool="skill_read"), task=LONG)
    assert trimmed(whole, 1_000, lambda tool: tool == "skill_read").request == whole


def test_short_results_are_not_made_longer() -> None:
    whole = request(turn(1, "ok"), turn(2, "ok"), task=LONG)
    assert trimmed(whole, 1_000).request == whole


TURNS = st.lists(st.lists(st.integers(0, 20_000), min_size=1, max_size=4), max_size=6)


@given(TURNS, st.integers(0, 60_000))
def test_every_call_keeps_an_answer_and_all_else_stays(sizes: list[list[int]], window: int) -> None:
    whole = request(*(turn(n, *("x" * size for size in each)) for n, each in enumerate(sizes)))
    fits = trimmed(whole, window).request
    assert [(m.role, m.tool_calls, m.tool_call_id) for m in fits.messages] == [
        (m.role, m.tool_calls, m.tool_call_id) for m in whole.messages
    ]
    assert [m for m in fits.messages if m.role != "tool"] == [m for m in whole.messages if m.role != "tool"]
    assert about(fits) <= about(whole)
    assert trimmed(fits, None).request == fits
