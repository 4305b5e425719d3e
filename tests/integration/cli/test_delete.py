"""`understudy delete`: runs are forgotten whole, and only where somebody said so."""

from __future__ import annotations

from tests.support.command_line import CommandLine

ONE = "name: One\nsteps:\n  - {id: a, type: skill, skill: command, parameters: {argv: [echo, hello]}}\n"
GATE = "name: Gate\nsteps:\n  - {id: ok, type: approval, show: Sure?}\n"


def test_runs_are_forgotten_with_what_was_kept_beside_them(line: CommandLine) -> None:
    line.write("one.yaml", ONE)
    first, second = (line.run("run", "one.yaml", "--json").document["run"] for _ in range(2))
    refused = line.run("delete", first)
    assert (refused.code, refused.stdout) == (3, "")
    assert f"{first} of one, succeeded" in refused.stderr
    assert "Nobody is here to ask: add --yes." in refused.stderr
    deleted = line.run("delete", first, "--yes", "--json")
    assert (deleted.code, deleted.document["deleted"]) == (0, [first])
    assert [run["run"] for run in line.run("runs", "--json").document["runs"]] == [second]
    assert not list(line.home.rglob(f"*{first}*"))
    assert line.run("show", first).code != 0
    assert line.run("delete", first, "--yes").code == 2


def test_what_could_be_gone_on_with_is_said_to_be_lost(line: CommandLine) -> None:
    line.write("gate.yaml", GATE)
    run = line.run("run", "gate.yaml", "--unattended", "--json").document["run"]
    deleted = line.run("delete", "last", "--yes")
    assert f"{run} of gate, waiting, which is not over and could not be gone on with" in deleted.stderr
    assert "Deleted 1 run." in deleted.stderr
    assert line.run("inbox", "--json").document["waiting"] == []
