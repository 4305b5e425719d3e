"""What comes from outside is bounded, cleaned and without secrets once it has crossed the border."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.border import DEEPEST, MOST_ITEMS, MOST_TEXT, LiveText, admit, admit_failure
from workflows.errors import Failure
from workflows.secrets import MASK, Redactor, Secret, placeholder

VALUE = "sk-live-4f9a8e7d6c5b"
REDACTOR = Redactor([Secret(VALUE)])


def test_texts_and_keys_are_cleaned_and_redacted() -> None:
    value = {f"\x1b[31m{VALUE}": ["a\x1b[2Jb", VALUE, 1, 2.5, None, True]}
    assert admit(value, redactor=REDACTOR) == {MASK: ["a\ufffdb", MASK, 1, 2.5, None, True]}


def test_whatever_works_as_a_list_or_an_object_is_admitted_as_one() -> None:
    assert admit(({"a": (VALUE, "\x1b[2J")},), redactor=REDACTOR) == [{"a": [MASK, "\ufffd"]}]
    assert admit(MappingProxyType({VALUE: ()}), redactor=REDACTOR) == {MASK: []}
    with pytest.raises(TypeError, match="text keys"):
        admit([{1: VALUE}], redactor=REDACTOR)


def test_a_secret_with_colours_in_it_is_found_after_cleaning() -> None:
    assert admit("sk-live\x1b[1m-4f9a8\x1b[0me7d6c5b", redactor=REDACTOR) == MASK


def test_no_placeholder_comes_from_outside() -> None:
    nonce = "0123456789abcdef"
    assert admit([placeholder("TOKEN", nonce)], redactor=REDACTOR) == ["•••TOKEN•••"]


def test_what_is_within_bounds_stays_as_it_is() -> None:
    value = {"text": "x" * (MOST_TEXT - 4), "list": [[[]], {}, 2**63]}
    assert admit(value["list"], redactor=REDACTOR) == value["list"]
    assert admit("y" * MOST_TEXT, redactor=REDACTOR) == "y" * MOST_TEXT


def test_a_text_too_long_keeps_its_head_and_its_tail() -> None:
    text = "head" + "x" * (2 * MOST_TEXT) + "tail"
    kept = admit(text, redactor=REDACTOR)
    assert len(kept) <= MOST_TEXT
    assert kept.startswith("head")
    assert kept.endswith("tail")
    assert "characters left out" in kept


def test_the_longest_texts_are_cut_first() -> None:
    kept = admit({"small": "s" * 1000, "one": "1" * MOST_TEXT, "two": "2" * MOST_TEXT}, redactor=REDACTOR)
    assert kept["small"] == "s" * 1000
    assert len(kept["one"]) == len(kept["two"]) > MOST_TEXT // 3
    assert sum(map(len, (*kept, *kept.values()))) <= MOST_TEXT


def test_a_secret_is_not_cut_in_two_but_redacted() -> None:
    for before in range(MOST_TEXT // 2 - 80, MOST_TEXT // 2 + 40, 7):
        kept = admit("x" * before + VALUE + "y" * MOST_TEXT, redactor=REDACTOR)
        assert "sk-live" not in kept
        assert "6c5b" not in kept


def test_too_many_items_leave_a_note() -> None:
    kept = admit(list(range(MOST_ITEMS + 10)), redactor=REDACTOR)
    assert (len(kept), kept[0], kept[-1]) == (MOST_ITEMS + 1, 0, MOST_ITEMS + 9)
    assert "… 10 items left out …" in kept
    fields = admit({f"{n:x}": n for n in range(MOST_ITEMS + 10)}, redactor=REDACTOR)
    assert fields["…"] == "… 10 items left out …"


def test_depth_and_numbers_are_bounded() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    kept = json.dumps(admit(deep, redactor=REDACTOR), ensure_ascii=False)
    assert kept.count("[") == DEEPEST
    assert "left out" in kept
    assert "left out" in admit(10**5000, redactor=REDACTOR)


JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.just(VALUE),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_crossing_twice_changes_nothing(value: object) -> None:
    once = admit(value, redactor=REDACTOR)
    assert admit(once, redactor=REDACTOR) == once
    assert VALUE not in json.dumps(once)


def test_a_failure_is_admitted_whole() -> None:
    failure = Failure("business", f"\x1b[2Jno {VALUE}" + "x" * 10_000, "\x07see", {"k": [VALUE, "z" * 50_000]}, 3.0)
    kept = admit_failure(failure, redactor=REDACTOR)
    assert kept.message.startswith(f"\ufffdno {MASK}xx")
    assert len(kept.message) <= 2000
    assert kept.hint == "\ufffdsee"
    assert kept.detail["k"][0] == MASK
    assert len(kept.detail["k"][1]) <= 16_000
    assert (kept.kind, kept.retry_after) == ("business", 3.0)


def test_live_text_is_cleaned_and_redacted_across_pieces() -> None:
    passed: list[str] = []
    live = LiveText(passed.append, REDACTOR)
    for piece in ("he\x1b[3", "1mllo sk-li", "ve-4f9a8e7d6", "c5b and\r", "\nmore sk-"):
        live(piece)
    live.flush()
    assert "".join(passed) == f"hello {MASK} and\nmore sk-"


WORDS = st.lists(
    st.sampled_from(["plain", " ", "\n", "\r\n", "\x1b[31m", "\x1b[0m", "\x1b]0;title\x07", "\x1b[2J", "é", "10%\r"]),
    max_size=12,
).map("".join)


def live(*chunks: str) -> str:
    shown: list[str] = []
    text = LiveText(shown.append, Redactor())
    for chunk in chunks:
        text(chunk)
    text.flush()
    return "".join(shown)


@given(WORDS, st.integers(0, 200))
def test_where_a_chunk_ends_makes_no_difference(text: str, cut: int) -> None:
    whole, halves = live(text), live(text[:cut], text[cut:])
    # Two removals in a row share one mark, unless a chunk ends between them.
    assert whole.replace("�", "") == halves.replace("�", "")
    assert "\x1b" not in halves
    assert "title" not in halves
    assert "\r" not in halves


def test_what_is_complete_is_shown_at_once() -> None:
    shown: list[str] = []
    text = LiveText(shown.append, Redactor())
    text("half a li")
    text("ne\x1b[3")
    assert "".join(shown) == "half a line"
    text("1mred")
    assert "".join(shown) == "half a linered"


def test_an_escape_that_never_ends_is_not_held_for_ever() -> None:
    shown: list[str] = []
    text = LiveText(shown.append, Redactor())
    text("\x1b]0;" + "x" * 10_000)
    text("\nnext")
    text.flush()
    assert "next" in "".join(shown)
    assert "\x1b" not in "".join(shown)
