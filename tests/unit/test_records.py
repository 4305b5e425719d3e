"""Our `dataclass` makes what the standard library's makes."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from workflows import records


def pair(**options: Any) -> list[Any]:
    """The same class by the library and by ours."""
    made = []
    for dataclass in (dataclasses.dataclass, records.dataclass):

        @dataclass(**options)
        class Base:
            a: int
            fields: dict[str, int] = dataclasses.field(default_factory=dict)
            """Named as what the methods are made with."""

            def doubled(self) -> int:
                return self.a * 2

        @dataclass(**options)
        class Below(Base):
            b: str = "b"
            c: int = dataclasses.field(default=3, compare=False, repr=False)
            d: int = dataclasses.field(init=False, default=4)
            e: int = dataclasses.field(default=5, kw_only=True)

        made.append(Below)
    return made


def tried(what: Any) -> Any:
    try:
        return what()
    except (TypeError, AttributeError) as error:
        return type(error)


@pytest.mark.parametrize(
    "options", [{}, {"frozen": True}, {"frozen": True, "eq": False}, {"frozen": True, "repr": False}]
)
def test_it_is_as_the_library_s(options: dict[str, Any]) -> None:
    theirs, ours = pair(**options)
    for given, named in (((1,), {}), ((1, {"x": 2}, "y", 7), {"e": 6}), ((), {"a": 1, "b": "z"})):
        one, other = theirs(*given, **named), ours(*given, **named)
        assert dataclasses.asdict(one) == dataclasses.asdict(other)
        if options.get("repr", True):
            assert repr(one) == repr(other)
        for make in (theirs, ours):
            assert (make(*given, **named) == make(*given, **named)) is options.get("eq", True)
            assert make(1, b="x") != make(1, b="y")
            assert make(1) != 1
        assert dataclasses.replace(other, a=9).a == 9
        assert ours.__match_args__ == theirs.__match_args__
        assert tried(lambda one=one: hash(one)) == tried(lambda other=other: hash(other)) or options.get("frozen")
    for wrong in (((), {}), ((1, {}, "b", 3, 4), {}), ((1,), {"nobody": 1}), ((1,), {"d": 1})):
        assert tried(lambda wrong=wrong: ours(*wrong[0], **wrong[1])) is TypeError
    changed = tried(lambda: setattr(ours(1), "a", 2)), tried(lambda: delattr(ours(1), "a"))
    assert (changed == (dataclasses.FrozenInstanceError,) * 2) is options.get("frozen", False)


def test_many_are_as_few() -> None:
    theirs, ours = pair(frozen=True)
    for number in range(2 * records.FEW):
        assert dataclasses.asdict(ours(number, b=str(number))) == dataclasses.asdict(theirs(number, b=str(number)))
    with pytest.raises(TypeError, match="nobody"):
        ours(1, nobody=1)


def test_an_ordinary_class_below_adds_no_field() -> None:
    class Ordinary(pair()[1]):  # type: ignore[misc]  # a class made above
        more: int = 1

    assert [field.name for field in dataclasses.fields(Ordinary)] == ["a", "fields", "b", "c", "d", "e"]
    assert "more" not in repr(Ordinary(1))
    assert Ordinary(1) == Ordinary(1) != Ordinary(2)


def test_a_hash_is_of_what_is_compared() -> None:
    @records.dataclass(frozen=True)
    class Point:
        x: int
        seen: int = dataclasses.field(default=0, compare=False)

    assert len({Point(1), Point(1, 5), Point(2)}) == 2


def test_what_a_class_says_itself_stays() -> None:
    @records.dataclass(frozen=True)
    class Loud:
        name: str

        def __post_init__(self) -> None:
            if not self.name:
                raise ValueError("a name is needed")

        def __str__(self) -> str:
            return self.name.upper()

        def __repr__(self) -> str:
            return "Loud"

    assert (str(Loud("a")), repr(Loud("a"))) == ("A", "Loud")
    with pytest.raises(ValueError, match="a name is needed"):
        Loud("")


def test_each_instance_has_its_own_default() -> None:
    @records.dataclass
    class Basket:
        items: list[int] = dataclasses.field(default_factory=list)

    first, second = Basket(), Basket()
    first.items.append(1)
    assert second.items == []


def test_threads_that_look_at_a_class_at_once_see_the_same() -> None:
    for _ in range(20):
        kind = pair(frozen=True)[1]
        looks = (dataclasses.fields, records.declared, lambda kind: kind(1), dataclasses.fields)
        with ThreadPoolExecutor(len(looks)) as pool:
            begin = Barrier(len(looks))

            def look(how: Any, kind: Any = kind, begin: Barrier = begin) -> Any:
                begin.wait()
                return how(kind)

            fields, declared, made, again = pool.map(look, looks)
        assert [field.name for field in fields] == [*declared] == [field.name for field in again]
        assert made == kind(1)
        assert (declared["fields"].factory, declared["d"].init) == (dict, False)
