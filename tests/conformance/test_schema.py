"""The JSON Schema for editors: as committed, and true of the files that are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from tests.support.broken_files import broken_files
from tests.support.kinds import all_kinds
from tests.support.language_values import workflows
from workflows.definition.dump import written
from workflows.definition.model import Workflow
from workflows.definition.schema import json_schema
from workflows.source import read, value_of
from workflows.values import Json

COMMITTED = Path(__file__).parents[2] / "docs" / "workflow.schema.json"
REFERENCE = sorted((Path(__file__).parent / "reference").glob("*.yaml"))
SCHEMA = json_schema(all_kinds())


def errors(value: Json) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message}" for error in Draft7Validator(SCHEMA).iter_errors(value)]


def data(path: Path) -> Json:
    root = read(path.read_bytes(), path.name).root
    assert root is not None
    return value_of(root, lambda *_, **__: None)


def test_the_committed_schema_is_the_models() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == SCHEMA, (
        "write it anew: understudy schema > docs/workflow.schema.json"
    )


def test_it_is_a_draft_07_schema_that_editors_know() -> None:
    Draft7Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    assert "$defs" not in text
    assert "prefixItems" not in text


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_reference_files_fit(path: Path) -> None:
    assert errors(data(path)) == []


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(workflows)
def test_every_workflow_fits(workflow: Workflow) -> None:
    assert errors(json.loads(json.dumps(written(workflow)))) == []


@pytest.mark.parametrize(
    "name",
    ["unknown-key-of-a-step", "key-of-another-kind", "unknown-kind", "missing-keys", "stages-and-steps", "no-steps",
     "wrong-types", "wrong-words", "bad-ids", "key-beside-workflow"],
)  # fmt: skip
def test_what_a_schema_can_see_is_seen(name: str) -> None:
    (file,) = (file for file in broken_files() if file.path.stem.endswith(name))
    assert errors(data(file.path))
