"""The two rows that must fit any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.tui.widgets import key_bar
from app.tui.widgets.key_bar import Hint
from app.tui.widgets.status_line import Item, fit

ITEMS = st.lists(st.builds(Item, st.text("ab漢", min_size=1, max_size=12), kept=st.booleans()), min_size=1, max_size=9)


@given(ITEMS, st.integers(1, 120))
def test_what_is_kept_is_never_dropped_and_the_first_item_stays(items: list[Item], width: int) -> None:
    left = fit(items, width)
    assert [item for item in left[1:] if item.kept] == [item for item in items[1:] if item.kept]
    assert items[0].text.startswith(left[0].text.removesuffix("…"))


def test_items_are_dropped_from_the_right_until_the_rest_fits() -> None:
    items = [Item("name"), Item("12345678"), Item("‖ 1", kept=True), Item("model"), Item("$0.10", kept=True)]
    assert [item.text for item in fit(items, 100)] == ["name", "12345678", "‖ 1", "model", "$0.10"]
    assert [item.text for item in fit(items, 28)] == ["name", "12345678", "‖ 1", "$0.10"]
    assert [item.text for item in fit(items, 20)] == ["name", "‖ 1", "$0.10"]
    assert [item.text for item in fit(items, 15)] == ["na…", "‖ 1", "$0.10"]


def test_a_bar_takes_the_place_of_the_gap() -> None:
    line = fit([Item("a"), Item("b", bar=True)], 5)
    assert [item.text for item in line] == ["a", "b"]
    assert [item.text for item in fit([Item("a"), Item("b", bar=True)], 4)] == ["a"]


@given(st.lists(st.builds(Hint, st.sampled_from("abcd"), st.text("xy", min_size=1, max_size=9))))
def test_hints_fit_and_the_last_ones_go_first(hints: list[Hint]) -> None:
    shown = key_bar.fit(hints, 40)
    assert sum(hint.width for hint in shown) + key_bar.GAP * max(0, len(shown) - 1) <= 40
    assert shown == hints[: len(shown)]
    assert cell_len("".join(hint.label for hint in shown)) <= 40


def test_the_way_out_is_told_however_narrow_it_is() -> None:
    hints = [Hint("a", "one"), Hint("b", "two"), Hint("question_mark", "help", kept=True), Hint("q", "back", kept=True)]
    assert key_bar.fit(hints, 40) == hints
    assert [hint.label for hint in key_bar.fit(hints, 25)] == ["one", "help", "back"]
    assert [hint.label for hint in key_bar.fit(hints, 16)] == ["help", "back"]
