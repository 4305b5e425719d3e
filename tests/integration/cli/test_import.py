"""`understudy import`: the YAML on stdout, what was lost on stderr, and a file only where one was asked for."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CommandLine
from tests.support.web import Says, Web

SERVICE = Path(__file__).parents[2] / "unit" / "composer" / "importing"
DOCUMENT: dict[str, Any] = {
    "name": "Small",
    "steps": [
        {
            "id": "step_a",
            "name": "A",
            "type": "transform",
            "config": {"expression": "input.n * 2", "output_key": "twice"},
        },
        {
            "id": "step_b",
            "name": "B",
            "type": "conditional",
            "depends_on": "step_a",
            "config": {
                "condition": "{{ steps.step_a.twice }} > 10",
                "branches": {"true": {"target_step": "step_c"}, "false": {"target_step": "step_d"}},
            },
        },
        {"id": "step_c", "name": "C", "type": "transform", "depends_on": "step_b", "config": {"expression": "'big'"}},
        {"id": "step_d", "name": "D", "type": "transform", "depends_on": "step_b", "config": {"expression": "'small'"}},
    ],
}
REVIEWER = """---
name: reviewer
description: Says what it was asked. No AI.
model: template/review
---
Reviewed: {{ data }}
"""


def test_the_example_is_shown_and_what_is_lost_is_told(line: CommandLine) -> None:
    shutil.copy(SERVICE / "service-workflow.json", line.cwd / "order.json")
    ended = line.run("import", "order.json")
    assert ended.code == 0
    assert ended.stdout == (SERVICE / "service-workflow.yaml").read_text(encoding="utf-8")
    assert "order.json:11:141: warning: 'step_tell' is done only where 'step_big' chooses it" in ended.stderr
    assert "Imported: 0 errors, 1 warning." in ended.stderr
    assert "Nothing was written: --to FILE does." in ended.stderr
    assert [path.name for path in line.cwd.iterdir()] == ["order.json"]


def test_what_is_neither_kind_of_document_is_told_once(line: CommandLine) -> None:
    line.write("settings.yaml", "execution:\n  default_timeout: 300\nresources: {}\n")
    ended = line.run("import", "settings.yaml")
    assert ended.code == 2
    assert "this is neither a document of a workflow service ('steps') nor a graph" in ended.stderr
    assert "Not imported: settings.yaml has 1 error, 0 warnings." in ended.stderr


def test_what_is_imported_runs(line: CommandLine) -> None:
    line.write("small.json", json.dumps(DOCUMENT))
    ended = line.run("import", "small.json", "--to", "flows/small.yaml")
    assert ended.code == 0
    assert (line.cwd / "flows" / "small.yaml").read_text(encoding="utf-8") == ended.stdout
    assert [path.name for path in (line.cwd / "flows").iterdir()] == ["small.yaml"]
    assert line.run("validate", "flows/small.yaml").code == 0
    for n, done, skipped in ((9, "step_c", "step_d"), (4, "step_d", "step_c")):
        document = line.run("run", "flows/small.yaml", "--input", f"n={n}", "--json").document
        statuses = {step["id"]: step["status"] for step in document["steps"]}
        assert (document["status"], statuses[done], statuses[skipped]) == ("succeeded", "succeeded", "skipped")


def test_a_graph_is_imported_and_runs_and_a_branch_that_fails_stops_no_other(line: CommandLine) -> None:
    shutil.copy(SERVICE / "node-graph.json", line.cwd / "graph.json")
    line.write(".understudy/agents/summariser.md", REVIEWER.replace("reviewer", "summariser").replace("data", "input"))
    line.write("letter.txt", "Dear all")
    line.run("trust", "--yes")
    assert line.run("import", "graph.json", "--to", "digest.yaml").code == 0
    ended = line.run("run", "digest.yaml", "--input", "path=letter.txt", "--json")
    assert ended.document["status"] == "succeeded"
    assert "says: Reviewed: Dear all" in ended.stderr
    assert "(8 characters)" in ended.stderr
    line.write(
        ".understudy/agents/summariser.md", REVIEWER.replace("reviewer", "summariser").replace("data", "nobody.knows")
    )
    steps = line.run("run", "digest.yaml", "--input", "path=letter.txt", "--json").document["steps"]
    assert {step["id"]: step["status"] for step in steps} == {
        "load": "succeeded",
        "count": "succeeded",
        "digest": "failed",
        "tell": "succeeded",
    }


def test_a_file_that_is_there_is_kept_unless_forced(line: CommandLine) -> None:
    line.write("small.json", json.dumps(DOCUMENT))
    target = line.write("small.yaml", "mine")
    ended = line.run("import", "small.json", "--to", "small.yaml")
    assert (ended.code, target.read_text()) == (2, "mine")
    assert "small.yaml is there already" in ended.stderr
    assert line.run("import", "small.json", "--to", "small.yaml", "--force").code == 0
    assert target.read_text().startswith("name: Small")
    assert sorted(path.name for path in line.cwd.iterdir()) == ["small.json", "small.yaml"]


def test_a_document_with_errors_gives_no_workflow(line: CommandLine) -> None:
    line.write("bad.json", json.dumps({**DOCUMENT, "steps": []}, indent=1))
    ended = line.run("import", "bad.json", "--to", "bad.yaml")
    assert (ended.code, ended.stdout) == (2, "")
    assert "bad.json:3:11: error: a workflow has at least one step" in ended.stderr
    assert "Not imported: bad.json has 1 error" in ended.stderr
    assert not (line.cwd / "bad.yaml").exists()
    document = line.run("import", "bad.json", "--json").document
    assert (document["imported"], document["yaml"], document["written"]) == (False, None, None)
    assert [each["line"] for each in document["diagnostics"]] == [3]


def test_the_document_says_it_all(line: CommandLine) -> None:
    line.write("small.json", json.dumps({**DOCUMENT, "owner": "ada"}))
    ended = line.run("import", "small.json", "--json", "--to", "small.yaml")
    document = ended.document
    assert (ended.code, document["imported"], document["written"]) == (0, True, "small.yaml")
    assert document["yaml"] == (line.cwd / "small.yaml").read_text()
    assert [each["code"] for each in document["diagnostics"]] == ["not-carried-over"]


@pytest.mark.parametrize("what", ["missing", "folder", "no-place"])
def test_what_cannot_be_read_or_written_is_said(line: CommandLine, what: str) -> None:
    line.write("small.json", json.dumps(DOCUMENT))
    line.write("taken", "")
    arguments = {
        "missing": ["nowhere.json"],
        "folder": ["."],
        "no-place": ["small.json", "--to", "taken/small.yaml"],
    }[what]
    ended = line.run("import", *arguments)
    assert (ended.code, ended.stdout) == (2, "")
    assert f"cannot be {'written' if what == 'no-place' else 'read'}" in ended.stderr


def test_force_without_a_place_is_a_mistake(line: CommandLine) -> None:
    line.write("small.json", json.dumps(DOCUMENT))
    ended = line.run("import", "small.json", "--force")
    assert ended.code == 2
    assert "--to FILE" in ended.stderr


@pytest.mark.parametrize("total", [1500, 900])
async def test_the_example_runs_as_far_as_its_condition_leads(line: CommandLine, total: int) -> None:
    answer = Says(body=json.dumps({"total": total}).encode(), headers={"Content-Type": "application/json"})
    async with Web(lambda came: answer) as web:
        settings = line.home / "state" / "config" / "settings.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"network": {"allow_hosts": [web.host]}}))
        line.write(".understudy/agents/reviewer.md", REVIEWER)
        shutil.copy(SERVICE / "service-workflow.json", line.cwd / "order.json")
        assert line.run("import", "order.json", "--to", ".understudy/workflows/order.yaml").code == 0
        assert line.run("trust", "--yes").code == 0
        assert line.run("validate", "order").code == 0
        arguments = ("run", "order", "--input", f"base_url={web.url}", "--input", "order_id=7", "--json")
        ended = await asyncio.to_thread(line.run, *arguments)
    statuses = {step["id"]: step["status"] for step in ended.document["steps"]}
    big = total > 1000
    assert [came.path for came in web.came] == ["/orders/7"]
    assert (statuses["step_review"], statuses["step_both"]) == (("succeeded",) * 2 if big else ("skipped",) * 2)
    assert statuses["step_tell"] == ("skipped" if big else "succeeded")
    assert ended.code == 0


def test_a_workflow_of_ours_is_not_converted(line: CommandLine) -> None:
    line.write("ours.yaml", "name: Ours\nsteps: [{id: a, type: transform, value: 1}]\n")
    refused = line.run("import", "ours.yaml")
    assert (refused.code, refused.stdout) == (2, "")
    assert "ours.yaml is a workflow of Understudy: there is nothing to convert." in refused.stderr


def test_stdin_is_a_document_too(line: CommandLine) -> None:
    line.write("small.json", json.dumps(DOCUMENT))
    assert line.run("import", "-", stdin=json.dumps(DOCUMENT)).stdout == line.run("import", "small.json").stdout != ""
