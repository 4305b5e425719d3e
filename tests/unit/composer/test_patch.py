"""Filling parameters in a workflow's own text."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.patch import patched, untagged
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
from workflows.values import Json

LIBRARY = Path(__file__).parents[3] / "workflows" / "library" / "release-notes.yaml"

TEXT = """\
# Kept.
name: Play
template:
  for: Playing
  requests: [play]   # gone with it

# Kept too.
parameters:
  - {name: who, required: true, description: Who plays}
  - name: count   # how often
    type: integer
    description: |
      How many
      times

  - {name: style, enum: [plain, loud], default: plain}   # the style
  - {name: files, type: array}
steps:
  - {id: hello, type: transform, value: "${{ parameters.who }}"}
"""


def test_only_what_is_filled_changes() -> None:
    assert (
        patched(TEXT, {"who": "Ada", "count": 3, "style": "loud", "files": ["a", "b c"]})
        == """\
# Kept.
name: Play

# Kept too.
parameters:
  - {name: who, required: false, description: Who plays, default: Ada}
  - name: count   # how often
    type: integer
    description: |
      How many
      times
    default: 3

  - {name: style, enum: [plain, loud], default: loud}   # the style
  - {name: files, type: array, default: [a, b c]}
steps:
  - {id: hello, type: transform, value: "${{ parameters.who }}"}
"""
    )


@pytest.mark.parametrize("value", ["true", "no", "12", "a: b", "# c", "{x", "", "ü", "1.5", "'", '"', "a\nb"])
def test_a_text_stays_the_text_that_it_is(value: str) -> None:
    text = patched(TEXT, {"who": value})
    assert text is not None
    workflow = parse(text, "play.yaml", all_kinds()).workflow
    assert workflow is not None
    assert workflow.parameters[0].default == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("name: [", {"who": "Ada"}),
        ("- a", {"who": "Ada"}),
        (TEXT, {"nobody": 1}),
    ],
)
def test_what_is_unsure_is_not_done(text: str, values: dict[str, Json]) -> None:
    assert patched(text, values) is None


def test_what_stands_in_braces_is_filled_too() -> None:
    text = "{name: Play, template: {for: x}, parameters: [{name: who}]}"
    assert patched(text, {"who": "Ada"}) == "{name: Play, parameters: [{name: who, default: Ada}]}"


def test_the_library_can_be_filled() -> None:
    text = patched(LIBRARY.read_text(encoding="utf-8"), {"audience": "developers", "limit": 20})
    assert text is not None
    assert "# No more than the notes need" in text
    assert "template:" not in text.split("parameters:")[0]


def test_without_a_value_only_the_requests_of_the_template_go() -> None:
    bare = untagged(TEXT)
    assert "requests" not in bare
    assert bare == TEXT.replace("template:\n  for: Playing\n  requests: [play]   # gone with it\n", "")
    assert untagged(bare) == bare
    assert untagged("not: [a workflow") == "not: [a workflow"
