"""Versions as a user publishes, compares, runs, archives and brings them back."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine

NIGHTLY = """\
name: Nightly  # a comment that stays
steps:
  - {id: a, type: transform, value: 1}
  - {id: b, type: workflow, workflow: clean}
outputs: {value: "${{ steps.b.output.value }}"}
"""
CLEAN = """\
name: Clean
steps:
  - {id: c, type: transform, value: 41}
outputs: {value: "${{ steps.c.output }}"}
"""
GATE = """\
name: Gate
schedule: {cron: "30 7 * * mon", timezone: Europe/Madrid}
steps:
  - {id: ok, type: approval, show: Sure?}
"""


@pytest.fixture
def kept(line: CommandLine) -> CommandLine:
    line.write(".understudy/workflows/nightly.yaml", NIGHTLY)
    line.write(".understudy/workflows/clean.yaml", CLEAN)
    assert line.run("trust", "--yes").code == 0
    return line


def test_a_published_version_runs_its_kept_texts_whatever_becomes_of_the_files(kept: CommandLine) -> None:
    first = kept.run("publish", "nightly", "--note", "the first", "--json").document
    assert (first["version"], first["new"], list(first["children"])) == ("nightly@1", True, ["clean"])
    assert kept.run("publish", "nightly", "--json").document["new"] is False
    kept.write(".understudy/workflows/clean.yaml", CLEAN.replace("41", "42"))
    assert kept.run("publish", "nightly").stdout == "nightly@2\n"
    (kept.cwd / ".understudy/workflows/clean.yaml").unlink()
    ran = kept.run("run", "nightly@1", "--json").document
    assert (ran["outputs"], ran["version"]) == ({"value": 41}, "nightly@1")
    assert kept.run("run", "nightly@2", "--json").document["outputs"] == {"value": 42}
    assert [run["version"] for run in kept.run("runs", "--json").document["runs"]] == ["nightly@2", "nightly@1"]
    assert "nightly@2" in kept.run("runs").stdout
    assert "run of nightly" not in kept.run("show").stdout
    assert "nightly@2" in kept.run("show").stdout
    again = kept.run("rerun", ran["run"], "--from", "b", "--workflow", "nightly@2", "--json").document
    assert (again["outputs"], again["version"]) == ({"value": 42}, "nightly@2")
    differs = kept.run("diff", "nightly@1", "nightly@2")
    assert (differs.code, "+  - {id: c, type: transform, value: 42}" in differs.stdout) == (1, True)
    assert kept.run("diff", "nightly@1", "nightly@1").code == 0


def test_archived_versions_come_back_as_new_ones_and_as_files(kept: CommandLine) -> None:
    kept.run("publish", "nightly")
    kept.write(".understudy/workflows/nightly.yaml", NIGHTLY.replace("value: 1", "value: 2"))
    kept.run("publish", "nightly")
    assert kept.run("diff", "nightly@1").code == 1
    assert kept.run("archive", "nightly@2").stdout == "nightly@2\n"
    listed = kept.run("versions", "nightly", "--json").document["versions"]
    assert [(each["version"], each["status"]) for each in listed] == [
        ("nightly@2", "archived"),
        ("nightly@1", "published"),
    ]
    assert kept.run("publish", "nightly", "--from", "2").stdout == "nightly@3\n"
    shown = kept.run("versions", "nightly@1")
    assert shown.stdout == NIGHTLY
    asked = kept.run("versions", "nightly@1", "--restore")
    assert (asked.code, "Nobody is here to ask" in asked.stderr) == (3, True)
    assert kept.run("versions", "nightly@1", "--restore", "--yes").code == 0
    assert (kept.cwd / ".understudy/workflows/nightly.yaml").read_text() == NIGHTLY
    gone = kept.run("archive", "nightly")
    assert gone.stdout == "nightly@3\nnightly@1\n"
    assert "No version of nightly is left" in gone.stderr
    for wrong in ("nightly@9", "other@1"):
        assert kept.run("run", wrong).code == 2


def test_what_may_wait_for_ever_is_not_published_to_start_by_itself(kept: CommandLine) -> None:
    kept.write(".understudy/workflows/gate.yaml", GATE)
    refused = kept.run("publish", "gate")
    assert refused.code == 2
    assert "gate.yaml:4" in refused.stderr
    assert kept.run("versions", "gate", "--json").document["versions"] == []
    kept.write(".understudy/workflows/gate.yaml", GATE.replace("schedule:", "# schedule:"))
    assert kept.run("publish", "gate", "--unattended").code == 2
    assert kept.run("publish", "gate").stdout == "gate@1\n"
    kept.write(".understudy/workflows/gate.yaml", GATE.replace("approval, show: Sure?", "transform, value: 1"))
    published = kept.run("publish", "gate", "--json").document
    assert (published["version"], published["schedules"]) == ("gate@2", ["gate"])


def test_two_workflows_of_one_name_do_not_share_its_versions(kept: CommandLine) -> None:
    kept.run("publish", "nightly")
    other = CommandLine(kept.home / "other", kept.home)
    other.write(".understudy/workflows/nightly.yaml", CLEAN)
    other.run("trust", "--yes")
    refused = other.run("publish", "nightly")
    assert (refused.code, "Another workflow nightly is published" in refused.stderr) == (2, True)
    elsewhere = other.run("run", "nightly@1")
    assert (elsewhere.code, f"belongs to {kept.cwd}" in elsewhere.stderr) == (2, True)
