"""`understudy secrets`: values go in by a prompt or a pipe, and never come out."""

from __future__ import annotations

import os
import pty
import re
import stat
import subprocess

import pytest

from tests.support.command_line import PROGRAM, CommandLine

VALUE = "tok-4f9a8e7d6c5b"


def file_of(line: CommandLine):  # type: ignore[no-untyped-def]  # a Path
    return line.home / "state" / "config" / "secrets.json"


def test_from_a_pipe_to_the_list_and_out_again(line: CommandLine) -> None:
    done = line.run("secrets", "set", "TOKEN", stdin=f"{VALUE}\n")
    assert (done.code, done.stdout) == (0, "")
    assert "TOKEN is kept in" in done.stderr
    assert f'"{VALUE}"' in file_of(line).read_text(), "without the line end of the shell"
    assert stat.S_IMODE(file_of(line).stat().st_mode) == 0o600

    listed = line.run("secrets", "list", UNDERSTUDY_SECRET_OTHER="env-12345678", UNDERSTUDY_SECRET_TOKEN="env-12345678")
    assert listed.code == 0
    assert re.search(r"^OTHER +UNDERSTUDY_SECRET_OTHER$", listed.stdout, re.MULTILINE)
    assert re.search(r"^TOKEN +UNDERSTUDY_SECRET_TOKEN, not from the file$", listed.stdout, re.MULTILINE)
    document = line.run("secrets", "list", "--json").document
    assert document["secrets"] == [{"name": "TOKEN", "source": "file", "shadowed": False}]

    removed = line.run("secrets", "remove", "TOKEN", "--json")
    assert (removed.code, removed.document["removed"], removed.document["still_set"]) == (0, True, False)
    assert VALUE not in file_of(line).read_text()
    assert "There are no secrets." in line.run("secrets", "list").stderr
    for ended in (done, listed, removed):
        assert VALUE not in ended.stdout + ended.stderr
        assert "env-12345678" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("flow", "arguments", "said"),
    [
        ("parameters: [{name: key}]", ["-i", f"key={VALUE}"], "The parameter 'key' holds a secret"),
        ("env: [HIDDEN]", [], "The variable HIDDEN, which the workflow reads, holds a secret"),
        (f"description: {VALUE}", [], "flow.yaml holds a secret"),
    ],
)
def test_no_run_begins_that_would_record_one(line: CommandLine, flow: str, arguments: list[str], said: str) -> None:
    line.write("flow.yaml", f"name: t\n{flow}\nsteps:\n  - {{id: a, type: transform, value: 1}}\n")
    ran = line.run("run", "flow.yaml", *arguments, UNDERSTUDY_SECRET_TOKEN=VALUE, HIDDEN=VALUE)
    assert ran.code == 2
    assert said in ran.stderr
    assert "secrets.NAME" in ran.stderr or "secrets.HIDDEN" in ran.stderr
    assert VALUE not in ran.stderr + ran.stdout
    assert line.run("runs", "--json").document["runs"] == []


def test_a_line_of_a_file_is_shown_without_the_secret_in_it(line: CommandLine) -> None:
    line.write("flow.yaml", f"name: t\nsteps:\n  - {{id: a, type: transfrom, value: {VALUE}}}\n")
    for more in ([], ["--json"]):
        shown = line.run("validate", "flow.yaml", *more, UNDERSTUDY_SECRET_TOKEN=VALUE)
        assert "transfrom" in shown.stdout + shown.stderr
        assert "•••" in shown.stdout + shown.stderr
        assert VALUE not in shown.stdout + shown.stderr


def test_in_a_terminal_the_value_is_asked_for_and_not_echoed(line: CommandLine) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, "secrets", "set", "TOKEN"],
        cwd=line.cwd,
        env=line.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        seen = b""
        answered = False
        while True:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not chunk:
                break
            seen += chunk
            if not answered and b"Value of TOKEN" in seen:
                answered = True
                os.write(ours, f"{VALUE}\n".encode())
        assert process.wait(60) == 0
    os.close(ours)
    assert b"is kept in" in seen
    assert VALUE.encode() not in seen
    assert VALUE in file_of(line).read_text()


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (("set", "TOKEN", VALUE), "", 2, "The value is no argument"),
        (("set", "TOKEN"), "", 2, "at least 6 characters"),
        (("set", "to-ken"), "long enough", 2, "cannot be the name"),
        (("remove", "TOKEM"), "", 2, "did you mean 'TOKEN'?"),
    ],
)
def test_mistakes_are_told_with_what_to_do(
    line: CommandLine, arguments: tuple[str, ...], stdin: str, code: int, words: str
) -> None:
    line.run("secrets", "set", "TOKEN", stdin="kept-before")
    ended = line.run("secrets", *arguments, stdin=stdin)
    assert (ended.code, ended.stdout) == (code, "")
    assert words in ended.stderr
    assert VALUE not in ended.stderr
    assert "kept-before" in file_of(line).read_text()


def test_a_value_that_is_no_text_is_refused(line: CommandLine) -> None:
    done = subprocess.run(
        [PROGRAM, "secrets", "set", "TOKEN"],
        env=line.environment,
        cwd=line.cwd,
        input=b"\xff\xfe123456",
        capture_output=True,
    )
    assert done.returncode == 2
    assert b"text in UTF-8" in done.stderr


def test_a_secret_of_the_environment_is_not_removed_by_us(line: CommandLine) -> None:
    ended = line.run("secrets", "remove", "TOKEN", UNDERSTUDY_SECRET_TOKEN=VALUE)
    assert ended.code == 2
    assert "Unset UNDERSTUDY_SECRET_TOKEN" in ended.stderr


def test_a_file_that_others_can_read_ends_the_command_and_nothing_else(line: CommandLine) -> None:
    line.run("secrets", "set", "TOKEN", stdin=VALUE)
    file_of(line).chmod(0o644)
    ended = line.run("secrets", "list", "--json")
    assert ended.code == 4
    assert "its mode is 0644" in ended.document["error"]["message"]
    assert f"chmod 600 {file_of(line)}" in ended.stderr
    assert line.run("workflows").code == 0
