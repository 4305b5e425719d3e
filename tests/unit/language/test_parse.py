"""What a file means: defaults, types, shorthands, and what the checks let through."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.catalogue import Listed, small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.model import Step, Workflow
from workflows.definition.parse import Parsed, parse
from workflows.parts import data_of
from workflows.steps.kind import Entry

KINDS = all_kinds()


def parsed(text: str) -> Parsed:
    return parse(text, "f.yaml", KINDS)


def workflow(text: str) -> Workflow:
    result = parsed(text)
    assert result.valid, result.diagnostics
    assert result.workflow is not None
    return result.workflow


def step(text: str) -> Step:
    return workflow(f"name: x\nsteps:\n  - {text}\n").steps[0]


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in parsed(text).diagnostics]


def test_texts_stay_texts_where_a_text_is_wanted() -> None:
    found = workflow(
        "name: NO\nversion: 1.10\ndescription: on\nsteps:\n  - {id: y, type: transform, name: 010, value: 010x}\n"
    )
    assert (found.name, found.version, found.description) == ("NO", "1.10", "on")
    assert (found.steps[0].name, data_of(found.steps[0].fields)) == ("010", {"value": "010x"})


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90.0), ("0.5", 0.5), ("30s", 30.0), ("5m", 300.0), ("2h", 7200.0), ("1.5h", 5400.0), ("1d", 86400.0)],
)
def test_durations(written: str, seconds: float) -> None:
    assert step(f"{{id: a, type: transform, value: 1, timeout: {written}}}").timeout == seconds


def test_the_outer_key_and_top_level_steps_may_be_left_out_or_given() -> None:
    inner = "name: x\nstages:\n  - name: main\n    steps:\n      - {id: a, type: transform, value: 1}\n"
    outer = "workflow:\n" + "".join(f"  {line}\n" for line in inner.splitlines())
    short = "name: x\nsteps:\n  - {id: a, type: transform, value: 1}\n"
    assert workflow(inner) == workflow(outer) == workflow(short)


def test_attempts() -> None:
    def attempts(retry: str) -> int:
        found = step(f"{{id: a, type: transform, value: 1, retry: {retry}}}").retry
        assert found is not None
        return found.attempts

    assert attempts("{max_attempts: 2}") == 2
    assert attempts("{max_retries: 2}") == 3
    assert attempts("{delay: 1}") == 3
    assert step("{id: a, type: transform, value: 1}").retry is None


def test_a_kinds_own_key_goes_before_the_key_of_any_step() -> None:
    found = step("{id: a, type: approval, show: Ready?, timeout: 1h, default: approve}")
    assert found.timeout is None
    assert data_of(found.fields) == {"show": "Ready?", "timeout": 3600.0, "default": "approve"}


def test_null_is_a_value_only_where_any_value_may_stand() -> None:
    assert data_of(step("{id: a, type: transform, value: null}").fields) == {"value": None}
    assert codes("name: x\nsteps:\n  - {id: a, type: transform, value: 1, approve: null}") == ["missing-value"]


def test_siblings_of_a_parallel_stage_may_read_each_other() -> None:
    text = """
name: x
stages:
  - name: s
    parallel: true
    steps:
      - {id: b, type: transform, value: "${{ steps.a.output }}"}
      - {id: a, type: transform, value: 1}
      - {id: c, type: transform, value: 1, needs: [a, b]}
outputs: {b: "${{ steps.b.output }}"}
"""
    assert codes(text) == []


def test_what_can_be_read_from_where() -> None:
    text = """
name: x
stages:
  - name: s
    steps:
      - {id: a, type: transform, value: 1, undo: {type: transform, value: "${{ output }} ${{ steps.a.output }}"}}
      - id: both
        type: parallel
        steps:
          - {id: left, type: transform, value: "${{ steps.a.output }}"}
          - {id: right, type: transform, value: "${{ steps.left.output }}"}
      - id: choice
        type: decision
        branches:
          - when: steps.right.output == 1
            steps:
              - {id: one, type: transform, value: "${{ steps.both.output }}"}
              - {id: two, type: transform, value: "${{ steps.one.output }}"}
        default:
          - {id: three, type: transform, value: "${{ steps.a.output }}"}
      - {id: each, type: transform, foreach: {in: "${{ steps.a.output }}", as: file}, value: "${{ file.path }}"}
      - {id: last, type: transform, value: "${{ steps.two.output }} ${{ steps.three.output }}"}
rollback:
  steps:
    - {id: back, type: transform, value: "${{ steps.last.output }} ${{ error.message }}"}
finally:
  steps:
    - {id: done, type: transform, value: "${{ steps.back.output }}"}
"""
    assert codes(text) == []


@pytest.mark.parametrize(
    "value",
    [
        "${{ steps.inner.output }}",  # the container's own fields cannot read what is inside it
        "${{ steps }}",
        "${{ steps[parameters.which].output }}",
        "${{ steps.later.output }}",
    ],
)
def test_what_cannot_be_read(value: str) -> None:
    text = f"""
name: x
parameters: [{{name: which}}]
steps:
  - id: outer
    type: decision
    branches:
      - when: "{value}"
        steps: [{{id: inner, type: transform, value: 1}}]
  - {{id: later, type: transform, value: 1}}
"""
    assert "reads-unfinished" in codes(text)


def test_a_name_of_foreach_is_known_only_inside_it() -> None:
    text = """
name: x
steps:
  - {id: a, type: transform, foreach: {in: [1, 2], as: n}, value: "${{ n }}"}
  - {id: b, type: transform, value: "${{ n }}"}
"""
    assert codes(text) == ["bad-expression"]


def test_an_error_inside_a_block_is_placed_on_its_line() -> None:
    value = "|\n      First\n\n      then ${{ steps.b.output }}\n"
    text = f"name: x\nsteps:\n  - id: a\n    type: transform\n    value: {value}"
    (found,) = parsed(text).diagnostics
    assert (found.code, found.line, found.column, found.source_line[found.column - 1]) == ("unknown-step", 8, 22, "b")


def test_an_error_behind_escapes_is_placed() -> None:
    value = '"\\tA\\n\\u0041 ${{ 1 }} ${{ steps.b.output }}"'
    (found,) = parsed(f"name: x\nsteps:\n  - {{id: a, type: transform, value: {value}}}\n").diagnostics
    assert found.source_line[found.column - 1 :].startswith("b.output")


def test_a_file_that_only_lacks_something_here_is_still_a_workflow() -> None:
    result = parse(
        "name: x\nsteps:\n  - {id: a, type: agent, agent: nobody, input: hi}\n", "f", KINDS, small_catalogue()
    )
    assert result.workflow is not None
    assert not result.valid


def test_a_file_with_an_unknown_key_is_no_workflow() -> None:
    # It may be the gate that was misspelt.
    assert parsed("name: x\nsteps:\n  - {id: a, type: transform, value: 1, aprove: before}\n").workflow is None


def test_entries_that_cannot_be_used_say_why() -> None:
    broken = Listed(Entry("skill", "s", problem="its file has an error in line 3"))
    result = parse("name: x\nsteps:\n  - {id: a, type: skill, skill: s, parameters: {any: 1}}\n", "f", KINDS, broken)
    assert [d.code for d in result.diagnostics] == ["unusable-skill"]
    assert "its file has an error in line 3" in result.diagnostics[0].message


def test_arguments_are_checked_against_the_schema_without_fetching_anything() -> None:
    schema = {
        "properties": {
            "count": {"type": "integer"},
            "mode": {"enum": ["fast", "slow"]},
            "item": {"$ref": "#/$defs/item"},
            "far": {"$ref": "http://127.0.0.1:9/schema.json"},
        },
        "$defs": {"item": {"type": "object", "required": ["id"]}},
        "required": ["count"],
    }
    text = """
name: x
parameters: [{name: n}]
steps:
  - {id: a, type: skill, skill: s, parameters: {count: three, mode: quick, item: {}, far: 1, other: 1}}
  - {id: b, type: skill, skill: s, parameters: {count: "${{ parameters.n }}"}}
"""
    result = parse(text, "f", KINDS, Listed(Entry("skill", "s", parameters=schema)))
    assert [(d.code, d.severity) for d in result.diagnostics] == [
        ("wrong-argument", "error"),
        ("wrong-argument", "error"),
        ("wrong-argument", "error"),
        ("unknown-argument", "warning"),
    ]


def test_a_label_with_an_expression_is_warned_of() -> None:
    (found,) = parsed('name: "Run ${{ run.id }}"\nsteps:\n  - {id: a, type: transform, value: 1}\n').diagnostics
    assert (found.severity, found.code, found.column) == ("warning", "no-effect", 7)


def test_arguments_that_plainly_fit_do_not_bring_in_the_validator() -> None:
    code = """
import sys
from tests.support.catalogue import small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
text = "name: x\\nsteps:\\n  - {id: a, type: skill, skill: file.read, parameters: {path: README.md}}\\n"
assert parse(text, "f", all_kinds(), small_catalogue()).valid
assert "jsonschema" not in sys.modules and "rapidfuzz" not in sys.modules and "jinja2" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True)


def test_no_more_than_so_many_diagnostics() -> None:
    text = "name: x\nsteps:\n  - {id: a, type: transform, value: 1}\n" + "".join(f"key{n}: 1\n" for n in range(900))
    assert len(parsed(text).diagnostics) == 500
