"""Values that share what did not change must be, to whoever reads them, as if they were copied whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.frozen import Entries, changed

CHANGES = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 70), st.integers()), max_size=120)


@given(CHANGES)
def test_every_mapping_that_grew_out_of_another_stays_what_it_was(changes: list[tuple[int, int, int]]) -> None:
    grown: list[tuple[Entries[int, int], dict[int, int]]] = [(Entries(), {})]
    for back, key, value in changes:
        entries, expected = grown[-1 - back % len(grown)]
        grown.append((entries.including(key, value), {**expected, key: value}))
    for entries, expected in grown:
        assert list(entries.items()) == list(expected.items())
        assert list(entries) == list(expected)
        assert list(entries.values()) == list(expected.values())
        assert len(entries) == len(expected)
        assert all((key in entries) == (key in expected) for key in range(71))
        assert all(entries.get(key, -1) == expected.get(key, -1) for key in range(71))
        assert [entries.place(key) for key in expected] == list(range(len(expected)))


@given(st.dictionaries(st.integers(0, 200), st.integers()), st.dictionaries(st.integers(0, 200), st.integers()))
def test_many_entries_at_once_are_as_many_one_by_one(before: dict[int, int], more: dict[int, int]) -> None:
    entries = Entries(before)
    assert list(entries.including_all(more).items()) == list({**before, **more}.items())
    assert entries == before


def test_a_mapping_can_be_gone_through_while_another_grows_out_of_it() -> None:
    entries: Entries[int, int] = Entries({0: 0, 1: 1})
    going, grown = iter(entries), entries
    for key in range(2, 100):
        grown = grown.including(key, key)
    assert list(going) == [0, 1]


def test_what_another_mapping_holds_is_not_here() -> None:
    entries: Entries[str, int] = Entries({"a": 1})
    entries.including("b", 2)
    assert entries.get("b") is None
    for look in (entries.__getitem__, entries.place):
        with pytest.raises(KeyError):
            look("b")


def test_one_more_entry_copies_few_of_many() -> None:
    entries = Entries((key, object()) for key in range(10_000))
    grown = entries.including(5_000, object())
    same = sum(one is other for one, other in zip(entries._pages, grown._pages, strict=True))
    assert same == len(entries._pages) - 1
    assert next(islice(grown.values(), 5_001, None)) is entries[5_001]


@dataclass(frozen=True)
class Record:
    name: str
    size: int = 0


def test_a_changed_record_is_what_replace_gives() -> None:
    record = Record("a", 1)
    assert changed(record, size=2) == replace(record, size=2) == Record("a", 2)
    assert record == Record("a", 1)


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="Record has no field colour"):
        changed(Record("a"), colour="red")
