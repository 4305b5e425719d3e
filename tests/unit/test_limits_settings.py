"""Every key of the reference settings is read, checked with its place, and has its effect on plans and files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.settings import Execution, History, Monitoring, Resources, Settings, SettingsError, load_settings
from app.settings_groups import ExecutionPart, HistoryPart, MonitoringPart, ResourcesPart
from tests.support.flows import Flow
from workflows.definition.checks.allowed import Allowed
from workflows.definition.parameters import bind
from workflows.definition.parse import Parsed, parse
from workflows.parts import data_of
from workflows.planning.defaults import Defaults
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan

REFERENCE = Path(__file__).parents[1] / "conformance" / "settings.yaml"


def load(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "settings.yaml").write_text(text)
    return load_settings(tmp_path, {})


def test_the_reference_file_loads_as_it_is(tmp_path: Path) -> None:
    settings = load(tmp_path, REFERENCE.read_text())
    assert settings.execution == Execution(
        max_concurrent_workflows=10,
        max_steps_per_workflow=50,
        default_timeout=300,
        default_retry_count=3,
        enable_parallel_execution=True,
        enable_conditional_execution=True,
    )
    assert settings.resources == Resources(
        max_cpu_usage=80, max_memory_usage=70, max_storage_usage=85, max_network_usage=60, agent_pool_size=20
    )
    assert settings.monitoring == Monitoring(
        check_interval=30, alert_threshold=5, performance_threshold=90, error_rate_threshold=10
    )


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (ExecutionPart(), Execution()),
        (ResourcesPart(), Resources()),
        (MonitoringPart(), Monitoring()),
        (HistoryPart(), History()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_said_is_said_once(part: Any, values: Any) -> None:
    assert data_of(part) == json.loads(json.dumps(asdict(values)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("execution: {max_concurent_steps: 3}", "did you mean 'max_concurrent_steps'?"),
        ("execution:\n  default_timeout: soon", "2:20: error: default_timeout must be a duration above 0"),
        ("execution: {max_concurrent_workflows: 0}", "must be a whole number from 1 to 10000, not '0'"),
        ("execution: {enable_parallel_execution: yes}", "must be true or false"),
        ("resources:\n  max_cpu_usage: 101", "2:18: error: max_cpu_usage must be a whole number from 1 to 100"),
        ("resources: {capacities: {gpu: none}}", "must be a whole number from 1"),
        ("monitoring: [1]", "monitoring must be a mapping"),
        ("history: {keep_day: 3}", "there is no setting 'history.keep_day'"),
    ],
)
def test_mistakes_have_a_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, text)
    assert said in raised.value.message


def plan_of(text: str, **defaults: Any) -> Plan:
    flow = Flow(child="name: Child\nsteps:\n  - {id: inner, type: do}\n")
    parsed = parse(text, "flow.yaml", flow.kinds, flow.catalogue)
    assert parsed.workflow is not None, parsed.diagnostics
    bind(parsed.workflow.parameters, {})
    return make_plan(parsed.workflow, flow.kinds, flow.catalogue, Defaults(**defaults))


STEPS = """
name: Flow
stages:
  - name: one
    parallel: true
    max_parallel: 4
    steps:
      - {id: plain, type: do}
      - {id: told, type: do, timeout: 5, retry: {max_attempts: 1}}
      - {id: harmful, type: unsafe}
      - {id: harmful_again, type: unsafe, retry: {max_attempts: 2}}
      - {id: child, type: workflow, workflow: child}
      - {id: asks, type: question, ask: Which?}
      - {id: rests, type: delay, for: 1h}
      - {id: each, type: do, foreach: {in: [1, 2], max_parallel: 2}, undo: {type: do}}
"""


def test_defaults_are_for_steps_that_say_nothing() -> None:
    found = {step.id: step for step in plan_of(STEPS, timeout=300.0, retries=3).every}
    limits = {name: (step.timeout, step.retry.attempts) for name, step in found.items()}
    assert limits == {
        "plain": (300.0, 4),
        "told": (5.0, 1),
        "harmful": (300.0, 1),
        "harmful_again": (300.0, 2),
        "child": (None, 1),
        "inner": (300.0, 4),
        "asks": (None, 1),
        "rests": (None, 1),
        "each": (300.0, 4),  # what is done for each item; below, what holds them
        "each~undo": (300.0, 1),
    }
    holder = plan_of(STEPS, timeout=300.0, retries=3).by_id["each"]
    assert (holder.timeout, holder.retry.attempts) == (None, 1)


def test_without_parallel_execution_everything_is_one_at_a_time() -> None:
    plan = plan_of(STEPS, parallel=False)
    each = plan.by_id["each"].each
    assert each is not None
    assert (plan.stages[0].width, each.width) == (1, 1)
    both = "{id: both, type: parallel, steps: [{id: a, type: do}, {id: b, type: do}]}"
    plan = plan_of(f"name: F\nsteps:\n  - {both}\n", parallel=False)
    assert plan.by_id["both"].inside[0].stages[0].width == 1


CONDITIONS = """
name: Flow
steps:
  - {id: a, type: do}
  - id: b
    type: decision
    branches: [{when: "true", steps: [{id: c, type: do}]}]
  - {id: d, type: do, when: "true"}
"""


def read(text: str, **allowed: Any) -> Parsed:
    flow = Flow()
    return parse(text, "flow.yaml", flow.kinds, flow.catalogue, Allowed(**allowed))


def test_written_steps_are_counted_wherever_they_are() -> None:
    assert read(CONDITIONS, steps=4).valid
    (error,) = read(CONDITIONS, steps=2).errors
    assert (error.code, error.line) == ("too-many-steps", 7)
    assert "4 steps; execution.max_steps_per_workflow allows 2" in error.message
    assert "raise that setting" in error.hint


def test_conditions_can_be_turned_off() -> None:
    errors = read(CONDITIONS, conditions=False).errors
    assert [(error.code, error.line) for error in errors] == [
        ("conditions-turned-off", 6),
        ("conditions-turned-off", 8),
    ]
    assert "execution.enable_conditional_execution is false" in errors[0].message
    assert read(CONDITIONS, conditions=True).valid


def test_the_places_of_runs_are_not_a_capacity(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'runs' is the name of the places for runs"):
        load(tmp_path, "resources: {capacities: {gpu: 2, runs: 9}}\n")


@pytest.mark.parametrize(
    "text", ["execution: {max_concurrent_workflows: 10001}\n", "resources: {capacities: {bytes: 64000000000}}\n"]
)
def test_there_are_no_more_places_than_can_be_looked_at(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"a whole number from 1 to 10{3,4}"):
        load(tmp_path, text)
