"""What is typed of a step, as values and places."""

from __future__ import annotations

from typing import Any

import click
import pytest

from app.cli.step.words import read_path, read_place, read_settings, read_value
from composer.edit import After, AtEnd, Before, Inside, Place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ("5m", "5m"),
        ("Go on?", "Go on?"),
        ("", ""),
        ("[a, 1]", ["a", 1]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
        ("'5'", "5"),
        ("${{ steps.a.output }}: x", "${{ steps.a.output }}: x"),
        ("a: b", "a: b"),
        ("- a", "- a"),
    ],
)
def test_values_are_read_as_in_a_file(text: str, value: Any) -> None:
    assert read_value(text) == value


def test_fields_are_named_by_dots() -> None:
    assert read_settings(["retry.max_attempts=3", "show=a=b"]) == [(("retry", "max_attempts"), 3), (("show",), "a=b")]
    assert read_path("branches.0.steps") == ("branches", 0, "steps")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ((None, None, None, None), AtEnd()),
        (("a", None, None, None), Before("a")),
        ((None, "a", None, None), After("a")),
        ((None, None, "s", None), AtEnd("s")),
        ((None, None, None, "rollback"), Inside(("rollback", "steps"))),
        ((None, None, None, "both"), Inside(("steps",), "both")),
        ((None, None, None, "way.branches.0.steps"), Inside(("branches", 0, "steps"), "way")),
    ],
)
def test_places(given: tuple[str | None, ...], place: Place) -> None:
    assert read_place(*given) == place


@pytest.mark.parametrize("text", ["{id: c", "[a", "'x"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(click.UsageError, match="cannot be read as YAML"):
        read_value(text)


def test_two_places_and_no_value_are_mistakes() -> None:
    with pytest.raises(click.UsageError, match="Say one place"):
        read_place("a", "b", None, None)
    with pytest.raises(click.UsageError, match="not KEY=VALUE"):
        read_settings(["timeout"])
