"""The graph of a run in layers: what waits for what stands below it, and sixty steps fit eighty columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from app.tui.layered import Picture, layers_of, picture_of


def drawn(picture: Picture) -> list[str]:
    rows = [list((picture.lines or {}).get(y, "").ljust(picture.width)) for y in range(picture.height)]
    for spot in picture.spots:
        rows[spot.y][spot.x : spot.x + spot.width] = spot.key.ljust(spot.width)
    return ["".join(row).rstrip() for row in rows]


def picture(needs: Mapping[str, Sequence[str]], room: int = 80) -> Picture:
    return picture_of(needs, {key: len(key) for key in needs}, room)


def test_a_fork_and_a_join() -> None:
    needs = {"start": [], "one": ["start"], "two": ["start"], "six": ["start"], "end": ["one", "two"]}
    assert drawn(picture(needs)) == [
        "    start",
        " ╭────┼────╮",
        "one  two  six",
        " ╰────┤",
        "     end",
    ]


def test_an_edge_past_a_layer_has_a_way_through_it() -> None:
    assert drawn(picture({"a": [], "b": ["a"], "c": ["a", "b"]})) == [" a", "╭┴─╮", "b  │", "╰┬─╯", " c"]


def test_steps_that_follow_each_other_are_a_line() -> None:
    assert drawn(picture({"a": [], "b": ["a"], "c": ["b"]})) == ["a", "│", "b", "│", "c"]


def test_sixty_steps_side_by_side_are_broken_into_rows() -> None:
    needs = {"start": [], **{f"part_number_{n}": ["start"] for n in range(60)}, "end": ["part_number_3"]}
    found = picture(needs)
    assert found.width == 80
    assert max(spot.x + spot.width for spot in found.spots) <= 80
    assert found.height < 24
    assert [len(row) for row in found.rows][:2] == [1, 5]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.integers(0, 29), max_size=4), min_size=1, max_size=30), st.integers(8, 200))
def test_every_node_is_drawn_once_below_what_it_needs_and_none_over_another(wants: list[set[int]], room: int) -> None:
    needs = {f"n{at}": [f"n{need}" for need in sorted(want) if need < at] for at, want in enumerate(wants)}
    found = picture(needs, room)
    at = {spot.key: spot for spot in found.spots}
    assert len(found.spots) == len(needs) == sum(map(len, layers_of(needs)))
    assert all(at[need].y < at[key].y for key, wanted in needs.items() for need in wanted)
    cells = [(spot.y, x) for spot in found.spots for x in range(spot.x, spot.x + spot.width)]
    assert len(cells) == len(set(cells))
    assert all(x < max(room, found.width) for _, x in cells)


def test_needs_in_a_circle_do_not_hang() -> None:
    assert len(picture({"a": ["b"], "b": ["a"]}).spots) == 2
