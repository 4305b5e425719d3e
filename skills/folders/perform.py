"""Running the scripts of a skill folder, and reading its files: only those that were listed, as they were then."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from skills.commands.perform import result_of, shown
from skills.declare import Context, Preview, SkillError
from skills.exits import check_exit
from skills.manifest import Bundle, Skill
from skills.paths import open_beneath
from skills.perform import MAX_RESULT
from skills.process import HEAD, TAIL, Completed, run
from workflows.errors import fail
from workflows.values import Json

if TYPE_CHECKING:
    from skills.folders.entry import Entry

INTERPRETERS: Mapping[str, Sequence[str]] = {
    ".py": ("python3",),
    ".sh": ("sh",),
    ".bash": ("bash",),
    ".js": ("node",),
    ".mjs": ("node",),
    ".rb": ("ruby",),
    ".pl": ("perl",),
}
"""What runs a script that is not executable itself."""

LONGEST = 256 * 1024
"""Bytes of a file of a skill that can be read."""

LONGEST_SCRIPT = 16 * 1024 * 1024
"""Bytes of one that can be run."""


class EntryPerformer:
    """Runs the script that a skill folder declares, for steps."""

    def __init__(self, bundle: Bundle, entry: Entry) -> None:
        self._bundle, self._entry = bundle, entry

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json:
        whole = self._entry.output != "text"
        done = await run_script(
            self._bundle,
            self._entry.script,
            arguments.get("args") or (),
            arguments.get("stdin"),
            context,
            timeout=self._entry.timeout,
            whole=whole,
        )
        return result_of(skill.name, done, self._entry.output)

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        argv = argv_of(self._bundle, self._entry.script, arguments.get("args") or ())
        return shown(argv, context, {"timeout": f"{self._entry.timeout:g} s"})


def argv_of(bundle: Bundle, script: str, args: Sequence[str]) -> list[str]:
    """The argument list that runs a script of a skill. Raises CallFailed where it is none, or has changed since."""
    if script not in bundle.files:
        there = ", ".join(sorted(bundle.files)[:20]) or "none"
        raise fail("validation", f"the skill has no file '{script[:200]}'", f"its files are {there}")
    content = read_bytes(bundle, script, LONGEST_SCRIPT)
    path = bundle.root.resolve() / script
    if content.startswith(b"#!") and os.access(path, os.X_OK):
        return [str(path), *args]
    interpreter = INTERPRETERS.get(path.suffix.lower())
    if interpreter is None:
        raise fail("dependency", f"{script} cannot be run", "make it executable (chmod +x), with a first line '#!…'")
    return [*interpreter, str(path), *args]


async def run_script(
    bundle: Bundle,
    script: str,
    args: Sequence[str],
    stdin: str | None,
    context: Context,
    *,
    timeout: float,
    whole: bool = False,
) -> Completed:
    """Run a script of a skill in the workspace; `SKILL_DIR` tells it where its own files are. Raises CallFailed."""
    argv = argv_of(bundle, script, args)
    environ = {**context.environ, "SKILL_DIR": str(bundle.root.resolve())}
    if argv[0] == "python3" and not _has_python(environ):
        argv[0] = sys.executable
    done = await run(
        argv,
        cwd=context.cwd,
        environ=environ,
        timeout=timeout,
        emit=context.emit,
        stdin=None if stdin is None else stdin.encode("utf-8", "replace"),
        head=MAX_RESULT if whole else HEAD,
        tail=0 if whole else TAIL,
        within=await context.sandbox(context.cwd, reads=(bundle.root.resolve(),)),
    )
    check_exit(done)
    return done


def read_bytes(bundle: Bundle, name: str, most: int = LONGEST) -> bytes:
    """A listed file's content. Raises CallFailed where it is none, longer than can be read, or
    not what it was when the skill was read."""
    if name not in bundle.files:
        there = ", ".join(sorted(bundle.files)[:20]) or "none"
        raise SkillError(f"the skill has no file '{name[:200]}'", f"its files are {there}", "validation")
    root = bundle.root.resolve()
    try:
        with open(open_beneath(root, root / name), "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise SkillError(f"{name} cannot be read: {error.strerror}", "", "resource") from None
    if len(content) > most:
        raise SkillError(f"{name} is longer than {most // 1024} KiB", "", "resource")
    if hashlib.sha256(content).hexdigest() != bundle.files[name]:
        raise fail("dependency", f"{name} was changed since the skill was read", "try again: it is read anew by then")
    return content


def _has_python(environ: Mapping[str, str]) -> bool:
    import shutil

    return shutil.which("python3", path=environ.get("PATH", os.defpath)) is not None
