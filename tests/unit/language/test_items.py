"""Steps that are done once for each item: who may read what is inside them, and what they are called."""

from __future__ import annotations

import pytest

from tests.support.kinds import all_kinds
from workflows.definition.parse import parse

KINDS = all_kinds()

FILE = """
name: x
parameters: [{{name: files, type: array}}]
stages:
  - name: s
    steps:
      - id: each
        type: parallel
        foreach: {{in: "${{{{ parameters.files }}}}", as: file}}
        when: file != ''
        undo: {{type: transform, value: "{undo}"}}
        notify: {{text: "{notify}"}}
        steps:
          - {{id: one, type: transform, value: "${{{{ file }}}}"}}
          - id: inner
            type: decision
            foreach: {{in: [1, 2]}}
            branches:
              - when: item == 1
                steps:
                  - {{id: two, type: transform, value: "{inside}"}}
      - {{id: after, type: transform, value: "{after}"}}
finally:
  steps:
    - {{id: last, type: transform, value: "{last}"}}
outputs: {{x: "{outputs}"}}
"""
PLACES = ("undo", "notify", "inside", "after", "last", "outputs")


def codes(**texts: str) -> list[str]:
    text = FILE.format(**{**dict.fromkeys(PLACES, "x"), **texts})
    return [d.code for d in parse(text, "f.yaml", KINDS).diagnostics]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("inside", "${{ steps.one.output }} ${{ file }} ${{ item }}"),
        ("undo", "${{ steps.one.output }} ${{ file }} ${{ output.one }}"),
        ("after", "${{ steps.each.output[0].one }} ${{ steps.each.items[0].status }} ${{ steps.each.status }}"),
        ("last", "${{ steps.each.output | length }} ${{ error }}"),
        ("notify", "${{ output | length }}"),
    ],
)
def test_what_can_be_read(place: str, text: str) -> None:
    assert codes(**{place: text}) == []


@pytest.mark.parametrize(
    ("place", "text", "code"),
    [
        ("after", "${{ steps.one.output }}", "reads-item"),
        ("after", "${{ steps.two.output }}", "reads-item"),
        ("last", "${{ steps.one.output }}", "reads-item"),
        ("outputs", "${{ steps.two.output }}", "reads-item"),
        ("undo", "${{ steps.two.output }}", "reads-item"),
        ("notify", "${{ steps.one.output }}", "reads-item"),
        ("notify", "${{ file }}", "bad-expression"),
        ("after", "${{ file }}", "bad-expression"),
        ("undo", "${{ item }}", "bad-expression"),
        ("inside", "${{ steps.each.output }}", "reads-unfinished"),
        ("after", "${{ steps.each.output.one }}", "unknown-key"),
        ("after", "${{ steps.each.items.status }}", "unknown-key"),
        ("last", "${{ steps.after.items }}", "unknown-key"),
    ],
)
def test_what_cannot_be_read(place: str, text: str, code: str) -> None:
    assert codes(**{place: text}) == [code]


def test_the_whole_is_named_where_an_item_is_inside_another() -> None:
    text = FILE.format(**{**dict.fromkeys(PLACES, "x"), "after": "${{ steps.two.output }}"})
    (found,) = [d for d in parse(text, "f.yaml", KINDS).diagnostics if d.code == "reads-item"]
    assert found.hint == "read steps.each.output, a list in the items' order"


@pytest.mark.parametrize("name", ["steps", "true", "not", "None"])
def test_a_name_that_means_something_else_is_no_name_for_an_item(name: str) -> None:
    text = f"name: x\nsteps:\n  - {{id: a, type: transform, value: 1, foreach: {{in: [1], as: {name}}}}}\n"
    assert [d.code for d in parse(text, "f.yaml", KINDS).diagnostics] == ["conflict"]
