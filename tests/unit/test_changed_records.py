"""A changed copy is what the library would give, and leaves the value that it was made of as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from workflows.records import changed


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
