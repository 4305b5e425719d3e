"""Check that the links between Markdown files lead somewhere: check_links.py [--skip=FILE]... FOLDER..."""

from __future__ import annotations

import re
import sys
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)#:]+)\)")


def main(arguments: list[str]) -> int:
    """Print each broken link. 0 where there is none, 1 where there is one."""
    skipped = {word.removeprefix("--skip=") for word in arguments if word.startswith("--skip=")}
    folders = [word for word in arguments if not word.startswith("--")]
    checked = 0
    broken: list[str] = []
    for file in sorted(path for folder in folders for path in Path(folder).rglob("*.md")):
        for link in LINK.findall(file.read_text(encoding="utf-8")):
            checked += 1
            if Path(link).name not in skipped and not (file.parent / link).exists():
                broken.append(Path(link).name)
                sys.stdout.write(f"{file.as_posix()}: {link} is not there\n")
    sys.stdout.write(f"{checked} links checked, {len(broken)} broken")
    sys.stdout.write(f": mend it, or leave it out with --skip={broken[0]}\n" if broken else "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
