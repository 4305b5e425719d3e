"""`markdown.code`: whether the code in Markdown files can be read, and whether its Python still runs."""

from __future__ import annotations

import ast
import json
import re
import tempfile
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.file._content import decode, read_bytes
from skills.library.run._python import environ_of, interpreter
from skills.library.text.markdown import markdown_files
from skills.paths import shown
from skills.process import run as run_program
from workflows.errors import OutcomeUnknown
from workflows.source import read as read_yaml
from workflows.values import Json

_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})\s*([\w+-]*)(.*)")
_PYTHON = frozenset(("python", "py", "python3"))
_MOST = 500


@dataclass(frozen=True)
class _Block:
    path: Path
    line: int
    language: str
    text: str


@skill(name="markdown.code", effect="idempotent", touches=["reads", "shell", "writes"])
async def code(
    context: Context, path: Path | None = None, glob: str = "**/*.md", run: bool = False, timeout: float = 30
) -> dict[str, Json]:
    """Look at the code blocks of Markdown files: whether their Python, JSON, TOML and YAML can be read.

    With `run` each block of Python is also run by itself, in the project's own Python and in an empty folder. Blocks
    that ask (`>>>`), that leave something out (`...`) or that are marked `no-run` are only read.

    Args:
        path: A file, or a folder; the workspace if not given.
        glob: Which files of a folder.
        run: Whether Python is run.
        timeout: Seconds for each block that is run.

    Returns: {blocks, ran, broken: [{path, line, language, problem}]}.
    """
    blocks = [block for file in markdown_files(context, path, glob) for block in _blocks(context, file)][:_MOST]
    broken: list[Json] = []
    ran = 0
    for block in blocks:
        problem = _problem(block)
        if not problem and run and _runs(block):
            ran += 1
            problem = await _run(context, block, timeout)
        if problem:
            name = shown(context.root, block.path)
            broken.append({"path": name, "line": block.line, "language": block.language, "problem": problem})
    return {"blocks": len(blocks), "ran": ran, "broken": broken}


@code.preview
def preview(
    context: Context, path: Path | None = None, glob: str = "**/*.md", run: bool = False, timeout: float = 30
) -> Preview:
    """The blocks that would be run."""
    blocks = [block for file in markdown_files(context, path, glob) for block in _blocks(context, file)][:_MOST]
    chosen = [block for block in blocks if run and _runs(block)]
    body = "\n".join(f"# {shown(context.root, each.path)}:{each.line}\n{each.text}" for each in chosen)
    return Preview(f"Run {len(chosen)} blocks of Python", body, {}, body)


def _blocks(context: Context, file: Path) -> Iterator[_Block]:
    text = decode(shown(context.root, file), read_bytes(context.root, file), "utf-8")
    fence, began, language, kept = "", 0, "", list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        match = _FENCE.fullmatch(line)
        if fence and match and match[2].startswith(fence) and not match[3]:
            yield _Block(file, began, language, "\n".join(kept) + "\n")
            fence = ""
        elif fence:
            kept.append(line)
        elif match:
            fence, began, kept = match[2], number, []
            language = match[3].lower() if "no-run" not in match[4] else f"{match[3].lower()} no-run"


def _problem(block: _Block) -> str:
    language = block.language.partition(" ")[0]
    try:
        if language in _PYTHON and ">>>" not in block.text:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(block.text)
        elif language == "json":
            json.loads(block.text)
        elif language == "toml":
            tomllib.loads(block.text)
        elif language in ("yaml", "yml"):
            wrong = [each for each in read_yaml(block.text, "").diagnostics if each.severity == "error"]
            if wrong and not block.text.startswith("---"):
                return f"{wrong[0].message} (line {wrong[0].line} of the block)"
    except (SyntaxError, ValueError, RecursionError) as error:
        return f"cannot be read: {str(error).partition(chr(10))[0]}"
    return ""


def _runs(block: _Block) -> bool:
    return block.language in _PYTHON and not re.search(r">>>|^\s*\.\.\.\s*$|input\(", block.text, re.MULTILINE)


async def _run(context: Context, block: _Block, timeout: float) -> str:
    python = interpreter(context, context.root)
    environ = environ_of(context, python)
    environ["PYTHONPATH"] = f"{context.root / 'src'}:{context.root}"
    with tempfile.TemporaryDirectory(prefix="understudy-") as place:
        (Path(place) / "block.py").write_text(block.text, encoding="utf-8")
        within = await context.sandbox(Path(place), writes=(Path(place),))
        try:
            argv = [str(python), "block.py"]
            done = await run_program(argv, cwd=Path(place), environ=environ, timeout=timeout, within=within)
        except OutcomeUnknown:
            return f"took longer than {timeout:g} s"
        except SkillError as error:
            return error.message
    return "" if done.exit == 0 else f"fails: {done.end_of_output().strip().rpartition(chr(10))[2]}"
