"""`understudy stats`: figures of real runs, for people and as JSON; `runs --filter` finds them."""

from __future__ import annotations

from tests.support.command_line import CommandLine

WORKS = "name: Works\nsteps:\n  - {id: look, type: skill, skill: file.list, parameters: {path: .}}\n"
FAILS = "name: Fails\nsteps:\n  - {id: read, type: skill, skill: file.read, parameters: {path: nowhere}}\n"


def test_figures_of_what_was_run(line: CommandLine) -> None:
    nothing = line.run("stats")
    assert (nothing.code, nothing.stdout) == (0, "")
    assert "No runs in the last 7 days." in nothing.stderr
    line.write("works.yaml", WORKS)
    line.write("fails.yaml", FAILS)
    assert line.run("run", "works.yaml").code == 0
    failed = line.run("run", "fails.yaml", "--json", "--unattended")
    assert failed.code == 4
    document = line.run("stats", "--json").document
    assert (document["runs"], document["succeeded"], document["failed"], document["success_rate"]) == (2, 1, 1, 0.5)
    assert (document["cost_usd"], document["period"]["name"], len(document["parts"])) == (None, "7d", 7)
    assert {(step["workflow"], step["step"]) for step in document["slowest_steps"]} == {
        ("works", "look"),
        ("fails", "read"),
    }
    (error,) = document["top_errors"]
    assert (error["steps"], error["run"]) == (["fails: read"], failed.document["run"])
    shown = line.run("stats", "--period", "today", "--workflow", "FAIL").stdout
    assert "today: 1 run: 1 failed" in shown
    assert failed.document["run"] in shown
    listed = line.run("runs", "--filter", "status:fail wf:fai took<1h", "--json").document["runs"]
    assert [run["run"] for run in listed] == [failed.document["run"]]
    unread = line.run("runs", "--filter", "stauts:failed")
    assert (unread.code, "“stauts:failed” (at 1)" in unread.stderr) == (2, True)
    wrong = line.run("stats", "--period", "yesterday")
    assert wrong.code == 2
    assert "`7d`" in wrong.stderr
