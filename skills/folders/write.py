"""Writing a SKILL.md: only keys of the specification, in its order, in a form that every reader of it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from skills.folders.front import LONGEST_COMPATIBILITY, LONGEST_DESCRIPTION, name_flaws
from workflows.errors import UnderstudyError

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ._/(),'*-]*[A-Za-z0-9.)*]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})

DESCRIPTION = "Say what the skill does and when to use it, in words that a task would have."

BODY = """\
# NAME

Write the steps here, as you would tell them to a new colleague who has the tools but not the habits.

1. Look at the file that is asked about.
2. Run `scripts/count.py` with the path of the file, and take its numbers as they are.
3. Answer in one sentence. For the wording see `references/wording.md`.
"""

FILES: Mapping[str, str] = {
    "scripts/count.py": '''\
"""Count the lines and words of a file. Runs in the workspace; SKILL_DIR is the folder of this skill."""

import json
import sys
from pathlib import Path

text = Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace")
print(json.dumps({"lines": len(text.splitlines()), "words": len(text.split())}))
''',
    "references/wording.md": "Say: FILE has N lines and M words.\n",
}


def front_matter(
    name: str,
    description: str,
    *,
    license_: str = "",
    compatibility: str = "",
    metadata: Mapping[str, str] | None = None,
    allowed_tools: str = "",
) -> str:
    """The front matter with its two lines of `---`. Raises UnderstudyError for what the specification forbids."""
    flaws = [f"the name '{name}': {flaw}" for flaw in name_flaws(name)]
    if not description.strip() or len(description) > LONGEST_DESCRIPTION:
        flaws.append(f"the description must have 1 to {LONGEST_DESCRIPTION} characters")
    if len(compatibility) > LONGEST_COMPATIBILITY:
        flaws.append(f"the compatibility must have at most {LONGEST_COMPATIBILITY} characters")
    if flaws:
        raise UnderstudyError(f"This cannot be a skill: {'; '.join(flaws)}.")
    given = {
        "name": name,
        "description": description,
        "license": license_,
        "compatibility": compatibility,
        "metadata": metadata,
        "allowed-tools": allowed_tools,
    }
    lines = ["---"]
    for key, value in given.items():
        if isinstance(value, str) and value:
            lines.append(f"{key}: {_scalar(value)}")
        elif isinstance(value, Mapping):
            lines += [f"{key}:", *(f"  {inner}: {_scalar(text)}" for inner, text in value.items())]
    return "\n".join([*lines, "---", ""])


def write_folder(parent: Path, name: str) -> list[Path]:
    """The beginning of a skill folder; its files, the SKILL.md first. Raises FileExistsError, UnderstudyError."""
    texts = {"SKILL.md": f"{front_matter(name, DESCRIPTION)}\n{BODY.replace('NAME', name)}", **FILES}
    folder = parent / name
    folder.mkdir()
    for inside, text in texts.items():
        path = folder / inside
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder / inside for inside in texts]


def _scalar(text: str) -> str:
    """A text as YAML: plain where nothing can mistake it, else in double quotes."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
