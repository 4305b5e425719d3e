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


def test_figures_by_kind_and_as_a_file(line: CommandLine) -> None:
    line.write("works.yaml", WORKS)
    for _ in range(2):
        assert line.run("run", "works.yaml").code == 0
    (found,) = line.run("stats", "--by", "workflow", "--json").document["groups"]
    assert (found["workflow"], found["runs"], found["success_rate"], found["cost_usd"]) == ("works", 2, 1.0, None)
    assert "not published" in line.run("stats", "--by", "version").stdout
    assert "works" in line.run("stats", "--by", "step").stdout
    assert "There is nothing to count by model in the last 7 days." in line.run("stats", "--by", "model").stderr
    whole = line.run("stats", "--json").document
    assert whole["mean_s"] is not None
    assert [day["runs"] for day in whole["by_day"]] == [2]
    assert "Written to out.csv." in line.run("stats", "--csv", "out.csv", "--by", "step").stderr
    written = (line.cwd / "out.csv").read_bytes().split(b"\r\n")
    assert written[0].startswith(b"workflow,step,performer,tries,")
    assert written[1].startswith(b"works,look,file.list,2,")
    assert line.run("stats", "--csv", "-").stdout.startswith("day,runs,")
    assert line.run("stats", "--csv", "no/such/out.csv").code != 0
    assert line.run("stats", "--csv", "-", "--json").code == 2
