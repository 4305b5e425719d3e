"""Structured logs: a JSON object a line, with the ids of runs and steps, without secrets, in files of a size."""

from __future__ import annotations

import json

from tests.support.command_line import CommandLine

FLOW = "name: Fails\nsteps:\n  - {id: read, type: skill, skill: file.read, parameters: {path: 'no-\"canary\"-here'}}\n"


def test_what_happens_in_runs_is_logged_with_their_ids(line: CommandLine) -> None:
    line.write("../home/state/config/settings.yaml", "log: {format: json, runs: true}\n")
    line.write("fails.yaml", FLOW)
    run = line.run("run", "fails.yaml", "--unattended", "--json").document["run"]
    log = line.home / "state" / "log" / "understudy.log"
    lines = [json.loads(text) for text in log.read_text().splitlines()]
    assert {each["run"] for each in lines} == {run}
    assert {each["logger"] for each in lines} == {"understudy.runs"}
    said = [(each["message"], each.get("step"), each.get("error")) for each in lines]
    assert said[0] == ("run started", None, None)
    assert ("attempt failed", "read", lines[-1]["error"]) in said
    assert said[-1][0] == "run failed"
    assert log.stat().st_mode & 0o077 == 0


def test_text_has_the_ids_too_and_without_the_setting_there_is_nothing(line: CommandLine) -> None:
    line.write("fails.yaml", FLOW)
    log = line.home / "state" / "log" / "understudy.log"
    line.run("run", "fails.yaml", "--unattended")
    assert log.read_text() == ""
    line.write("../home/state/config/settings.yaml", "log: {runs: true, size: 2, keep: 3}\n")
    run = line.run("run", "fails.yaml", "--unattended", "--json").document["run"]
    assert f"understudy.runs step failed run={run} workflow=fails" in log.read_text()
