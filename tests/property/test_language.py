"""Workflows are written as they are read; files that are nearly workflows give diagnostics, never an exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.broken_files import broken_files
from tests.support.catalogue import small_catalogue
from tests.support.kinds import all_kinds
from tests.support.language_values import json_values, workflows
from workflows.definition.dump import dump
from workflows.definition.model import Workflow
from workflows.definition.outline import outline
from workflows.definition.parse import Parsed, parse
from workflows.diagnostics import render

KINDS = all_kinds()
REFERENCE = Path(__file__).parents[1] / "conformance" / "reference"
GOOD = [path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("*.yaml"))]
SEEDS = GOOD + [file.path.read_text(encoding="utf-8") for file in broken_files()]
SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))

FRAGMENTS = st.sampled_from(
    ["${{", "}}", "{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "\t", "'", '"', "#", "&a", "*a", "<<: ", "!!x ", "|",
     ">", "null", "~", "\x00", "\ufeff", "\u2028", "字", "🎉", "steps:", "id: a", "type: skill", "when:",
     "${{ steps.a.output }}", "needs: [a]", "---", "...", "%", "@", "0x", ".nan", "1e999", "retry: {}", "\r", "\r\n",
     "? ", "a" * 5000]
)  # fmt: skip


@SLOWLY
@given(workflows)
def test_a_workflow_is_read_as_it_was_written(workflow: Workflow) -> None:
    ids = [placed.step.id for placed in outline(workflow).placed]
    assume(len(set(ids)) == len(ids))
    text = dump(workflow)
    result = parse(text, "dumped.yaml", KINDS)
    assert not [d for d in result.diagnostics if d.is_error], (text, result.diagnostics)
    assert result.workflow == workflow, text
    assert dump(result.workflow) == text


@SLOWLY
@given(st.data())
def test_a_mutated_file_gives_located_diagnostics(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 0, 1, 3, 20])))
        text = text[:start] + data.draw(st.one_of(st.just(""), FRAGMENTS, st.text(max_size=3))) + text[end:]
    check(text)


@SLOWLY
@given(st.data())
def test_a_file_with_a_value_of_another_kind_gives_located_diagnostics(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(GOOD)).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key, colon, _ = lines[at].partition(":")
    value = data.draw(json_values)
    lines[at] = f"{key}{colon} {value!r}" if colon else repr(value)
    check("\n".join(lines))


@SLOWLY
@given(st.one_of(st.text(), st.binary()))
def test_anything_at_all_gives_located_diagnostics(text: str | bytes) -> None:
    check(text)


def check(text: str | bytes) -> None:
    result: Parsed = parse(text, "f.yaml", KINDS, small_catalogue())
    assert result.valid or result.errors
    lines = (
        [""]
        if isinstance(text, bytes)
        else text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )
    for diagnostic in result.diagnostics:
        assert diagnostic.code
        assert diagnostic.message
        assert diagnostic.file == "f.yaml"
        assert 1 <= diagnostic.column < diagnostic.end_column
        if not isinstance(text, bytes):
            assert 1 <= diagnostic.line <= len(lines)
            assert diagnostic.column <= len(lines[diagnostic.line - 1]) + 1
        assert render(diagnostic)
