"""Keys of one's own: what people write is read, and what would hide something else is said and not done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tui.actions import ACTIONS
from app.tui.keymap import key_of, read_keymap


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x", "x"),
        ("X", "X"),
        ("?", "question_mark"),
        ("/", "slash"),
        ("esc", "escape"),
        ("PgDn", "pagedown"),
        ("f5", "f5"),
        ("ctrl+x", "ctrl+x"),
        ("Ctrl+Right", "ctrl+right"),
        ("ctrl++", "ctrl+plus"),
        (" enter ", "enter"),
        ("", ""),
        ("foo", ""),
        ("hyper+x", ""),
        ("ctrl+foo", ""),
    ],
)
def test_keys_as_people_write_them(text: str, key: str) -> None:
    assert key_of(text) == key


def test_actions_get_other_keys() -> None:
    found = read_keymap({"history.filter": ("f2", "ctrl+f"), "everywhere.history": ("H",)})
    assert found.problems == ()
    assert found.keys == {"history.filter": ("f2", "ctrl+f"), "everywhere.history": ("H",)}


def test_two_may_change_places() -> None:
    found = read_keymap({"run.approve": ("d",), "run.deny": ("a",)})
    assert (found.keys, found.problems) == ({"run.approve": ("d",), "run.deny": ("a",)}, ())


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"history.filter": ("r",)}, "history.filter and history.again would both be on r: history.filter stays on /"),
        ({"everywhere.home": ("a",)}, "everywhere.home and run.approve would both be on a: everywhere.home stays on 1"),
        ({"history.filtre": ("f2",)}, "there is no action 'history.filtre': did you mean 'history.filter'?"),
        ({"history.filter": ("foo",)}, "history.filter: 'foo' is no key"),
        ({"history.filter": ()}, "history.filter: '' is no key"),
        ({"run.approve": ("enter",)}, "run.approve answers what waits, and cannot be on enter or space"),
        ({"run.deny": ("x", "space")}, "run.deny answers what waits"),
    ],
)
def test_what_cannot_be_is_said_and_not_done(wanted: dict[str, tuple[str, ...]], problem: str) -> None:
    found = read_keymap(wanted)
    assert found.keys == {}
    (said,) = found.problems
    assert problem in said


def test_panes_may_share_keys_with_screens() -> None:
    assert read_keymap({"list.cursor_down": ("r",)}).problems == ()


@given(st.dictionaries(st.sampled_from([action.id for action in ACTIONS]), st.tuples(st.sampled_from("abcxyzXYZ19?/"))))
def test_no_key_ever_means_two_things_in_one_place(wanted: dict[str, tuple[str]]) -> None:
    found = read_keymap(wanted)
    for mine in ACTIONS:
        for other in ACTIONS if mine.id in found.keys else ():
            if other.id != mine.id and other.where == mine.where:
                assert not set(found.keys[mine.id]) & set(found.keys.get(other.id, other.keys))
