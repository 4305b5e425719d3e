"""Two workflows made one: nothing that means something else in the two is settled without a choice."""

from __future__ import annotations

from textwrap import dedent

import pytest

from composer.edit import stages_of, steps_of, value_at
from composer.merge import Source, Unresolved, conflicts, merge
from workflows.definition.parse import parse
from workflows.steps import built_in

FIRST = dedent(
    """\
    # the first
    name: Build
    parameters:
      - {name: repo, default: ".", description: Where}
      - {name: level, type: integer, default: 1}
    budget: {usd: 1}
    steps:
      # get it
      - {id: fetch, type: transform, value: "${{ parameters.repo }}"}
      - {id: work, type: transform, value: "${{ steps.fetch.output ~ parameters.level }}"}
    error_handlers:
      - {error: timeout, action: skip}
      - {error: any, action: abort}
    outputs: {result: "${{ steps.work.output }}"}
    """
)
SECOND = dedent(
    """\
    workflow:
        name: Ship
        parameters:
            - {name: repo, default: ".", description: The place}
            - {name: level, default: high}
        budget: {usd: 0.5, on_exceed: abort}
        timeout: 1h
        stages:
            -   name: all
                parallel: true
                steps:
                    - {id: fetch, type: transform, value: "${{ parameters.repo }}"}
                    # and then this
                    - id: work
                      type: transform
                      value: "${{ parameters.level }} ${{ steps.fetch.output }}"
                    - {id: last, type: transform, needs: [fetch, work], value: "${{ steps.work.output }}"}
        error_handlers:
            - {error: business, action: continue}
            - {error: timeout, action: continue}
        rollback:
            steps:
                - {id: back, type: transform, value: 1}
        outputs: {result: "${{ steps.last.output }}"}
    """
)
ALL = {
    "parameter:level": "rename",
    "budget": "sum",
    "timeout": "second",
    "step:work": "rename",
    "handler:timeout": "first",
    "output:result": "rename",
}
KINDS = {kind.name: kind for kind in built_in()}
A, B = Source("build", FIRST), Source("ship", SECOND)


def test_all_that_needs_a_choice_is_listed_and_nothing_is_settled_without_one() -> None:
    assert {each.key for each in conflicts(A, B)} == set(ALL)
    for key in ALL:
        with pytest.raises(Unresolved) as refused:
            merge(A, B, {name: choice for name, choice in ALL.items() if name != key})
        assert [each.key for each in refused.value.conflicts] == [key]
    with pytest.raises(Unresolved):
        merge(A, B, {**ALL, "budget": "rename"})


def test_both_in_one_with_their_comments_and_what_is_told_apart() -> None:
    merged = merge(A, B, ALL)
    text = merged.text
    parsed = parse(text, "x.yaml", KINDS)
    assert parsed.workflow is not None, parsed.diagnostics
    assert not parsed.errors
    assert stages_of(text) == ("Build", "all")
    assert steps_of(text) == ("fetch", "work", "work_ship", "last", "back")
    assert value_at(text, ("needs",), "last") == ["work_ship"]  # the fetching is over by then
    assert value_at(text, ("value",), "work_ship") == "${{ parameters.level_ship }} ${{ steps.fetch.output }}"
    assert value_at(text, ("budget",)) == {"usd": 1.5, "on_exceed": "abort"}
    assert value_at(text, ("timeout",)) == "1h"
    assert [each["error"] for each in value_at(text, ("error_handlers",))] == ["timeout", "business", "any"]
    assert value_at(text, ("outputs", "result_ship")) == "${{ steps.last.output }}"
    assert all(remark in text for remark in ("# the first", "# get it", "# and then this"))
    assert any("'fetch'" in note and "done once" in note for note in merged.notes)
    assert any("'repo'" in note for note in merged.notes)


@pytest.mark.parametrize(
    ("key", "choice", "path", "step", "value"),
    [
        ("budget", "first", ("budget",), "", {"usd": 1}),
        ("timeout", "first", ("timeout",), "", None),
        ("parameter:level", "second", ("parameters", 1, "default"), "", "high"),
        ("parameter:level", "first", ("parameters", 1, "default"), "", 1),
        ("step:work", "second", ("value",), "work", "${{ parameters.level_ship }} ${{ steps.fetch.output }}"),
        ("step:work", "first", ("value",), "work", "${{ steps.fetch.output ~ parameters.level }}"),
        ("handler:timeout", "second", ("error_handlers", 0, "action"), "", "continue"),
        ("output:result", "second", ("outputs", "result"), "", "${{ steps.last.output }}"),
    ],
)
def test_a_choice_is_kept_to(key: str, choice: str, path: tuple[str | int, ...], step: str, value: object) -> None:
    text = merge(A, B, {**ALL, key: choice}).text
    assert value_at(text, path, step) == value
    assert not parse(text, "x.yaml", KINDS).errors


def test_stages_of_one_name_are_told_apart_or_joined() -> None:
    one = "name: A\nstages: [{name: s, steps: [{id: a, type: transform, value: 1}]}]\n"
    two = "name: B\nstages: [{name: s, steps: [{id: b, type: transform, value: 1}]}]\n"
    assert stages_of(merge(Source("a", one), Source("b", two), {"stage:s": "rename"}).text) == ("s", "s (B)")
    joined = merge(Source("a", one), Source("b", two), {"stage:s": "join"}).text
    assert (stages_of(joined), steps_of(joined)) == (("s",), ("a", "b"))


def test_each_keeps_its_own_retries() -> None:
    one = "name: A\nmetadata: {retry_policy: {max_attempts: 2}}\nsteps: [{id: a, type: transform, value: 1}]\n"
    two = "name: B\nsteps: [{id: b, type: transform, value: 1}]\n"
    text = merge(Source("a", one), Source("b", two), {"retry_policy": "each"}).text
    assert value_at(text, ("retry",), "a") == {"max_attempts": 2}
    assert value_at(text, ("metadata",)) is None
    assert value_at(text, ("retry",), "b") is None


def test_what_reads_something_else_is_not_the_same_though_it_says_the_same() -> None:
    text = """\
name: A
steps:
  - {id: a, type: transform, value: 1}
  - {id: b, type: transform, value: "${{ steps.a.output }}"}
  - {id: c, type: transform, value: "${{ steps.b.output }}"}
  - {id: d, type: transform, value: 1}
outputs: {c: "${{ steps.c.output }}"}
"""
    other = Source("other", text.replace("value: 1}\n  - {id: b", "value: 2}\n  - {id: b"))
    keys = {each.key for each in conflicts(Source("a", text), other)}
    assert keys == {"step:a", "step:b", "step:c", "output:c"}
    merged = merge(Source("a", text), other, dict.fromkeys(keys, "rename")).text
    assert steps_of(merged) == ("a", "b", "c", "d", "a_other", "b_other", "c_other")
    assert value_at(merged, ("value",), "c_other") == "${{ steps.b_other.output }}"
    assert value_at(merged, ("outputs", "c_other")) == "${{ steps.c_other.output }}"


def test_what_counts_where_nobody_is_there_is_not_settled_silently() -> None:
    text = "name: {}\nunattended: {{channel: {}, timeout: 1h}}\nsteps:\n  - {{id: {}, type: transform, value: 1}}\n"
    first, second = Source("a", text.format("A", "ops", "a")), Source("b", text.format("B", "team", "b"))
    assert [conflict.key for conflict in conflicts(first, second)] == ["unattended"]
    with pytest.raises(Unresolved):
        merge(first, second, {})
    merged = merge(first, second, {"unattended": "second"})
    assert value_at(merged.text, ("unattended", "channel")) == "team"
