"""The journal looked after from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

ONE = "name: One\nsteps:\n  - {id: a, type: transform, value: 41}\noutputs: {value: '${{ steps.a.output }}'}\n"
GATE = "name: Gate\nsteps:\n  - {id: ok, type: approval, show: Sure?}\n"


@pytest.fixture
def ran(line: CommandLine) -> CommandLine:
    line.write("one.yaml", ONE)
    assert line.run("run", "one.yaml").code == 0
    return line


def runs(line: CommandLine) -> list[str]:
    return [run["run"] for run in line.run("runs", "--json").document["runs"]]


def other(line: CommandLine) -> CommandLine:
    """Another user on this machine."""
    home = line.home / "other"
    home.mkdir()
    return CommandLine(line.cwd, home)


def test_a_backup_is_made_put_back_and_what_was_there_kept(ran: CommandLine) -> None:
    (first,) = runs(ran)
    backup = ran.run("db", "backup", "--json").document["file"]
    ran.run("run", "one.yaml")
    assert len(runs(ran)) == 2
    asked = ran.run("db", "restore", backup)
    assert (asked.code, "add --yes" in asked.stderr) == (3, True)
    done = ran.run("db", "restore", backup, "--yes", "--json").document
    assert runs(ran) == [first]
    assert ran.run("db", "restore", done["kept"], "--yes").code == 0
    assert len(runs(ran)) == 2
    assert ran.run("db", "check").stdout.endswith("is whole.\n")
    assert ran.run("db", "vacuum").code == 0
    assert ran.run("db", "restore", "one.yaml", "--yes").code == 4
    (Path(ran.environment["UNDERSTUDY_HOME"]) / "data/journal/journal.db").write_bytes(b"broken" * 999)
    assert ran.run("db", "check").code == 4
    assert ran.run("db", "restore", backup, "--yes").code == 0
    assert runs(ran) == [first]


def test_nothing_in_a_backup_goes_on_by_itself(ran: CommandLine) -> None:
    ran.write("gate.yaml", GATE)
    assert ran.run("run", "gate.yaml").code == 3
    backup = ran.run("db", "backup", "--json").document["file"]
    gate = runs(ran)[0]
    assert ran.run("answer", gate, "ok:1", "approve").code == 0
    done = ran.run("db", "restore", backup, "--yes")
    assert (done.code, f"made: {gate}" in done.stderr) == (0, True)
    assert ran.run("show", gate, "--json").document["status"] == "paused"
    assert ran.run("resume", gate, "--unattended").code == 3, "who knows better goes on with it"


def test_runs_are_exported_and_imported_elsewhere_once(ran: CommandLine) -> None:
    ran.run("run", "one.yaml")
    both = runs(ran)
    assert ran.run("db", "export", "all.jsonl").code == 0
    assert ran.run("db", "export", both[0], "one.jsonl", "--json").document["runs"] == [both[0]]
    assert ran.run("db", "export", "all.jsonl").code == 2
    there = other(ran)
    assert there.run("db", "import", "one.jsonl").stdout == f"{both[0]}\n"
    assert there.run("db", "import", "all.jsonl", "--json").document["known"] == [both[0]]
    assert runs(there) == both
    shown, same = there.run("show", both[0], "--json").document, ran.run("show", both[0], "--json").document
    assert shown == same
    assert there.run("rerun", both[0], "--json").document["outputs"] == {"value": 41}


def test_what_an_import_does_not_understand_changes_nothing(ran: CommandLine) -> None:
    ran.write("gate.yaml", GATE)
    ran.run("db", "export", "good.jsonl")
    ran.run("run", "gate.yaml")
    ran.run("db", "export", "waits.jsonl")
    lines = (ran.cwd / "good.jsonl").read_text().splitlines()
    event = json.loads(lines[3])
    wrong = {
        "cut": lines[:-1],
        "changed": [line.replace("41", "42") for line in lines],
        "unknown": [*lines[:3], json.dumps({**event, "type": "Exploded"}), *lines[4:]],
        "field": [*lines[:3], json.dumps({**event, "body": {**event["body"], "strange": 1}}), *lines[4:]],
        "form": [lines[0].replace('"form":1', '"form":2'), *lines[1:]],
        "more": [*lines, "{}"],
        "text": ["hello"],
    }
    there = other(ran)
    for name, changed in wrong.items():
        ran.write(f"{name}.jsonl", "\n".join(changed) + "\n")
        refused = there.run("db", "import", f"{name}.jsonl")
        assert (refused.code, "Nothing was imported" in refused.stderr) == (2, True), name
    refused = there.run("db", "import", "waits.jsonl")
    assert (refused.code, "is not over" in refused.stderr) == (2, True)
    assert runs(there) == []


def test_what_the_rules_do_not_keep_is_shown_and_goes(ran: CommandLine) -> None:
    ran.write("gate.yaml", GATE)
    ran.run("run", "gate.yaml")
    ran.run("run", "one.yaml")
    settings = Path(ran.run("paths", "--json").document["settings"])
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "settings.yaml").write_text("history: {keep_runs: 1, keep_succeeded: 90d}\n")
    shown = ran.run("db", "--json").document
    assert (len(shown["not_kept"]), shown["rules"]["runs that succeeded"]) == (1, "90d")
    assert "1 run would go now" in ran.run("db").stdout
    assert ran.run("db", "tidy").code == 3
    assert ran.run("db", "tidy", "--yes", "--json").document["removed"]["runs"] == 1
    assert [run["status"] for run in ran.run("runs", "--json").document["runs"]] == ["succeeded", "waiting"]
