"""`understudy skills`: writing, checking and trying each kind of skill as its author would."""

from __future__ import annotations

import pytest

from tests.support.command_line import PROGRAM, CommandLine
from tests.support.skill_folders import write_folder
from tests.support.terminals import Terminal

KINDS = {"notes.list": "--python", "files.list": "--command", "count-lines": "--folder"}


@pytest.fixture
def trusted(line: CommandLine) -> CommandLine:
    line.write(".understudy/skills/_nothing.py", "")
    assert line.run("trust", "--yes").code == 0
    return line


def test_what_new_writes_is_right_and_works(trusted: CommandLine) -> None:
    for name, kind in KINDS.items():
        written = trusted.run("skills", "new", name, kind)
        assert written.code == 0, written.stderr
        assert "next: " in written.stderr
    checked = trusted.run("skills", "check", "--json").document
    assert (checked["valid"], len(checked["files"])) == (True, 3)
    assert [file["diagnostics"] for file in checked["files"]] == [[], [], []]
    listed = {skill["name"]: skill["kind"] for skill in trusted.run("skills", "list", "--json").document["skills"]}
    assert {name: listed[name] for name in KINDS} == {
        "notes.list": "python",
        "files.list": "command",
        "count-lines": "folder",
    }
    assert "notes.list" in trusted.run("skills", "--from", "workspace").stdout
    assert "most (integer, 20 if not given)" in trusted.run("skills", "show", "notes.list").stdout
    trusted.write("a.txt", "one\n")
    assert "a.txt" in trusted.run("skills", "try", "files.list", "--json").document["result"]
    assert (
        "a.txt" in trusted.run("skills", "try", "notes.list", "--set", "most=5", "--json").document["result"]["names"]
    )
    again = trusted.run("skills", "new", "notes.list")
    assert (again.code, "already" in again.stderr) == (2, True)


def test_a_folder_is_told_to_belong_to_agents(trusted: CommandLine) -> None:
    write_folder(trusted.cwd / ".claude" / "skills", "count-words", files={"references/a.md": "A"})
    shown = trusted.run("skills", "show", "count-words")
    assert "no step can call it: it is instructions for agents" in shown.stdout
    assert "files: references/a.md" in shown.stdout
    assert "# How" in shown.stdout
    tried = trusted.run("skills", "try", "count-words")
    assert (tried.code, "name it in an agent's 'skills'" in tried.stderr) == (2, True)
    trusted.write("w.yaml", "name: W\nsteps:\n  - {id: a, type: skill, skill: count-words}\n")
    refused = trusted.run("validate", "w.yaml")
    assert (refused.code, "name it in an agent's 'skills'" in refused.stdout) == (2, True)


def test_a_step_runs_the_script_that_a_folder_declares(trusted: CommandLine) -> None:
    more = "metadata:\n  understudy-run: scripts/hi.sh\n  understudy-effect: pure\n  understudy-output: json\n"
    files = {"scripts/hi.sh": 'printf \'{"said": "%s", "there": "%s"}\' "$1" "$(basename "$SKILL_DIR")"\n'}
    write_folder(trusted.cwd / ".agents" / "skills", "greet", more=more, files=files)
    trusted.write(
        "w.yaml",
        'name: W\nsteps:\n  - {id: a, type: skill, skill: greet, parameters: {args: ["$(id)"]}}\n'
        'outputs: {all: "${{ steps.a.output }}"}\n',
    )
    ran = trusted.run("run", "w.yaml", "--json")
    assert ran.code == 0, ran.stderr
    assert ran.document["outputs"] == {"all": {"said": "$(id)", "there": "greet"}}


TELLER = """\
---
name: teller
description: Tells of files
model: demo/scripted
skills: [count-lines]
script:
  - tool_calls: [{name: skill_read, arguments: {skill: count-lines}}]
  - tool_calls: [{name: skill_run, arguments: {skill: count-lines, script: scripts/count.py, args: [a.txt]}}]
  - text: It has one line.
---
You tell of files.
"""


def test_an_agent_follows_a_folder_and_a_person_lets_it_run_the_script(trusted: CommandLine) -> None:
    trusted.run("skills", "new", "count-lines", "--folder")
    trusted.write(".understudy/agents/teller.md", TELLER)
    trusted.write("a.txt", "one line\n")
    trusted.write("w.yaml", "name: W\nsteps:\n  - {id: t, type: agent, agent: teller, input: How long is a.txt?}\n")
    assert "may ask you about skill.run · tools count-lines/" in trusted.run("plan", "w.yaml").stdout
    ran = trusted.run("run", "w.yaml", "--json")
    (waits,) = ran.document["waiting"]
    assert ran.code == 3
    assert "Run scripts/count.py of the skill count-lines" in waits["title"]
    answered = trusted.run("answer", ran.document["run"], waits["entry"], "approve", "--json")
    assert answered.code == 0, answered.stderr
    shown = trusted.run("show", ran.document["run"], "--json").document
    (step,) = shown["steps"]
    assert (step["status"], step["output"]["text"]) == ("succeeded", "It has one line.")


def test_what_may_change_something_is_shown_and_asked(trusted: CommandLine) -> None:
    write = ("skills", "try", "file.write", "--set", "path=a.txt", "--set", "text=hello")
    asked = trusted.run(*write)
    assert asked.code == 3
    assert "+hello" in asked.stderr
    assert "touches reads, writes" in asked.stderr
    assert not (trusted.cwd / "a.txt").exists()
    assert trusted.run(*write, "--yes").code == 0
    assert (trusted.cwd / "a.txt").read_text() == "hello"


def test_a_sandbox_that_is_required_is_required_of_a_trial_too(trusted: CommandLine) -> None:
    trusted.run("skills", "new", "files.list", "--command")
    settings = trusted.home / "state" / "config" / "settings.yaml"
    settings.write_text("sandbox: required\n")
    tried = trusted.run("skills", "try", "files.list", PATH=str(trusted.home))
    assert (tried.code, "the sandbox is required" in tried.stderr) == (4, True)


def test_nothing_of_a_workspace_is_tried_before_it_is_trusted(line: CommandLine) -> None:
    told = line.run("skills", "new", "notes.list")
    assert (told.code, "not trusted" in told.stderr) == (0, True)
    tried = line.run("skills", "try", "notes.list", "--yes")
    assert (tried.code, "understudy trust" in tried.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "file.raed"), "did you mean file.read"),
        (("chek",), "did you mean `understudy skills check`"),
        (("try", "file.read", "--set", "pth=x"), "Did you mean 'path'?"),
        (("try", "file.read", "--set", "path"), "is not NAME=VALUE"),
        (("try", "file.list", "--set", "limit=many"), "must be an integer"),
        (("new", "Count Words", "--folder"), "Such as: count-words"),
        (("new", "a b"), "no name for a skill"),
        (("check", "nowhere.py"), "neither such a file nor such a skill"),
    ],
)
def test_mistakes_are_told_with_what_to_do(line: CommandLine, words: tuple[str, ...], said: str) -> None:
    ended = line.run("skills", *words)
    assert ended.code == 2
    assert said in ended.stdout + ended.stderr


def test_check_names_line_and_column_of_every_error(line: CommandLine) -> None:
    line.write("s/a.py", "from skills import skill\n@skill(efect='pure')\ndef a(): ...\n")
    line.write("s/b.yaml", "name: b\ndescription: d\ncommand: [ls, '{x}']\n")
    line.write("s/C/SKILL.md", "---\nname: c\nversion: 1\n---\n")
    checked = line.run("skills", "check", "s", "--json")
    assert checked.code == 2
    found = {
        (file["file"].split("/")[-1], each["line"], each["column"])
        for file in checked.document["files"]
        for each in file["diagnostics"]
        if each["severity"] == "error"
    }
    assert found == {
        ("a.py", 2, 14),
        ("b.yaml", 3, 15),
        ("SKILL.md", 2, 1),
        ("SKILL.md", 2, 7),
        ("SKILL.md", 3, 1),
    }
    assert "3 | version: 1" in line.run("skills", "check", "s/C").stdout


def test_check_finds_two_of_one_name(trusted: CommandLine) -> None:
    trusted.run("skills", "new", "files.list", "--command")
    trusted.write(".understudy/skills/other.yaml", "name: files.list\ndescription: d\ncommand: [ls]\n")
    checked = trusted.run("skills", "check")
    assert checked.code == 2
    assert "the skill files.list is already defined in" in checked.stdout


MENDED = """\
from skills import SkillError, skill


@skill(name="drill", effect="pure")
def drill() -> dict:
    \"\"\"Fail, until it is mended.\"\"\"
    {body}
"""


def test_a_run_tells_of_what_was_mended_while_it_waited_and_takes_it(trusted: CommandLine) -> None:
    skill = trusted.write(".understudy/skills/drill.py", MENDED.format(body='raise SkillError("not yet")'))
    trusted.write("drill.yaml", "name: Drill\nsteps:\n  - {id: d, type: skill, skill: drill}\n")
    environ = {**trusted.environment, "TERM": "xterm-256color"}
    terminal = Terminal([PROGRAM, "run", "drill.yaml", "--plain"], environ, trusted.cwd)
    try:
        terminal.until(b"choose 1-")
        skill.write_text(MENDED.format(body="return {"))
        terminal.until(b"drill.py:7 broken: ")
        terminal.until(b"the last good version stays")
        skill.write_text(MENDED.format(body="return {}"))
        terminal.until(b"reloaded drill")
        terminal.press(b"1\n")
        terminal.until(b"done after")
    finally:
        terminal.close()


def test_where_there_is_none_it_is_said_where_they_go(line: CommandLine) -> None:
    listed = line.run("skills", "list", "--from", "workspace")
    assert (listed.code, listed.stdout) == (0, "")
    assert f"{line.cwd}/.understudy/skills" in listed.stderr
    assert "understudy skills new NAME" in listed.stderr
    assert "no skills of your own to check" in line.run("skills", "check").stderr


def test_an_undo_that_no_step_could_use_is_an_error_of_the_file(trusted: CommandLine) -> None:
    body = (
        'from skills import skill\n\n\n@skill(name="keep", undo=UNDO)\ndef keep(text: str) -> str:\n    """Keep."""\n'
    )
    for undo, said in (
        ('"file.restore"', "keep.py:5:1: error: its undo 'file.restore' needs the parameter 'backup'"),
        ('"no.such"', "its undo 'no.such' is no skill"),
        ('{"skill": "keep", "parameters": {"text": "a", "b": 1}}', "its undo 'keep' has no parameter 'b'"),
        ('{"skill": "keep", "parameters": {"text": "${{ output }}"}}', "keep.py: ok"),
    ):
        trusted.write(".understudy/skills/keep.py", body.replace("UNDO", undo))
        assert said in trusted.run("skills", "check").stdout


def test_what_a_skill_says_in_pieces_is_shown_in_lines(trusted: CommandLine) -> None:
    body = "def parts(context: Context) -> str:\n    context.emit('a ')\n    context.emit('b\\nc')\n    return 'd'\n"
    head = 'from skills import Context, skill\n\n\n@skill(name="parts", effect="pure")\n'
    trusted.write(".understudy/skills/parts.py", head + body.replace(":\n", ':\n    """Say."""\n', 1))
    tried = trusted.run("skills", "try", "parts")
    assert (tried.stderr, tried.stdout) == ("│ a b\n│ c\n", "d\n")
    unknown = trusted.run("skills", "try", "mcp__none__here")
    assert "`understudy mcp` lists servers" in unknown.stderr
