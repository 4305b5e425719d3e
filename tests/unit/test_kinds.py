"""Step kinds are made when a workflow names them, once, and can be replaced."""

from __future__ import annotations

from workflows.steps import BUILT_IN, built_in, makers
from workflows.steps.kinds import Kinds
from workflows.steps.transform import Transform


def test_a_kind_is_made_once_and_only_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> Transform:
        made.append("transform")
        return Transform()

    kinds = Kinds({"transform": make})
    assert "transform" in kinds
    assert [*kinds] == ["transform"]
    assert made == []
    assert kinds["transform"] is kinds.get("transform")
    assert made == ["transform"]
    assert kinds.get("other") is None


def test_another_can_take_its_place() -> None:
    kinds, other = Kinds(makers()), Transform()
    assert kinds["transform"] is not other
    kinds["transform"] = other
    assert kinds["transform"] is other
    del kinds["delay"]
    assert {*kinds} == {*BUILT_IN} - {"delay"}
    assert len(kinds) == len(BUILT_IN) - 1


def test_each_kind_is_called_as_its_module() -> None:
    assert [kind.name for kind in built_in()] == [*BUILT_IN]
