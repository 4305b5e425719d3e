"""The bars of the timeline: each try is seen, waits are no work, and what is narrow is not lost."""

from __future__ import annotations

from app.tui.timeline import AROUND, WAIT, Piece, Window, axis, bar

GOOD, BAD, ASKED = "$success", "bold $error", "$warning"


def drawn(*pieces: Piece, width: int = 10) -> str:
    return bar(pieces, Window(0.0, 10.0), width).plain


def test_a_try_takes_the_columns_of_its_time() -> None:
    assert drawn(Piece(0, 10, GOOD)) == "█" * 10
    assert drawn(Piece(2, 4, GOOD)) == "  ██      "
    assert drawn(Piece(2.5, 4.5, GOOD)) == "  ▐█▌     "


def test_one_too_short_for_a_column_is_seen_all_the_same() -> None:
    assert drawn(Piece(0, 0, GOOD)) == "▌         "
    assert drawn(Piece(10, 10, GOOD)) == "         ▐"


def test_two_tries_that_touch_are_two() -> None:
    assert drawn(Piece(0, 5, BAD), Piece(5, 10, BAD)) == "█████▐████"


def test_a_wait_for_a_person_is_no_work_and_hides_no_try() -> None:
    assert drawn(Piece(0, 10, GOOD), Piece(4, 8, ASKED, WAIT)) == "████░░░░██"
    assert drawn(Piece(3, 3.1, GOOD), Piece(3, 8, ASKED, WAIT)) == "   ▌░░░░  "


def test_what_holds_others_is_a_thin_line() -> None:
    assert drawn(Piece(0, 5, GOOD, AROUND)) == "━━━━━     "


def test_what_is_before_the_window_is_left_out_and_what_reaches_into_it_begins_at_its_edge() -> None:
    window = Window(100.0, 110.0, "minute")
    assert bar([Piece(0, 50, GOOD)], window, 10).plain == " " * 10
    assert bar([Piece(0, 105, GOOD)], window, 10).plain == "█████     "
    assert axis(window, 20).plain == "last min         10s"
    assert axis(window, 6).plain == "   10s"
