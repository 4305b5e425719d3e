"""How commands end that cannot do what was asked: words on stderr, one document with --json, and the right code."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.command_line import PROGRAM, CommandLine

WAITS = """\
name: Waits
steps:
  - {id: ask, type: approval, show: Go on?}
"""

BROKEN = "name: Broken\nsteps:\n  - {id: a, type: skil}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "nope"], 2, "There is no workflow 'nope'"),
        (["frob"], 2, "There is no command 'frob'"),
        (["show", "nope"], 2, "nope"),
        (["run", "waits.yaml", "--input", "x=1"], 2, "x"),
    ],
)
def test_an_error_is_one_document_too(line: CommandLine, arguments: list[str], code: int, words: str) -> None:
    (line.cwd / "waits.yaml").write_text(WAITS)
    ended = line.run(*arguments, "--json")
    assert ended.code == code
    assert words in ended.document["error"]["message"]
    assert ended.document["exit_code"] == code
    assert words in ended.stderr


def test_a_broken_file_has_its_diagnostics_in_the_document(line: CommandLine) -> None:
    (line.cwd / "broken.yaml").write_text(BROKEN)
    ended = line.run("run", "broken.yaml", "--json")
    assert ended.code == 2
    (found,) = ended.document["error"]["diagnostics"]
    assert (found["line"], found["column"], found["code"]) == (3, 19, "unknown-kind")


def test_closed_streams_are_no_fault(line: CommandLine) -> None:
    shell = f"exec {PROGRAM} runs <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", shell], cwd=line.cwd, env=line.environment, timeout=60, check=False)
    assert done.returncode == 0


def test_a_run_that_was_left_can_be_ended(line: CommandLine) -> None:
    (line.cwd / "waits.yaml").write_text(WAITS)
    run = line.run("run", "waits.yaml", "--json").document["run"]
    ended = line.run("cancel", run, "--json")
    assert (ended.code, ended.document["status"]) == (0, "cancelled")
    again = line.run("resume", run)
    assert again.code == 2
    assert "is over" in again.stderr


def test_a_workspace_s_file_is_not_run_untrusted_whatever_it_is_called_by(line: CommandLine) -> None:
    folder = line.cwd / "project" / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    (folder / "evil.yaml").write_text("name: Evil\nsteps:\n  - {id: a, type: transform, value: 1}\n")
    (line.cwd / "link.yaml").symlink_to(folder / "evil.yaml")
    for name in ("project/.understudy/workflows/evil.yaml", "link.yaml"):
        ended = line.run("run", name)
        assert ended.code == 4
        assert "never trusted" in ended.stderr


def test_trust_shows_all_that_it_lets_act(line: CommandLine) -> None:
    (line.cwd / ".claude" / "agents").mkdir(parents=True)
    (line.cwd / ".claude" / "agents" / "helper.md").write_text("---\nname: helper\ndescription: Helps.\n---\nHelp.\n")
    shown = line.run("trust")
    assert shown.code == 3
    assert ".claude/agents/helper.md" in shown.stderr
    assert line.run("trust", "--yes", "--json").document["trusted"] is True
    assert line.run("trust", "--revoke", "--json").document["trusted"] is False


def test_last_is_the_newest_run_that_can_go_on(line: CommandLine) -> None:
    (line.cwd / "waits.yaml").write_text(WAITS)
    (line.cwd / "quick.yaml").write_text("name: Quick\nsteps:\n  - {id: a, type: transform, value: 1}\n")
    waiting = line.run("run", "waits.yaml", "--json").document["run"]
    quick = line.run("run", "quick.yaml", "--json").document["run"]
    assert line.run("resume", "last", "--json").document["run"] == waiting
    assert line.run("show", "last", "--json").document["run"] == quick
    assert line.run("answer", "last", "ask:1", "approve", "--json").document["status"] == "succeeded"


def test_an_approval_with_a_timeout_and_no_default_does_not_hold_up_who_cannot_answer(line: CommandLine) -> None:
    (line.cwd / "waits.yaml").write_text(WAITS.replace("show:", "timeout: 2h, show:"))
    ended = line.run("run", "waits.yaml", "--json")
    assert ended.code == 3
    assert ended.document["waiting"]


def test_a_plan_shows_what_a_step_is_given_before_the_workspace_is_trusted(line: CommandLine) -> None:
    folder = line.cwd / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    (folder / "build.yaml").write_text(
        "name: Build\nsteps:\n  - {id: a, type: skill, skill: command, parameters: {argv: [make, all]}}\n"
    )
    shown = line.run("plan", "build")
    assert shown.code == 0
    assert "argv: make all" in shown.stdout
    assert "skill command" in shown.stdout
    assert line.run("run", "build").code == 4
