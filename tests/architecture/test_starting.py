"""What a short command imports: whoever runs a step that only computes does not wait for what other steps need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from app.cli.main import run
from app.starting import begin_start
begin_start()
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]))
"""

ONE_STEP = 'name: One\nsteps:\n  - {id: a, type: transform, value: 1}\noutputs: {value: "${{ steps.a.output }}"}\n'

HEAVY = frozenset(
    {
        *("pydantic", "jinja2", "jsonschema", "httpcore", "litellm", "mcp", "textual", "watchfiles", "rapidfuzz"),
        *("platformdirs", "psutil", "difflib", "pickle", "importlib.metadata", "email", "http.client", "tempfile"),
        *("skills.registry", "skills.invoke", "agents.step", "agents.catalog", "agents.models.litellm_model"),
        *("app.cli.asker", "app.present.inquiry", "app.settings_file", "workflows.steps.approval"),
    }
)
"""Modules that take milliseconds, or bring others along, and that the step has no use for."""

MOST = 423
"""Modules of a run of one step, the standard library's among them. Each takes about a fifth of a millisecond."""


def imported(folder: Path, *arguments: str) -> set[str]:
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "UNDERSTUDY_HOME": str(folder / "home")}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


def test_a_run_of_one_step_imports_nothing_that_it_has_no_use_for(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(ONE_STEP)
    modules = imported(tmp_path, "run", "one.yaml")
    assert modules & HEAVY == set()
    assert len(modules) <= MOST


@pytest.mark.parametrize("command", ["runs", "inbox", "--help"])
def test_who_only_looks_reads_no_file_either(tmp_path: Path, command: str) -> None:
    modules = imported(tmp_path, command)
    assert modules & {*HEAVY, "yaml"} == set()
    assert len(modules) <= MOST


def test_a_step_that_calls_a_skill_imports_no_validator_and_no_model(tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_text(
        "name: One\nsteps:\n  - {id: a, type: skill, skill: file.read, parameters: {path: skill.yaml}}\n"
    )
    modules = imported(tmp_path, "run", "skill.yaml")
    assert modules & HEAVY == {"skills.registry", "skills.invoke"}
    assert len(modules) <= MOST + 60
