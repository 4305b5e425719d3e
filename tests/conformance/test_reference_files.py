"""The reference workflows are read as they are: only what does not exist here is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.catalogue import small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.dump import dump
from workflows.definition.parse import parse
from workflows.parts import data_of

FILES = sorted((Path(__file__).parent / "reference").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reference_file(path: Path) -> None:
    parsed = parse(path.read_bytes(), path.name, all_kinds(), small_catalogue())
    assert parsed.workflow is not None
    assert {d.code for d in parsed.diagnostics} == {"unknown-skill", "unknown-workflow"}


def test_what_the_deployment_pipeline_says() -> None:
    parsed = parse(FILES[0].read_bytes(), FILES[0].name, all_kinds())
    workflow = parsed.workflow
    assert workflow is not None
    assert (workflow.name, workflow.version) == ("Complex Deployment Pipeline", "1.0.0")
    assert workflow.metadata is not None
    assert workflow.metadata.timeout == 3600.0
    assert [stage.name for stage in workflow.stages] == ["preparation", "build_and_test", "deployment"]
    assert [stage.max_parallel for stage in workflow.stages] == [None, 3, None]
    assert len(workflow.steps) == 7
    tests = workflow.steps[3]
    assert (tests.id, tests.when) == ("run_unit_tests", "${{ parameters.run_tests }}")
    assert data_of(tests.fields) == {
        "skill": "test_runner",
        "parameters": {"suite": "unit", "coverage_threshold": 80},
    }
    deploy = workflow.steps[5]
    assert deploy.retry is not None
    assert (deploy.retry.attempts, deploy.retry.delay) == (2, 30.0)
    assert workflow.rollback is not None
    assert [step.id for step in workflow.rollback.steps] == ["restore_from_backup", "verify_rollback"]
    assert [handler.action for handler in workflow.error_handlers] == ["abort", "rollback", "retry"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reference_file_is_written_as_it_was_read(path: Path) -> None:
    first = parse(path.read_bytes(), path.name, all_kinds()).workflow
    assert first is not None
    assert parse(dump(first), "dumped.yaml", all_kinds()).workflow == first
