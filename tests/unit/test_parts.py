"""What is declared of a file's keys: defaults, keys that Python has another word for, frozen values, plain data."""

from __future__ import annotations

from typing import ClassVar

import pytest

from workflows.parts import Field, Part, changed, data_of, declared, part_of
from workflows.values import Json


class Inner(Part):
    size: int = Field(description="How large.")


class Outer(Part):
    noun: ClassVar[str] = "outer"

    name: str = Field(description="What it is called.")
    for_: str = Field(default="all", key="for", description="Whom it is for.")
    parts: tuple[Inner, ...] = Field(default=(), least=1)
    facts: dict[str, Json] = Field(default_factory=dict)


class Below(Outer):
    more: bool = False


def test_it_has_what_it_was_given_and_defaults_for_the_rest() -> None:
    outer = Outer(name="a", parts=(Inner(size=1),))
    assert (outer.name, outer.for_, outer.facts) == ("a", "all", {})
    assert data_of(outer) == {"name": "a", "for": "all", "parts": [{"size": 1}], "facts": {}}
    assert data_of(outer, {"parts", "facts"}) == {"name": "a", "for": "all"}
    assert Outer(name="a").facts is not Outer(name="a").facts


def test_what_was_written_as_data_is_read_by_key_or_name_and_equal() -> None:
    data = {"name": "a", "for": "some", "parts": [], "more": True}
    assert part_of(Below, data) == Below(name="a", for_="some", more=True) == part_of(Below, {**data, "for_": "some"})
    assert part_of(Below, data) != part_of(Outer, {"name": "a", "for": "some"})
    assert hash(Inner(size=1)) == hash(Inner(size=1))


def test_a_class_below_has_the_fields_of_those_above_first() -> None:
    assert [*declared(Below)] == ["name", "for_", "parts", "facts", "more"]
    assert [field.key for field in declared(Below).values() if field.required] == ["name"]
    assert (declared(Outer)["parts"].least, declared(Outer)["for_"].description) == (1, "Whom it is for.")


def test_it_is_frozen_and_changed_only_as_a_copy() -> None:
    inner = Inner(size=1)
    with pytest.raises(AttributeError, match="frozen"):
        inner.size = 2  # type: ignore[misc]  # what is refused
    with pytest.raises(AttributeError, match="frozen"):
        del inner.size
    assert (changed(inner, size=2).size, inner.size) == (2, 1)


@pytest.mark.parametrize(("given", "words"), [({}, "Outer needs 'name'"), ({"name": "a", "x": 1}, "Outer has no 'x'")])
def test_what_is_missing_or_unknown_is_refused(given: dict[str, Json], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        part_of(Outer, given)
