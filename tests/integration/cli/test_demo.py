"""The demo: real work with labelled words, to its end without a person, and with one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from app.present.labels import DEMO
from tests.support.command_line import CommandLine, Ended
from tests.support.dumb_terminals import Terminal


def story(ended: Ended) -> str:
    """The narration without what differs from run to run."""
    text = re.sub(r"\d\d:\d\d:\d\d", "TIME", ended.stderr)
    text = re.sub(r"\b[0-9a-f]{8}\b", "RUN", text)
    text = re.sub(r"\d+\.\d s", "n s", text)
    text = re.sub(r"\S*understudy-demo-[a-z0-9_]+", "FOLDER", text)
    # Parallel steps may end in either order.
    return "\n".join(sorted(text.splitlines()))


def test_without_a_terminal_a_labelled_script_answers_and_all_else_is_real(line: CommandLine) -> None:
    ended = line.run("demo")
    assert ended.code == 0
    assert ended.stdout.startswith(f"[{DEMO}]\n")
    assert "5 links checked, 0 broken" in ended.stdout
    for words in (
        "The answer broke off",
        "second-reviewer takes over from reviewer",
        "answered approve by demo script, not a person",
        "ended with exit code 1",
        "its input was changed by demo script, not a person",
    ):
        assert words in ended.stderr
    folder = Path(re.findall(r"is in (\S+)", ended.stderr)[0])
    report = (folder / "report.md").read_text()
    assert "3 files, 3 things left to do, 5 commits" in report
    assert "no AI" in report
    log = subprocess.run(["git", "log", "--format=%an %s"], cwd=folder, capture_output=True, text=True, check=True)
    assert len(log.stdout.splitlines()) == 5
    assert folder.stat().st_mode & 0o077 == 0


def test_the_story_is_the_same_every_time_and_each_line_of_a_scripted_agent_is_labelled(line: CommandLine) -> None:
    first, second = line.run("demo"), line.run("demo")
    assert story(first) == story(second)
    assert not list(line.cwd.iterdir()), "nothing is left in the folder it was typed in"
    written = [
        text for text in first.stderr.splitlines() if "demo/scripted" in text or "done by the understudy" in text
    ]
    assert len(written) >= 2
    assert all(DEMO in text for text in written)


def test_history_and_json_say_that_no_ai_was_at_work(line: CommandLine) -> None:
    document = line.run("demo", "--json").document
    assert (document["status"], document["simulated"], document["label"]) == ("succeeded", True, DEMO)
    review = next(step for step in document["steps"] if step["id"] == "review")
    assert (review["model"], review["simulated"], review["label"]) == ("demo/scripted", True, DEMO)
    assert (review["performer"], review["understudy"]) == ("second-reviewer", True)
    assert [attempt["status"] for attempt in review["attempts"]] == ["failed", "succeeded"]
    assert document["spent"]["cost"] == "no cost"
    (run,) = line.run("runs", "--json").document["runs"]
    assert run["simulated"] is True
    assert "no AI" in line.run("runs").stdout
    assert DEMO in line.run("show", "last").stdout


def test_without_git_it_says_so(line: CommandLine) -> None:
    ended = line.run("demo", PATH=str(line.home))
    assert ended.code == 2
    assert "git" in ended.stderr


def test_the_users_git_settings_have_no_part_in_it(line: CommandLine) -> None:
    (line.home / ".gitconfig").write_text("[commit]\n\tgpgsign = true\n[core]\n\thooksPath = /nowhere\n")
    assert line.run("demo", GIT_DIR="/nowhere", GIT_AUTHOR_NAME="").code == 0


def test_on_a_dumb_terminal_a_person_is_asked_in_plain_lines(line: CommandLine) -> None:
    terminal = Terminal(line, "demo")
    shown = terminal.wait_for("for report, then enter")
    assert shown.index("+# Report") < shown.index("1  approve"), "the change is shown before any choice"
    terminal.type("")
    terminal.wait_for("Enter alone chooses nothing")
    terminal.wait_for("then enter")
    terminal.type("1")
    assert "hint: leave the old menu out" in terminal.wait_for("for links, then enter")
    terminal.type("e")
    terminal.wait_for("the step's new input: a JSON object")
    terminal.type("parameters.nonsense.9=1")
    terminal.wait_for("there is no 'nonsense' in it (it has argv)")
    terminal.wait_for("then enter")
    terminal.type("2")
    terminal.wait_for("the step's new input: a JSON object")
    terminal.type("parameters.argv.3=--skip=old-menu.md")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.shown
    assert "not a person" not in terminal.shown
    events = line.run("show", "last", "--events").stdout
    assert "demo script" not in events


def test_a_denial_carries_its_reason(line: CommandLine) -> None:
    terminal = Terminal(line, "demo")
    terminal.wait_for("for report, then enter")
    terminal.type("deny")
    terminal.wait_for("reason, if you like")
    terminal.type("not like this")
    assert terminal.end() == 1
    assert "The approval was denied: not like this" in terminal.shown


def test_a_terminal_that_goes_away_leaves_a_run_that_can_be_resumed(line: CommandLine) -> None:
    terminal = Terminal(line, "demo")
    terminal.wait_for("for report, then enter")
    os.close(terminal.master)
    assert terminal.process.wait(60) in (3, 129)
    (run,) = line.run("runs", "--json").document["runs"]
    assert run["status"] == "waiting"
    assert run["waiting"][0]["entry"] == "report:1"
    assert run["owner"] == ""


def test_a_demo_that_was_stopped_goes_on_though_its_folder_was_never_trusted(line: CommandLine) -> None:
    process = line.start("demo")
    assert process.stderr is not None
    while "takes over from reviewer" not in (text := process.stderr.readline()):
        assert text
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    ended = line.run("resume", "last")
    assert ended.code == 3
    assert "report wants your approval" in ended.stderr
