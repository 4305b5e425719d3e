"""What `understudy skills new` writes. Each works as it is and shows what else there is to say."""

from __future__ import annotations

import builtins
import re
from keyword import iskeyword

PYTHON = '''\
from pathlib import Path

from skills import Context, SkillError, skill


# effect: pure (changes nothing), idempotent (again with the same key changes nothing more) or unsafe.
# touches: reads, writes, network, shell.
@skill(name="NAME", effect="pure", touches=["reads"])
def FUNCTION(context: Context, file: Path | None = None, most: int = 20) -> dict:
    """Say what this skill does, in one sentence.

    Args:
        file: A file or folder, the workspace if not given. A Path is checked: it never leads out of the workspace.
        most: How many names are returned.

    Returns: {names, more}.
    """
    file = file or context.root
    if not file.exists():
        raise SkillError(f"there is no {file.name}", "give a path of the workspace", "validation")
    names = sorted(path.name for path in file.iterdir()) if file.is_dir() else [file.name]
    context.log(f"{len(names)} found")
    return {"names": names[:most], "more": max(0, len(names) - most)}
'''

COMMAND = """\
name: NAME
description: Say what this command does, in one sentence.
parameters:
  - {name: path, type: path, default: ".", description: A file or folder of the workspace.}
# One word each, and no shell: {path} is replaced by the argument, whatever is in it.
command: [ls, -1, "{path}"]
effect: pure          # pure (changes nothing), idempotent or unsafe
touches: [reads]      # reads, writes, network
timeout: 30s
output: lines         # text, lines or json
"""


def function_of(name: str) -> str:
    """A name for the Python function of a skill."""
    word = re.sub(r"\W", "_", name.rpartition(".")[2])
    return f"{word}_" if iskeyword(word) or hasattr(builtins, word) or word == "skill" else word
