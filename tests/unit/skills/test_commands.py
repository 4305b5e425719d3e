"""Declared commands: what their files may say, and the argument lists that come of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skills.commands.fill import fill
from skills.commands.perform import CommandPerformer
from skills.discover import workspace_folder
from skills.manifest import Skill
from tests.support.skill_calls import Caller, workspace_registry
from workflows.errors import CallFailed

WORDS = """\
name: words.count
description: Count the words of a file.
parameters:
  - {name: file, type: path, required: true, description: The file.}
  - {name: option, enum: [words, lines], default: words}
command: [wc, "--{option}", "{file}"]
effect: pure
touches: [reads]
timeout: 30s
"""


def declare(root: Path, text: str, name: str = "words.yaml") -> Path:
    path = workspace_folder(root).path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def declared(root: Path, text: str) -> Skill:
    declare(root, text)
    registry = workspace_registry(root)
    assert registry.snapshot.problems == ()
    return next(skill for skill in registry.snapshot.skills.values() if skill.kind == "command")


def test_a_command_is_a_skill_with_typed_parameters(tmp_path: Path) -> None:
    skill = declared(tmp_path, WORDS)
    assert (skill.name, skill.effect, skill.touches) == ("words.count", "pure", {"reads", "shell"})
    assert skill.parameters["required"] == ["file"]
    assert skill.parameters["properties"]["file"]["format"] == "path"
    assert skill.parameters["properties"]["option"]["default"] == "words"


async def test_it_runs_without_a_shell_and_gives_what_it_wrote(tmp_path: Path) -> None:
    declare(tmp_path, WORDS)
    (tmp_path / "a file; rm -rf x").write_text("one two three\n")
    call = Caller(tmp_path)
    assert (await call("words.count", file="a file; rm -rf x")).startswith("3 ")
    assert (await call("words.count", file="a file; rm -rf x", option="lines")).startswith("1 ")
    assert (await call.failure("words.count", file="../x")).kind == "denied"
    assert "must be one of words, lines" in (await call.failure("words.count", file="x", option="bytes")).message
    assert "ended with exit code 1" in (await call.failure("words.count", file="not-there")).message
    preview = await call.preview("words.count", file="x")
    assert preview.body.splitlines()[1:] == ["1: '--words'", f"2: '{tmp_path / 'x'}'"]


async def test_what_it_writes_can_be_lines_or_data(tmp_path: Path) -> None:
    declare(tmp_path, "name: lines\ndescription: d\ncommand: [printf, 'a\\nb\\n']\noutput: lines\n", "lines.yaml")
    declare(tmp_path, "name: data\ndescription: d\ncommand: [echo, '{\"a\": [1]}']\noutput: json\n", "data.yaml")
    declare(tmp_path, "name: wrong\ndescription: d\ncommand: [echo, oops]\noutput: json\n", "wrong.yaml")
    declare(tmp_path, "name: one\ndescription: d\ncommand: ['false']\nok_exits: [0, 1]\n", "one.yaml")
    call = Caller(tmp_path)
    assert await call("lines") == ["a", "b"]
    assert await call("data") == {"a": [1]}
    assert await call("one") == ""
    assert "should write JSON" in (await call.failure("wrong")).message


@pytest.mark.parametrize(
    ("words", "arguments", "expected"),
    [
        (["p", "{a}"], {"a": "x y"}, ["p", "x y"]),
        (["p", "--n={a}"], {"a": 3}, ["p", "--n=3"]),
        (["p", "--n={a}", "z"], {"a": None}, ["p", "z"]),
        (["p", "{a}"], {"a": ["x", "y"]}, ["p", "x", "y"]),
        (["p", "{a}"], {"a": []}, ["p"]),
        (["p", "{a}"], {"a": True}, ["p", "true"]),
        (["p", "{a}"], {"a": -5}, ["p", "-5"]),
        (["p", "--", "{a}"], {"a": "-x"}, ["p", "--", "-x"]),
        (["p", "--a={a}"], {"a": "-x"}, ["p", "--a=-x"]),
        (["p", "{a}{b}"], {"a": "{b}", "b": "{a}"}, ["p", "{b}{a}"]),
        (["awk", "{print $1}", "{{a}}"], {"a": "x"}, ["awk", "{print $1}", "{a}"]),
        (["find", "-exec", "ls", "{}", ";"], {}, ["find", "-exec", "ls", "{}", ";"]),
    ],
)
def test_words_are_filled(words: list[str], arguments: dict[str, object], expected: list[str]) -> None:
    assert fill(words, arguments) == expected


@pytest.mark.parametrize("value", ["-rf", "--output=/etc/passwd", ["a", "-x"]])
def test_a_value_never_becomes_an_option(value: object) -> None:
    with pytest.raises(CallFailed) as caught:
        fill(["p", "{a}"], {"a": value})
    assert "would take for an option" in caught.value.message


def test_values_that_the_declaration_lists_may_be_options(tmp_path: Path) -> None:
    parameters = "[{name: long, enum: [-l]}, {name: what}]"
    words = "[ls, '{long}', '{what}']"
    skill = declared(tmp_path, f"name: there\ndescription: d\nparameters: {parameters}\ncommand: {words}\n")
    assert isinstance(skill.performer, CommandPerformer)
    assert skill.performer.argv({}) == ["ls"]
    assert skill.performer.argv({"long": "-l"}) == ["ls", "-l"]
    with pytest.raises(CallFailed):
        skill.performer.argv({"what": "-l"})


MISTAKES = [
    ("command: wc -w", 3, 10, "command must be a list"),
    ("command: []", 3, 10, "at least one item"),
    ("command: [wc, '{fiel}']\nparameters: [{name: file}]", 3, 15, "there is no parameter 'fiel'"),
    ("command: ['{tool}']\nparameters: [{name: tool}]", 3, 11, "the program itself cannot be a parameter"),
    ("command: [sh, -c, 'ls {x}']\nparameters: [{name: x}]", 3, 19, "would run what is in the parameter as code"),
    ("command: [env, python3, -c, '{x}']\nparameters: [{name: x}]", 3, 29, "as code"),
    ("command: [ls, 'x{x}']\nparameters: [{name: x, type: array}]", 3, 15, "cannot stand inside a word"),
    ("command: [ls]\nefect: pure", 4, 1, "unknown key 'efect' in a command"),
    ("command: [ls]\neffect: harmless", 4, 9, "effect must be one of pure, idempotent, unsafe"),
    ("command: [ls]\ntouches: [sky]", 4, 11, "must be one of reads, writes, network, shell"),
    ("command: [ls]\ntimeout: soon", 4, 10, "timeout must be a duration"),
    ("command: [ls", 3, 10, ""),
]


@pytest.mark.parametrize(("rest", "line", "column", "message"), MISTAKES, ids=[entry[0] for entry in MISTAKES])
def test_mistakes_are_told_with_their_place(rest: str, line: int, column: int, message: str, tmp_path: Path) -> None:
    path = declare(tmp_path, f"name: mine\ndescription: What it does.\n{rest}\n")
    first = workspace_registry(tmp_path).snapshot.problems[0]
    assert message in first.message
    assert (first.file, first.line) == (str(path), line) or "never" in first.message
    assert first.column == column or not message


def test_a_command_in_one_text_is_told_as_a_list_of_words(tmp_path: Path) -> None:
    declare(tmp_path, "name: mine\ndescription: d\ncommand: wc -l {file}\nparameters: [{name: file}]\n")
    assert workspace_registry(tmp_path).snapshot.problems[0].hint == 'write it as a list: [wc, -l, "{file}"]'


def test_a_parameter_that_no_word_has_is_warned_of(tmp_path: Path) -> None:
    declare(tmp_path, "name: mine\ndescription: d\ncommand: [ls]\nparameters: [{name: x}]\n")
    snapshot = workspace_registry(tmp_path).snapshot
    assert "mine" in snapshot.skills
    assert "no word of the command has {x}" in snapshot.notes[0].message


def test_a_broken_edit_keeps_the_last_good_version(tmp_path: Path) -> None:
    path = declare(tmp_path, WORDS)
    registry = workspace_registry(tmp_path)
    good = registry.get("words.count")
    path.write_text(WORDS + "oops: 1\n")
    (change,) = registry.reload()
    assert (change.name, change.new, change.problems[0].line) == ("words.count", good.digest, 10)
    assert registry.get("words.count") == good
