"""`security_scanner`: secrets, dangerous calls and open permissions in the files of a project."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.library.project._dangers import EXCUSED, SEVERITIES, Danger, calls_in, mode_of, secrets_in
from skills.paths import is_closed, open_beneath, shown
from workflows.values import Json

_MAX_FILE = 1024 * 1024
_MAX_FILES = 20_000
_MAX_FINDINGS = 200


class InsecureProject(SkillError):
    """Something as bad as the threshold, or worse, was found."""


@skill(name="security_scanner", effect="pure", touches=["reads"])
def scan(
    context: Context,
    path: Path | None = None,
    fail_on: Literal["low", "medium", "high", "never"] = "high",
    ignore: list[str] | None = None,
) -> dict[str, Json]:
    """Look through a project's files for secrets, dangerous Python calls and open permissions. Runs none of it.

    Secrets are found by their shape (keys, tokens, passwords written out), calls by the syntax tree (eval, pickle, a
    shell, unchecked certificates), permissions by their bits. A line with `# nosec` is passed over. It is a net with
    wide meshes: what it does not find may be there.

    Args:
        path: The folder or file to look through; the workspace if not given.
        fail_on: The severity from which a finding is a failure.
        ignore: Paths that are not looked at, as patterns below the folder, such as `tests/**`.

    Returns: {files, high, medium, low, excused, truncated, findings: [{severity, rule, file, line, what}]}. The worst
        come first; of more than 200 the rest is only counted. No finding holds the secret itself. Folders of tools
        (.git, node_modules, .venv and the like), links, and files that are binary or over 1 MB are left out.
    """
    folder = path or context.root
    ignored = [matcher(pattern) for pattern in ignore or ()]
    files = excused = 0
    found: list[tuple[str, Danger]] = []
    for file in _files(folder, context.closed):
        if any(matches(file.relative_to(folder).as_posix()) for matches in ignored):
            continue
        if files == _MAX_FILES:
            raise SkillError(f"there are more than {_MAX_FILES:,} files", "name a folder in it", "resource")
        files += 1
        kept, passed = _look(context.root, file)
        excused += passed
        found += [(shown(context.root, file), danger) for danger in kept]
    found.sort(key=lambda each: (-SEVERITIES.index(each[1].severity), each[0], each[1].line))
    counts: dict[str, Json] = {
        severity: sum(each[1].severity == severity for each in found) for severity in reversed(SEVERITIES)
    }
    result: dict[str, Json] = {
        "files": files,
        **counts,
        "excused": excused,
        "truncated": len(found) > _MAX_FINDINGS,
        "findings": [{"file": name, **vars(danger)} for name, danger in found[:_MAX_FINDINGS]],
    }
    told = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    context.emit(f"{files} files: {told}\n")
    for name, danger in found[:_MAX_FINDINGS]:
        context.emit(f"{danger.severity}: {name}:{danger.line}: {danger.what} [{danger.rule}]\n")
    if found and fail_on != "never" and SEVERITIES.index(found[0][1].severity) >= SEVERITIES.index(fail_on):
        name, worst = found[0]
        hint = f"mend it, or write `{EXCUSED}` behind the line where it is meant"
        raise InsecureProject(f"{told}; the worst: {name}:{worst.line}: {worst.what}", hint, "business", **result)
    return result


def _files(folder: Path, closed: Sequence[Path]) -> Iterator[Path]:
    """Plain files, in order of their paths, without following a link."""
    if folder.is_file():
        yield folder
        return
    for place, folders, names in os.walk(folder):
        open_ones = (name for name in folders if not is_closed(Path(place, name), closed))
        folders[:] = sorted(name for name in open_ones if name not in SKIPPED)
        for name in sorted(names):
            if stat.S_ISREG(os.lstat(os.path.join(place, name)).st_mode):
                yield Path(place, name)


def _look(root: Path, file: Path) -> tuple[list[Danger], int]:
    """What is found in a file, and how much of it is excused."""
    try:
        with open(open_beneath(root, file), "rb") as opened:
            status = os.fstat(opened.fileno())
            content = opened.read(_MAX_FILE + 1)
    except OSError as error:
        return [Danger("low", "unread", 0, f"cannot be read: {error.strerror}")], 0
    found: list[Danger] = []
    text = ""
    if len(content) <= _MAX_FILE and b"\0" not in content[:8192]:
        text = content.decode("utf-8", "replace")
        found += secrets_in(text)
        if file.suffix in (".py", ".pyw"):
            found += calls_in(content)
    lines = text.split("\n")
    kept = [each for each in found if not (each.line and EXCUSED in lines[each.line - 1])]
    private = file.name == ".env" or any(danger.rule == "private-key" for danger in kept)
    return [*kept, *mode_of(status.st_mode, private)], len(found) - len(kept)
