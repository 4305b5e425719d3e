"""`understudy plan` tells before what can be told: files, people, time and cost; what nobody knows is said to be so."""

from __future__ import annotations

from tests.support.command_line import CommandLine

FLOW = """\
name: Notes
parameters: [{name: to, type: path, default: NOTES.md}]
steps:
  - {id: read, type: skill, skill: file.read, parameters: {path: README.md}}
  - {id: clean, type: skill, skill: command, parameters: {argv: ["true"]}, on_failure: continue}
  - {id: copy, type: skill, skill: file.copy, parameters: {source: README.md, target: "${{ parameters.to }}"}}
"""


def test_files_people_time_and_cost(line: CommandLine) -> None:
    line.write("notes.yaml", FLOW)
    line.write("README.md", "hello")
    before = line.run("plan", "notes.yaml")
    assert "files: reads README.md · writes NOTES.md" in before.stdout
    assert "a person may be needed where nobody knows whether it happened: clean" in before.stdout
    assert "a person may be needed where it fails and somebody is there: read, copy" in before.stdout
    assert "time: not known, it never succeeded here · cost: none, no model that costs is asked" in before.stdout
    document = line.run("plan", "notes.yaml", "--input", "to=b.md", "--json").document
    assert document["files"] == {"reads": ["README.md"], "writes": ["b.md"]}
    assert document["expected"] == {"seconds": None, "usd": None}
    assert line.run("run", "notes.yaml").code == 0
    after = line.run("plan", "notes.yaml", "--json").document["expected"]["seconds"]
    assert after["runs"] == 1
    assert 0 < after["least"] <= after["usual"] <= after["most"] < 60


def test_an_agent_s_tools_and_a_gate_are_told(line: CommandLine) -> None:
    document = line.run("plan", "release-notes", "--json").document
    assert {"step": "publish", "why": "before it acts", "surely": True} in document["people"]
    assert document["files"]["writes"] == ["RELEASE_NOTES.md"]
