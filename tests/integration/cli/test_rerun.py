"""`understudy rerun`: what stands is not done again, what comes after the step is, and what cannot be is said."""

from __future__ import annotations

import json

import pytest

from tests.support.command_line import CommandLine

NOTES = """\
name: Notes
parameters: [{name: who, default: users}, {name: to, default: out.txt}]
stages:
  - name: gather
    parallel: true
    steps:
      - id: log
        type: skill
        skill: command
        effect: pure
        parameters: {argv: [sh, -c, "echo log >> log.txt; echo ${{ parameters.who }}"]}
      - {id: count, type: transform, value: 3}
  - name: write
    steps:
      - id: each
        foreach: {in: [a, b]}
        type: skill
        skill: command
        parameters: {argv: [sh, -c, "echo ${{ item }} >> each.txt"]}
      - {id: notes, type: transform, value: "${{ steps.log.output.stdout | trim }}: ${{ steps.count.output }}"}
      - id: put
        type: skill
        skill: file.write
        parameters: {path: "${{ parameters.to }}", text: "${{ steps.notes.output }}"}
outputs: {notes: "${{ steps.notes.output }}"}
"""


@pytest.fixture
def run(line: CommandLine) -> str:
    line.write("notes.yaml", NOTES)
    ended = line.run("run", "notes.yaml", "--json")
    assert ended.code == 0, ended.stderr
    return str(ended.document["run"])


def test_only_what_comes_after_is_done_again(line: CommandLine, run: str) -> None:
    before = line.run("show", run, "--events").stdout
    ended = line.run("rerun", run, "--from", "each[1]", "--json")
    assert ended.code == 0, ended.stderr
    again = ended.document
    assert (again["forked_from"], again["fork_at"], again["status"]) == (run, "each[1]", "succeeded")
    reused = {step["id"]: step["reused"] and step["reused"]["run"] for step in again["steps"]}
    assert reused == {
        "log": run, "count": run, "each": None, "each[0]": run, "each[1]": None, "notes": None, "put": None
    }  # fmt: skip
    assert again["outputs"] == {"notes": "users: 3"}
    assert (line.cwd / "log.txt").read_text() == "log\n"
    assert (line.cwd / "each.txt").read_text() == "a\nb\nb\n"
    assert f"Reuses 3 steps of run {run}; does 3 again." in ended.stderr
    shown = line.run("show", again["run"]).stdout
    assert f"run {run} again from each[1]: 3 steps reused" in shown
    assert f"log: done in run {run}, and not done again" in shown
    assert line.run("show", run, "--events").stdout == before


def test_a_given_output_stands_and_another_input_counts(line: CommandLine, run: str) -> None:
    missed = line.run("rerun", run, "--from", "put", "--set", "input.path=other.txt").stderr
    assert "next: Did you mean input.parameters.path?" in missed
    missed = line.run("rerun", run, "--from", "put", "--set", "input.pth=other.txt").stderr
    assert f'next: Its input in run {run}: {{"skill": "file.write", ' in missed
    given = line.run("rerun", run, "--from", "notes", "--set", "output=mine").stdout
    assert given == "mine\n"
    assert (line.cwd / "out.txt").read_text().strip() == "mine"
    edited = line.run("rerun", "last", "--from", "put", "--set", "input.parameters.path=other.txt", "--json").document
    assert (line.cwd / "other.txt").read_text().strip() == "mine"
    assert [step["reused"] is None for step in edited["steps"]] == [False] * 6 + [True]


def test_a_changed_parameter_and_a_changed_text_have_done_again_what_rests_on_them(line: CommandLine, run: str) -> None:
    dry = line.run("rerun", run, "--from", "put", "--input", "who=ops", "--dry-run", "--json").document
    assert {step["step"]: step["becomes"] for step in dry["steps"] if "[" not in step["step"]} == {
        "log": "again",
        "count": "reused",
        "each": "again",
        "notes": "again",
        "put": "again",
    }
    assert (dry["reused"], dry["again"], dry["effects_repeated"]) == (1, 5, ["each[0]", "each[1]"])
    line.write("notes.yaml", NOTES.replace("value: 3", "value: 4"))
    done = line.run("rerun", run, "--from", "put", "--workflow", "notes.yaml")
    assert done.stdout == "users: 4\n"
    assert (line.cwd / "log.txt").read_text() == "log\n"
    assert line.run("rerun", run, "--from", "put").stdout == "users: 3\n"  # its own text


def test_a_dry_run_says_what_would_happen_and_nothing_does(line: CommandLine, run: str) -> None:
    ended = line.run("rerun", run, "--from", "each[0]", "--dry-run")
    assert ended.code == 0
    assert [row.split()[:3] for row in ended.stdout.splitlines()[1:8]] == [
        ["log", "✓", "reused"],
        ["count", "✓", "reused"],
        ["each", "●", "goes"],
        ["each[0]", "↻", "again"],
        ["each[1]", "✓", "reused"],
        ["notes", "↻", "again"],
        ["put", "↻", "again"],
    ]
    assert f"Reuses 3 steps of run {run}; does 3 again.\n" in ended.stdout
    assert "stays, and is done once more: each[0]\n" in ended.stdout  # fmt: skip
    assert f"Nothing ran. Start it with: understudy rerun {run} --from 'each[0]'" in ended.stderr
    assert len(line.run("runs", "--json").document["runs"]) == 1


def test_two_runs_are_compared(line: CommandLine, run: str) -> None:
    same = line.run("diff", run, "last")
    assert (same.code, same.stdout.splitlines()[-1]) == (0, "The same: text, inputs, 7 steps, decisions and outputs.")
    assert line.run("rerun", run, "--from", "notes", "--set", "output=mine").code == 0
    other = line.run("diff", run, "last", "--json")
    assert (other.code, other.document["same"], other.document["parts_at"]) == (1, False, "notes")
    assert [step["step"] for step in other.document["steps"]] == ["notes", "put"]
    refused = line.run("diff", run)
    assert refused.code == 2
    assert "was not begun from another one" in refused.stderr


def test_what_was_reused_stays_when_the_run_it_came_from_is_deleted(line: CommandLine) -> None:
    line.write(
        "large.yaml",
        "name: Large\nsteps:\n"
        "  - {id: a, type: skill, skill: command, effect: pure, parameters: {argv: [head, -c, '70000', /dev/zero]}}\n"
        "  - {id: b, type: transform, value: '${{ len(steps.a.output.stdout) }}'}\n",
    )
    origin = line.run("run", "large.yaml", "--json").document["run"]
    again = line.run("rerun", origin, "--from", "b", "--json").document
    assert line.run("delete", origin, "--yes").code == 0
    gone = line.run("diff", again["run"])
    assert (gone.code, f"was begun from run {origin}, which was deleted since" in gone.stderr) == (2, True)
    kept = line.run("show", again["run"], "--json").document
    assert kept["steps"][0]["output"] == again["steps"][0]["output"]
    assert line.run("rerun", again["run"], "--from", "b").code == 0


def test_without_an_address_the_whole_run_is_done_again(line: CommandLine, run: str) -> None:
    assert line.run("rerun", run, "--input", "who=ops").stdout == "ops: 3\n"
    assert (line.cwd / "each.txt").read_text() == "a\nb\na\nb\n"


def test_what_cannot_be_is_said_and_nothing_begins(line: CommandLine, run: str) -> None:
    for arguments, words in (
        (["--from", "note"], ["has no step 'note'", "Did you mean 'notes'?"]),
        (["--from", "notes", "--set", "outptu=1"], ["--set 'outptu=1' is not", "Did you mean 'output'?"]),
        (["--from", " "], ["--from is empty", "leave it out to have the whole run done again"]),
        (
            ["--from", "log", "--set", 'output={"stdout": "kept-for-ada"}'],
            ["holds a secret", "the history never holds"],
        ),
        (["--input", "whoo=x"], ["there is no parameter 'whoo'", "did you mean 'who'?"]),
    ):
        ended = line.run("rerun", run, *arguments, UNDERSTUDY_SECRET_WORD="kept-for-ada")
        assert ended.code != 0
        assert [word for word in words if word not in ended.stderr] == []
    assert len(line.run("runs", "--json").document["runs"]) == 1


def test_a_run_that_waits_is_forked_and_goes_on_itself(line: CommandLine) -> None:
    line.write(
        "asks.yaml",
        "name: Asks\nsteps:\n  - {id: a, type: transform, value: 1}\n  - {id: ok, type: approval, show: Go?}\n"
        "  - {id: b, type: transform, value: '${{ steps.a.output + 1 }}'}\noutputs: {b: '${{ steps.b.output }}'}\n",
    )
    waits = line.run("run", "asks.yaml", "--json")
    assert waits.code == 3
    given = json.dumps({"approved": True})
    assert line.run("rerun", waits.document["run"], "--from", "ok", "--set", f"output={given}").stdout == "2\n"
    own = line.run("rerun", waits.document["run"], "--from", "b", "--detach", "--json")
    assert own.code == 0, own.stderr  # nobody approved it there: its process waits
    assert line.run("answer", own.document["run"], "ok:1", "approve").code == 0
    assert line.run("attach", own.document["run"]).stdout == "2\n"
    assert line.run("show", waits.document["run"], "--json").document["status"] == "waiting"


NAMED = """\
name: Named
env: [COLOUR]
parameters: [{name: files, type: array, default: [a, b]}]
steps:
  - id: each
    type: parallel
    foreach: {in: "${{ parameters.files }}", as: file}
    steps:
      - {id: say, type: transform, value: "${{ file }} ${{ env.COLOUR }}"}
      - {id: gate, type: approval, show: "${{ file }} ${{ env.COLOUR }}?"}
  - {id: after, type: transform, value: "${{ steps.each.output }}"}
"""


def test_items_of_a_list_may_have_a_name_of_their_own(line: CommandLine) -> None:
    line.write("named.yaml", NAMED)
    run = line.run("run", "named.yaml", "--yes", "--json", COLOUR="red").document["run"]
    again = line.run("rerun", run, "--from", "after", "--json", COLOUR="red")
    assert (again.code, again.document["status"]) == (0, "succeeded"), again.stderr
    other = line.run("rerun", run, "--from", "after", "--dry-run", COLOUR="blue")
    assert other.code == 0, other.stderr
    assert "COLOUR" in other.stdout + other.stderr
