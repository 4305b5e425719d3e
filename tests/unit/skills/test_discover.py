"""Reading skills from source: what is found, what is refused and where, and that nothing runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skills.discover import MAX_FILE, read_manifests, read_source
from skills.manifest import Skill
from workflows.diagnostics import Diagnostic, render


def read(source: str | bytes, tmp_path: Path) -> list[Skill] | tuple[Diagnostic, ...]:
    path = tmp_path / "mine.py"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_manifests(path)


def skills_of(source: str, tmp_path: Path) -> dict[str, Skill]:
    found = read(source, tmp_path)
    assert isinstance(found, list), found
    return {skill.name: skill for skill in found}


def problem_of(source: str | bytes, tmp_path: Path) -> Diagnostic:
    found = read(source, tmp_path)
    assert isinstance(found, tuple), found
    return found[0]


def test_a_skill_is_read_whole(tmp_path: Path) -> None:
    source = '''
from pathlib import Path
from typing import Literal
from skills import Context, Preview, skill

@skill(name="notes.add", effect="idempotent", touches=["reads", "writes"])
async def add(context: Context, file: Path, text: str, times: int = 1, how: Literal["top", "end"] = "end") -> dict:
    """Add a note.

    Keeps the others.

    Args:
        file: Where to.
        times: How often,
            on two lines.

    Returns: {file}.
    """

@add.preview
def show(context: Context, file: Path, text: str, times: int = 1, how: str = "end") -> Preview: ...

def helper(): ...
'''
    [skill] = skills_of(source, tmp_path).values()
    assert (skill.name, skill.effect, skill.touches) == ("notes.add", "idempotent", {"reads", "writes"})
    assert skill.description == "Add a note.\n\nKeeps the others."
    assert skill.returns == "{file}."
    assert skill.asynchronous
    assert skill.previews
    assert (skill.line, skill.scope, skill.trusted, skill.state) == (7, "workspace", False, "untrusted")
    assert len(skill.version) == 12
    assert skill.digest.startswith(skill.version)
    assert skill.parameters == {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "path", "description": "Where to."},
            "text": {"type": "string"},
            "times": {"type": "integer", "description": "How often, on two lines.", "default": 1},
            "how": {"enum": ["top", "end"], "default": "end"},
        },
        "required": ["file", "text"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from skills import skill", "@skill"),
        ("from skills import skill", "@skill()"),
        ("from skills import skill as s", "@s"),
        ("from skills import *", "@skill"),
        ("import skills", "@skills.skill(effect='pure')"),
        ("import skills as us", "@us.skill"),
        ("from skills.declare import skill", "@skill"),
    ],
)
def test_the_decorator_is_known_under_every_import(imports: str, decorator: str, tmp_path: Path) -> None:
    assert list(skills_of(f"{imports}\n{decorator}\ndef mine(): ...\n", tmp_path)) == ["mine"]


@pytest.mark.parametrize("imports", ["from other import skill", "from .skills import skill", "skill = print"])
def test_another_decorator_of_that_name_is_none(imports: str, tmp_path: Path) -> None:
    assert skills_of(f"{imports}\n@skill\ndef mine(): ...\n", tmp_path) == {}


HEAD = "from skills import skill, Context\n"

PROBLEMS = [
    ("def x(:\n", 1, 7, "invalid syntax"),
    (HEAD + "@skill\ndef a(x:\n", 3, 6, "was never closed"),
    (HEAD + "NAME = 'a'\n@skill(name=NAME)\ndef a(): ...\n", 3, 13, "'name' of @skill is not a literal"),
    (HEAD + "@skill(effect='harmless')\ndef a(): ...\n", 2, 15, "'harmless' is no effect"),
    (HEAD + "@skill(touches=['sky'])\ndef a(): ...\n", 2, 16, "'touches' is ['sky']"),
    (HEAD + "@skill(touches='reads')\ndef a(): ...\n", 2, 16, "'touches' is 'reads'"),
    (HEAD + "@skill(nmae='a')\ndef a(): ...\n", 2, 13, "@skill has no argument 'nmae'"),
    (HEAD + "@skill(**{})\ndef a(): ...\n", 2, 2, "@skill takes no ** arguments"),
    (HEAD + "@skill('a')\ndef a(): ...\n", 2, 2, "@skill takes its arguments by name"),
    (HEAD + "@skill(name='a b')\ndef a(): ...\n", 2, 2, "'a b' is no name for a skill"),
    (HEAD + "@skill\ndef a(x: set): ...\n", 3, 10, "set is not a type that arguments can have"),
    (HEAD + "@skill\ndef a(x: dict[int, str]): ...\n", 3, 1, "dict is not a type that arguments can have"),
    (HEAD + "@skill\ndef a(x: int = 2 ** 9): ...\n", 3, 16, "the default of 'x' is not a literal"),
    (HEAD + "@skill\ndef a(x: int = 1j): ...\n", 3, 1, "complex is not JSON data"),
    (HEAD + "@skill\ndef a(*x): ...\n", 3, 8, "'x' cannot be given by name"),
    (HEAD + "@skill\ndef a(x, /): ...\n", 3, 7, "'x' cannot be given by name"),
    (HEAD + "@skill\ndef a(x, c: Context): ...\n", 3, 10, "the Context is a skill's first parameter"),
    (HEAD + "@skill\ndef a(): ...\n@skill(name='a')\ndef b(): ...\n", 5, 1, "this file has two skills called a"),
    ("  \n", 1, 1, "the file is empty"),
]


@pytest.mark.parametrize(("source", "line", "column", "message"), PROBLEMS, ids=[entry[3] for entry in PROBLEMS])
def test_problems_name_their_place(source: str, line: int, column: int, message: str, tmp_path: Path) -> None:
    problem = problem_of(source, tmp_path)
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert problem.source_line == source.splitlines()[line - 1]
    assert render(problem).startswith(f"{tmp_path}/mine.py:{line}:{column}: ")


@pytest.mark.parametrize(
    "source",
    [
        b"x = 1\0",
        b"x = " + b"(" * 5000 + b")" * 5000,
        b"x = " + b"-" * 50_000 + b"1",
        b"\xff\xfe",
        b"# coding: nonsense\n",
        (HEAD + "@skill(name=" + "[" * 3000 + "]" * 3000 + ")\ndef a(): ...").encode(),
        (HEAD + "@skill\ndef a(x: " + "list[" * 1500 + "int" + "]" * 1500 + "): ...").encode(),
    ],
)
def test_hostile_source_is_a_problem_and_no_crash(source: bytes, tmp_path: Path) -> None:
    assert problem_of(source, tmp_path).message


def test_nothing_runs(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    source = f"open({str(trace)!r}, 'w')\n{HEAD}@skill\ndef a(x: int = 1): open({str(trace)!r}, 'w')\n"
    assert list(skills_of(source, tmp_path)) == ["a"]
    assert not trace.exists()


def test_only_a_plain_file_of_bounded_size_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    long = tmp_path / "long.py"
    long.write_bytes(b"#" * (MAX_FILE + 1))
    outside = tmp_path / "outside.py"
    outside.write_text("x = 1")
    link = tmp_path / "workspace" / "link.py"
    link.parent.mkdir()
    link.symlink_to(outside)

    def message(path: Path, within: Path | None = None) -> str:
        found = read_source(path, within)
        assert isinstance(found, Diagnostic)
        return found.message

    assert message(pipe) == "this is not a plain file"
    assert "at most 256 KiB" in message(long)
    assert "leads out of the workspace" in message(link, link.parent)
    assert "No such file" in message(tmp_path / "gone.py")
    assert read_source(link) == b"x = 1"


def test_what_undoes_it_is_a_skill_or_a_skill_with_parameters(tmp_path: Path) -> None:
    source = """
from skills import skill
@skill(undo="back")
def one(): ...
@skill(undo={"skill": "back", "parameters": {"to": "${{ output.was }}"}})
def two(): ...
@skill(undo={"skill": "back"})
def three(): ...
@skill
def four(): ...
"""
    plain = {"skill": "back", "parameters": {}}
    assert {name: skill.undo for name, skill in skills_of(source, tmp_path).items()} == {
        "one": plain,
        "two": {"skill": "back", "parameters": {"to": "${{ output.was }}"}},
        "three": plain,
        "four": None,
    }


@pytest.mark.parametrize(
    ("undo", "message"),
    [
        ('""', "'undo' names no skill"),
        ("3", "'undo' is no undo"),
        ('{"parameters": {}}', "'undo' is no undo"),
        ('{"skill": "x", "when": "true"}', "'undo' is no undo"),
        ('{"skill": "x", "parameters": []}', "'undo' is no undo"),
        ('{"skill": "x", "parameters": {"a": "${{ steps.b.output }}"}}', "'undo': `steps` cannot be used here"),
        ('{"skill": "x", "parameters": {"a": "${{ output. }}"}}', "'undo': "),
    ],
)
def test_an_undo_that_cannot_be_is_told_with_its_line(undo: str, message: str, tmp_path: Path) -> None:
    problem = problem_of(f"from skills import skill\n@skill(undo={undo})\ndef one(): ...\n", tmp_path)
    assert problem.message.startswith(message)
    assert (problem.line, bool(problem.hint)) == (2, True)


ALL_WRONG = """\
from skills import skill

@skill(name="á", effect="pur", touches=["flies"], color=1)
def one(x: set[int], y: "é" = 1, *rest, z: int = open("x")) -> dict:
    return {}

@skill(name="two")
def two() -> dict: ...
@skill(name="two")
def again() -> dict: ...
"""


def test_every_error_of_a_file_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    found = read(ALL_WRONG, tmp_path)
    assert isinstance(found, tuple)
    assert [(each.line, each.column, each.message.partition(" is ")[0]) for each in found] == [
        (3, 2, "'á'"),
        (3, 25, "'pur'"),
        (3, 40, "'touches'"),
        (3, 57, "@skill has no argument 'color'"),
        (4, 12, "set[int]"),
        (4, 25, "é"),
        (4, 35, "'rest' cannot be given by name"),
        (4, 50, "the default of 'z'"),
        (10, 1, "this file has two skills called two"),
    ]
