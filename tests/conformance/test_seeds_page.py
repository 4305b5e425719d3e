"""docs/seeds.md keeps its word: its commands run as it says, and the tests that it names are there.

A command is a code span that begins with `understudy`, or is one in another folder: `(cd FOLDER && understudy …)`, or
with settings of its own: `UNDERSTUDY_HOME=FOLDER understudy …`. What follows it, up to the next code span, may say its
exit code, `(exit 3: …)`, and quote what it says: “…”, in that order.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command_line import PROGRAM, CommandLine, Ended
from tests.support.teashop import end_all

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "seeds.md"

SHOWN = [
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "A7",
    "A8",
    "A9",
    "A10",
    "A11",
    "A12",
    "A13",
    "A14",
    "A15",
    "B1",
    "B2",
    "B3",
    "B4",
    "B5",
    "B6",
    "B7",
    "B8",
    "B9",
    "B10",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "C9",
    "C10",
    "C11",
    "C12",
    "D1",
    "D2",
    "D3",
    "D4",
    "D5",
    "D6",
    "D7",
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "E6",
    "E7",
    "E8",
]
"""Rows that a command or a test shows in full."""


@dataclass(frozen=True)
class Typed:
    """A command of a row, the exit code that the page says, and what it is said to print, in that order."""

    command: str
    exit: int
    says: tuple[str, ...]


def _rows() -> Mapping[str, str]:
    """What stands in the last column, by the row's number."""
    found = re.findall(r"^\| ([A-E]\d+) \|.*? \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len({number for number, _ in found}) == len(found)
    return dict(found)


def _typed(cell: str) -> tuple[Typed, ...]:
    commands = []
    for span, said in re.findall(r"`([^`]+)`([^`]*)", cell):
        if re.match(r"(\(cd \S+ && )?(UNDERSTUDY_HOME=\S+ )?understudy ", span):
            code = re.match(r" \(exit (\d+)", said)
            commands.append(Typed(span, int(code[1]) if code else 0, tuple(re.findall("“([^”]+)”", said))))
    return tuple(commands)


ROWS = _rows()
TYPED = {number: typed for number, cell in ROWS.items() if number in SHOWN and (typed := _typed(cell))}


@pytest.mark.parametrize("number", TYPED)
def test_the_commands_of_a_row(number: str, tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "work", tmp_path / "home")
    line.home.mkdir()
    shutil.copytree(ROOT / "examples", line.cwd / "examples", ignore=shutil.ignore_patterns("out"))
    try:
        for typed in TYPED[number]:
            ended = _type(line, typed.command)
            assert ended.code == typed.exit, f"{typed.command}\n{ended.stdout}"
            at = 0
            for words in typed.says:
                place = ended.stdout.find(words, at)
                assert place >= 0, f"{typed.command} does not say {words!r} (there)\n{ended.stdout}"
                at = place + len(words)
    finally:
        end_all(line.cwd)  # servers that a row has started and, where it failed, not ended


def _type(line: CommandLine, command: str) -> Ended:
    """Type it into a shell, as a reader does where nobody can be asked. All that is said comes as one text."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=line.cwd,
        env={**line.environment, "PATH": f"{PROGRAM.parent}:{line.environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return line.without_traceback(Ended(done.returncode, done.stdout, ""))


def test_the_tests_that_it_names_are_there() -> None:
    named = {tuple(span.split()[1:]) for cell in ROWS.values() for span in re.findall(r"`(pytest [^`]+)`", cell)}
    assert named
    for path, *chosen in named:
        word = dict(zip(chosen[::2], chosen[1::2], strict=True)).get("-k", "")
        assert any(word in test for test in _tests(ROOT / path)), (path, word)


def _tests(path: Path) -> Iterator[str]:
    """The tests of a file, or of all that are below a folder, by name."""
    for file in [path] if path.is_file() else sorted(path.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and node.name.lower().startswith("test"):
                yield node.name


@pytest.mark.parametrize("number", SHOWN)
def test_a_row_has_something_that_shows_it(number: str) -> None:
    assert _typed(ROWS[number]) or "`pytest " in ROWS[number]


def test_the_folders_and_files_that_it_names_are_there() -> None:
    paths = re.findall(r"`((?:tests|workflows|examples)/[^`*]*)`", PAGE.read_text(encoding="utf-8"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_example_is_shown() -> None:
    page = PAGE.read_text(encoding="utf-8")
    folder = ROOT / "examples" / "rows"
    files = folder.glob("[!.]*.*")
    assert [path.name for path in files if f"examples/rows/{path.name}" not in page] == []
    own = {path.stem for path in (folder / ".understudy" / "workflows").glob("*.yaml")}
    called = {
        name for name in own if f"workflow: {name}" in (folder / ".understudy/workflows/handed-on.yaml").read_text()
    }
    assert [name for name in own - called if f"understudy run {name}" not in page] == []
