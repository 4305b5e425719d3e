"""`understudy schedule` and `understudy trigger`, as a person types them: made, looked at, paused, fired, removed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

FLOW = """
name: Report
parameters: [{name: team, default: all}, {name: many, type: integer, default: 1}]
steps: [{id: a, type: transform, value: "${{ parameters.team }}"}]
"""


@pytest.fixture
def published(line: CommandLine) -> CommandLine:
    """A command line where `report` is published."""
    line.write("report.yaml", FLOW)
    assert line.run("publish", "report.yaml").code == 0
    return line


def test_a_schedule_from_its_making_to_its_end(published: CommandLine) -> None:
    made = published.run(
        "schedule", "add", "report", "--cron", "30 7 * * mon-fri", "--zone", "Europe/Madrid", "-i", "many=2"
    )
    assert made.code == 0
    assert "report  report@1 · 30 7 * * mon-fri (Europe/Madrid)" in made.stdout
    assert "run only while `understudy serve` runs" in made.stderr
    (document,) = published.run("schedule", "list", "--json").document["schedules"]
    assert (len(document["next"]), document["parameters"]) == (3, {"many": 2})
    assert "paused" in published.run("schedule", "pause", "report").stdout
    assert published.run("schedule", "show", "report", "--json").document["schedule"]["paused"] is True
    assert published.run("schedule", "resume", "report").code == 0
    run = published.run("schedule", "run", "report", "--json").document
    assert (run["served"], run["status"]) == (False, "queued")
    assert "◌ queued" in published.run("schedule", "show", "report").stdout
    assert "Its runs stay" in published.run("schedule", "remove", "report").stderr
    assert "There are no schedules." in published.run("schedule").stderr


WRONG: list[tuple[list[str], list[str]]] = [
    (["--cron", "30 25 * * mon"], ["'25' is no hour from 0 to 23", "  1 | 30 25 * * mon\n    |    ^~\n"]),
    (["--cron", "@daily", "--zone", "Europe/Madird"], ["Did you mean 'Europe/Madrid'?"]),
    (["--every", "soon"], ["--every 'soon' is no duration"]),
    (["--every", "0.1"], ["An interval is at least a second"]),
    (["--every", "5m", "--cron", "@daily"], ["one of a cron line, an interval and a time"]),
    (["--at", "2020-01-01 10:00"], ["That time is over"]),
    (["--every", "5m", "--missed", "never"], ["--missed: 'never' is not skip"]),
    (["--every", "5m", "-i", "tem=a"], ["did you mean 'team'?"]),
    (["--every", "5m", "--name", "a b"], ["'a b' is no name"]),
]


def test_what_is_wrong_is_said(published: CommandLine) -> None:
    for words, said in WRONG:
        complain(published, words, said)


def complain(published: CommandLine, words: list[str], said: list[str]) -> None:
    ended = published.run("schedule", "add", "report", *words)
    assert (ended.code, ended.stdout) == (2, "")
    for each in said:
        assert each in ended.stderr


def test_what_is_not_there_is_said_with_what_it_may_have_been(published: CommandLine) -> None:
    assert "Did you mean 'report'?" in published.run("schedule", "add", "reprt", "--every", "5m").stderr
    published.run("schedule", "add", "report", "--every", "5m", "--name", "often")
    assert "Did you mean 'often'?" in published.run("schedule", "pause", "oftn").stderr
    published.run("trigger", "add", "report", "--manual", "--name", "button")
    assert "Did you mean 'button'?" in published.run("trigger", "fire", "buton").stderr


def test_a_file_s_schedule_is_paused_not_removed(line: CommandLine) -> None:
    line.write("report.yaml", FLOW.replace("default: all", "required: true") + "schedule: {every: 1h}\n")
    refused = line.run("publish", "report.yaml")
    assert (refused.code, "every 1h, could start nothing. A parameter is wrong: team is missing" in refused.stderr) == (
        2,
        True,
    )
    line.write("report.yaml", FLOW + "schedule: {every: 1h}\n")
    assert line.run("publish", "report.yaml").code == 0
    refused = line.run("schedule", "remove", "report")
    assert (refused.code, "`understudy schedule pause report`" in refused.stderr) == (2, True)
    assert line.run("schedule", "pause", "report").code == 0
    line.write("report.yaml", FLOW + "description: New\nschedule: {every: 1h}\n")
    assert line.run("publish", "report.yaml").code == 0
    (document,) = line.run("schedule", "list", "--json").document["schedules"]
    assert (document["paused"], document["version"]) == (True, "report@2")
    line.write("report.yaml", FLOW)
    assert line.run("publish", "report.yaml").code == 0
    assert line.run("schedule", "list", "--json").document["schedules"] == []


def test_triggers_from_their_making_to_their_end(published: CommandLine) -> None:
    hook = published.run("trigger", "add", "report", "--webhook", "--name", "push", "--give", "team", "--json").document
    secret = hook["trigger"]["secret"]
    assert secret.startswith("whsec_")
    assert secret not in published.run("trigger", "list", "--json").stdout
    (kept,) = [path for path in Path(published.home).rglob("secrets*") if path.is_file() and "lock" not in path.name]
    assert json.loads(kept.read_text())["secrets"] == {"WEBHOOK_PUSH": secret}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "/hooks/push" in published.run("trigger", "list").stdout
    files = published.run("trigger", "add", "report", "--file", "in/*.csv", "--give", "team")
    assert f"when {published.cwd}/in/*.csv changes; team is the file's path" in files.stdout
    assert published.run("trigger", "add", "report", "--after", "build:failed").code == 2  # no such workflow by name
    assert published.run("trigger", "add", "report", "--manual", "--name", "button").code == 0
    assert published.run("trigger", "fire", "button").code == 0
    listed = {each["id"]: each for each in published.run("trigger", "list", "--json").document["triggers"]}
    assert (listed["button"]["count"], listed["button"]["last"]["status"]) == (1, "queued")
    assert published.run("trigger", "pause", "push").code == 0
    assert published.run("trigger", "resume", "push").code == 0
    assert published.run("trigger", "remove", "push").code == 0
    assert json.loads(kept.read_text())["secrets"] == {}
    assert published.run("trigger", "add", "report").code == 2


def test_what_would_start_itself_for_ever_is_refused(line: CommandLine) -> None:
    for name in ("report", "build"):
        line.write(f".understudy/workflows/{name}.yaml", FLOW)
    assert line.run("trust", "--yes").code == 0
    for name in ("report", "build"):
        assert line.run("publish", name).code == 0
    assert line.run("trigger", "add", "report", "--after", "build:failed").code == 0
    circle = line.run("trigger", "add", "build", "--after", "report")
    assert (circle.code, "would start for ever" in circle.stderr) == (2, True)
    assert line.run("trigger", "add", "report", "--after", "report").code == 2
    assert "Did you mean 'failed'?" in line.run("trigger", "add", "report", "--after", "build:faild").stderr
