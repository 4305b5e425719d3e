"""`file.search`: lines of files that match."""

from __future__ import annotations

import json
import sys
from glob import escape
from pathlib import Path

from skills import Context, SkillError, skill
from skills.paths import shown
from skills.process import run
from workflows.errors import OutcomeUnknown
from workflows.values import Json

_SCAN = Path(__file__).with_name("_scan.py")
_SECONDS = 20.0
_MAX_OUTPUT = 2 * 1024 * 1024
_MAX_LIMIT = 2000


@skill(name="file.search", effect="pure", touches=["reads"])
async def search(
    context: Context,
    pattern: str,
    path: Path | None = None,
    glob: str = "**/*",
    regex: bool = False,
    ignore_case: bool = False,
    limit: int = 200,
) -> dict[str, Json]:
    """Find the lines of text files that contain a text or match a regular expression.

    Args:
        pattern: The text to find, as it stands; with `regex` a regular expression of Python.
        path: The folder or the file to search; the workspace if not given.
        glob: Which files, as a pattern of paths below the folder, such as `src/**/*.py`.
        regex: Take the pattern as a regular expression.
        ignore_case: Treat capital and small letters alike.
        limit: How many lines at most, up to 2000.

    Returns: {matches: [{path, line, column, text}], files, skipped, truncated}. Lines and columns count from 1; a
        long line is cut around its match. `files` were searched; `skipped` are binary, over 5 MB or unreadable.
        Folders of tools (.git, node_modules, .venv and the like) and links are left out.
    """
    folder = path or context.root
    if folder.is_file():
        folder, glob = folder.parent, escape(folder.name)
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not there", "narrow the files with glob", "dependency")
    if not pattern:
        raise SkillError("there is nothing to search for: the pattern is empty", "", "validation")
    if not 1 <= limit <= _MAX_LIMIT:
        raise SkillError(f"limit is {limit}", f"from 1 to {_MAX_LIMIT}", "validation")
    request = {"folder": str(folder), "glob": glob, "pattern": pattern, "limit": limit}
    request |= {"closed": [str(each) for each in context.closed]}
    try:
        done = await run(
            [sys.executable, "-I", "-S", str(_SCAN)],
            cwd=folder,
            environ=context.environ,
            stdin=json.dumps({**request, "regex": regex, "ignore_case": ignore_case}).encode(),
            timeout=_SECONDS,
            head=_MAX_OUTPUT,
            tail=0,
        )
    except OutcomeUnknown as error:
        hint = "search fewer files with glob, or simplify the regular expression"
        raise SkillError(
            f"the search was ended: it took longer than {_SECONDS:g} s", hint, error.failure.kind
        ) from None
    if done.exit != 0:
        raise SkillError(
            "the search broke off", "search fewer files with glob", "resource", output=done.end_of_output()
        )
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    if "error" in last:
        hint = "leave out `regex` to search for the text as it stands"
        raise SkillError(f"{pattern!r} is no regular expression: {last['error']}", hint, "validation")
    matches = [{**line, "path": shown(context.root, folder / line["path"])} for line in lines]
    return {"matches": matches, **last}
