"""What happens before anything is asked for: help, version, wrong commands, completion."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.cli.main import COMMANDS
from tests.support.command_line import CommandLine

HEAVY = ("textual", "litellm", "mcp", "pydantic", "jinja2", "sqlite3", "yaml", "app.container", "app.desk")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], [], ["nonsense"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from app.cli.main import run; run(sys.argv[1:]); "
        f"sys.exit(', '.join(name for name in {HEAVY!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_without_a_command_and_without_a_terminal_it_shows_the_help(line: CommandLine) -> None:
    ended = line.run()
    assert ended.code == 0
    assert all(command in ended.stdout for command in COMMANDS)
    assert "3 a person is needed" in " ".join(ended.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_the_line_of_the_list(line: CommandLine, command: str) -> None:
    ended = line.run(command, "--help")
    assert ended.code == 0
    assert ended.stdout.startswith(f"Usage: understudy {command}")


def test_the_commands_of_a_group_stand_in_the_order_in_which_they_are_needed(line: CommandLine) -> None:
    listed = line.run("mcp", "--help").stdout.split("Commands:")[1].splitlines()
    assert [row.split()[0] for row in listed if row.strip()] == ["list", "show", "add", "check", "accept", "forget"]


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(line: CommandLine) -> None:
    ended = line.run("validat")
    assert (ended.code, ended.stdout) == (2, "")
    assert "Did you mean 'validate'?" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "Missing argument 'WORKFLOW'"),
        (["run", "release-notes", "--input", "novalue"], "'novalue' is not NAME=VALUE"),
        (["run", "release-notes", "-i", "a=1", "-i", "a=2"], "given twice"),
        (["run", "release-notes", "--yes", "--deny"], "--yes or --deny"),
        (["run", "release-notes", "--input", "audiense=users"], "did you mean 'audience'"),
        (["run", "relase-notes"], "next: did you mean 'release-notes'?\n"),
        (["plan", "nowhere/at-all.yaml"], "nowhere/at-all.yaml"),
        (["show", "0000"], "0000"),
        (["resume", "last"], ""),
        (["answer", "0000", "x:1", "approve"], "0000"),
        (["answer", "0000", "x:1", "edit", "--value", "1", "--value-file", "x"], "--value or --value-file"),
        (["answer", "0000", "x:1", "edit", "--value-file", "nowhere"], "nowhere cannot be read"),
        (["completion", "tcsh"], "bash"),
        (["compose", "x", "--save", "../x"], "--save"),
        (["skills", "file.wrte"], "file.write"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_says_what_is_wrong(
    line: CommandLine, arguments: list[str], words: str
) -> None:
    ended = line.run(*arguments)
    assert (ended.code, ended.stdout) == (2, "")
    assert words in ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_complete_commands(line: CommandLine, shell: str) -> None:
    assert "_UNDERSTUDY_COMPLETE" in line.run("completion", shell).stdout
    ended = line.run(_UNDERSTUDY_COMPLETE="bash_complete", COMP_WORDS="understudy va", COMP_CWORD="1")
    assert "validate" in ended.stdout


@pytest.mark.parametrize(
    "arguments",
    [["runs"], ["workflows"], ["skills"], ["agents"], ["doctor"], ["paths"], ["plan", "release-notes"], ["validate"]],
)
def test_json_is_exactly_one_document_of_a_known_version(line: CommandLine, arguments: list[str]) -> None:
    ended = line.run(*arguments, "--json")
    assert ended.code == 0, ended.stderr
    assert ended.document["schema_version"] == 1
    assert line.run(*arguments).code == 0


def test_colour_is_used_only_where_it_is_wanted(line: CommandLine) -> None:
    assert "\x1b[" not in line.run("runs").stderr + line.run("workflows").stdout
    assert "\x1b[1m" in line.run("workflows", FORCE_COLOR="1").stdout
    assert "\x1b[" not in line.run("workflows", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in line.run("workflows", "--plain", FORCE_COLOR="1").stdout


def test_a_terminal_that_knows_no_unicode_still_gets_everything(line: CommandLine) -> None:
    ended = line.run("doctor", PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "?" in ended.stdout


def test_a_reader_that_leaves_early_is_no_error(line: CommandLine) -> None:
    done = subprocess.run(
        f"{sys.executable} -c 'from app.cli.main import main; main()' schema | head -c 10",
        shell=True,
        cwd=line.cwd,
        env=line.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
