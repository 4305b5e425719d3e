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


def test_runs_are_chosen_by_status_age_and_workflow(line: CommandLine) -> None:
    line.write("one.yaml", ONE)
    line.write("bad.yaml", ONE.replace("echo, hello", "'false'"))
    line.write("gate.yaml", GATE)
    good, bad = (line.run("run", f"{name}.yaml", "--json").document["run"] for name in ("one", "bad"))
    gate = line.run("run", "gate.yaml", "--unattended", "--json").document["run"]

    dry = line.run("delete", "--older-than", "0d", "--dry-run")
    first, *rows = dry.stdout.splitlines()
    assert (first.startswith("2 runs would go ("), first.endswith("): 1 of bad, 1 of one")) == (True, True)
    assert [row.split("  ")[1] for row in rows] == [bad, good]
    assert dry.stderr == "Nothing was deleted: this was only a look.\n"
    refused = line.run("delete", "--status", "failed,cancelled")
    assert (refused.code, refused.stdout) == (3, "")
    assert f"  {bad}  bad · ✗ failed" in refused.stderr
    assert refused.stderr.endswith("Nobody is here to ask: add --yes.\n")
    assert line.run("delete", "--older-than", "1d", "--yes").stderr == "No run is like that.\n"
    done = line.run("delete", "--status", "failed", "--workflow", "bad", "--yes", "--json").document
    assert (done["chosen"], done["deleted"], done["staying"], done["dry_run"]) == ([bad], [bad], [], False)
    assert done["bytes"] > 500
    assert {run["run"] for run in line.run("runs", "--json").document["runs"]} == {good, gate}

    for arguments, words in (
        ([], "Name a RUN, or say which: --older-than 30d"),
        (["last", "--status", "failed"], "Name runs, or choose them by"),
        (["--older-than", "30"], "is no age such as 12h, 30d or 8w"),
        (["--status", "waiting"], "goes only by name: understudy delete RUN"),
        (["--status", "fialed"], "did you mean 'failed'?"),
    ):
        wrong = line.run("delete", *arguments)
        assert (wrong.code, words in wrong.stderr) == (2, True), wrong.stderr


def test_what_a_process_has_is_not_deleted_and_neither_is_what_was_named_with_it(line: CommandLine) -> None:
    line.write("one.yaml", ONE)
    line.write("gate.yaml", GATE)
    done = line.run("run", "one.yaml", "--json").document["run"]
    own = line.run("run", "gate.yaml", "--detach", "--attended", "--json").document["run"]
    refused = line.run("delete", done, own, "--yes")
    assert (refused.code, f"Run {own} is being run by pid" in refused.stderr) == (4, True)
    assert line.run("pause", own).code == 0
    stays = line.run("delete", "--status", "paused", "--yes", "--json").document
    assert (stays["deleted"], [each["run"] for each in stays["staying"]]) == ([], [own])
    assert stays["staying"][0]["why"].endswith(" has it")
    assert line.run("cancel", own).code == 0
    assert line.run("delete", done, own, "--yes", "--json").document["deleted"] == [done, own]
