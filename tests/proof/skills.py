"""The proof of skill folders: `understudy skills check` says of each what the format's reference validator says.

`python -m tests.proof.skills [FOLDER…]` (or `./dev proof skills`) installs `skills-ref`, as it is pinned in
`tests/proof/servers/`, in the user's cache, and asks both about folders of every shape that people write and about what
`skills new --folder` writes; besides, about every skill below the folders that it is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.environments import NotInstalled, cache_folder, environment
from skills.folders.read import check_folder
from tests.proof.mcp import PINS
from tests.proof.table import print_table
from tests.support.command_line import CommandLine
from tests.support.folder_shapes import SHAPES

ASK = """
import json, sys
from pathlib import Path
from skills_ref.validator import validate

for line in sys.stdin:
    try:
        said = validate(Path(json.loads(line)))
    except Exception as error:
        said = [repr(error)]
    print(json.dumps(said))
"""


def asked(python: Path, folders: Sequence[Path]) -> list[list[str]]:
    """What the reference validator has against each folder."""
    lines = "".join(f"{json.dumps(str(folder))}\n" for folder in folders)
    done = subprocess.run([str(python), "-c", ASK], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(folder: Path) -> list[str]:
    """What our check has against it."""
    return [found.message for found in check_folder(file_in(folder)) if found.is_error]


def file_in(folder: Path) -> Path:
    return next((folder / name for name in ("SKILL.md", "skill.md") if (folder / name).exists()), folder / "SKILL.md")


def written(folder: Path) -> Path:
    """A folder that `skills new --folder` writes for a new user."""
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True)
    line = CommandLine(folder / "work", folder / "home")
    ended = line.run("skills", "new", "count-words", "--folder", "--json")
    assert ended.code == 0, ended.stderr
    return next((folder / "work").rglob("SKILL.md")).parent


def below(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path.parent for path in sorted(folder.rglob("SKILL.md")))


def main(folders: Sequence[Path]) -> int:
    try:
        python = environment("skills-ref", cache_folder(), PINS / "skills-ref.txt")
    except NotInstalled as error:
        print(f"not installed: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary).resolve()
        shapes = {shape.write(place / str(n)): shape.right for n, shape in enumerate(SHAPES)}
        shapes[written(place / "new")] = True
        everything = [*shapes, *below(folders)]
        rows, violations = {True: 0, False: 0}, 0
        for folder, said in zip(everything, asked(python, everything), strict=True):
            own = ours(folder)
            rows[not said] += 1
            if bool(own) != bool(said) or (folder in shapes and shapes[folder] == bool(said)):
                violations += 1
                print(f"VIOLATED by {folder}:\n  ours: {own}\n  the reference: {said}", file=sys.stderr)
    print_table(
        ("folders", "right", "with mistakes", "violations"), [(len(everything), rows[True], rows[False], violations)]
    )
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
