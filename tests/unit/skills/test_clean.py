"""Live text is cleaned although it comes in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skills.clean import LiveText, clean_failure, clean_preview
from skills.declare import Preview
from workflows.errors import Failure

words = st.lists(
    st.sampled_from(["plain", " ", "\n", "\r\n", "\x1b[31m", "\x1b[0m", "\x1b]0;title\x07", "\x1b[2J", "é", "10%\r"]),
    max_size=12,
).map("".join)


def live(*chunks: str) -> str:
    shown: list[str] = []
    text = LiveText(shown.append)
    for chunk in chunks:
        text(chunk)
    text.flush()
    return "".join(shown)


@given(words, st.integers(0, 200))
def test_where_a_chunk_ends_makes_no_difference(text: str, cut: int) -> None:
    whole, halves = live(text), live(text[:cut], text[cut:])
    # Two removals in a row share one mark, unless a chunk ends between them.
    assert whole.replace("�", "") == halves.replace("�", "")
    assert "\x1b" not in halves
    assert "title" not in halves
    assert "\r" not in halves


def test_what_is_complete_is_shown_at_once() -> None:
    shown: list[str] = []
    text = LiveText(shown.append)
    text("half a li")
    text("ne\x1b[3")
    assert "".join(shown) == "half a line"
    text("1mred")
    assert "".join(shown) == "half a linered"


def test_an_escape_that_never_ends_is_not_held_for_ever() -> None:
    shown: list[str] = []
    text = LiveText(shown.append)
    text("\x1b]0;" + "x" * 10_000)
    text("\nnext")
    text.flush()
    assert "next" in "".join(shown)
    assert "\x1b" not in "".join(shown)


def test_failures_and_previews_are_cleaned_and_bounded() -> None:
    failure = clean_failure(Failure("business", "\x1b[2Jno" + "x" * 10_000, "\x07", {"\x1b[0mk": ["\x9b1m" * 3]}))
    assert "\x1b" not in repr(failure).encode().decode("unicode_escape")
    assert len(failure.message) <= 2000
    preview = clean_preview(Preview("\u202etitle", "a\x1b[2Jb", {"f": "\x07"}, {"raw": "\x07"}))
    assert (preview.title, preview.body, preview.facts) == ("�title", "a�b", {"f": "�"})
    assert preview.binds == {"raw": "\x07"}
