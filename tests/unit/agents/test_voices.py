"""Who is heard in a step: one at a time, all of what each says, and nobody in the name of another."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from agents.voices import Voices


def heard() -> tuple[Voices, list[str]]:
    shown: list[str] = []
    return Voices(shown.append), shown


def test_the_steps_own_agent_has_no_mark_and_turns_are_paragraphs() -> None:
    voices, shown = heard()
    for text in ("Let me look.", "It boils.\n", "Really."):
        with voices.turn("") as say:
            say(text[:3])
            say(text[3:])
    assert "".join(shown) == "Let me look.\n\nIt boils.\n\nReally."


def test_each_line_of_another_begins_with_its_name() -> None:
    voices, shown = heard()
    with voices.turn("") as say:
        say("I ask.")
    with voices.turn("reader") as say:
        for piece in ("One\nT", "wo\n", "\nThree"):
            say(piece)
    with voices.turn("") as say:
        say("Thanks.")
    assert "".join(shown) == "I ask.\n\nreader │ One\nreader │ Two\n\nreader │ Three\n\nThanks."


def test_what_is_said_meanwhile_waits_and_is_told_whole() -> None:
    voices, shown = heard()
    with ExitStack() as stack:
        one = stack.enter_context(voices.turn("one"))
        two = stack.enter_context(voices.turn("two"))
        with voices.turn("three") as three:
            one("a")
            two("x")
            three("u")
            one("b")
        assert "".join(shown) == "one │ ab"
        stack.pop_all().close()
    assert "".join(shown) == "one │ ab\n\ntwo │ x\n\nthree │ u"


def test_the_next_one_is_heard_as_it_goes_on() -> None:
    voices, shown = heard()
    two = voices.turn("two")
    with voices.turn("one") as say:
        say("a")
        other = two.__enter__()
        other("x")
        assert shown[-1] == "", "a sign of life"
    other("y")
    assert "".join(shown) == "one │ a\n\ntwo │ xy"
    two.__exit__(None, None, None)


@given(st.lists(st.text(st.sampled_from("ab │\r\n\u2028\x0b"), max_size=12)))
def test_nobody_speaks_for_somebody_else(pieces: list[str]) -> None:
    voices, shown = heard()
    with voices.turn("reader") as say:
        for piece in pieces:
            say(piece)
    lines = "".join(shown).splitlines()
    assert all(line.startswith("reader │ ") for line in lines if line)
