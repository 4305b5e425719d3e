"""The words of a command as a person judges them: one on a line, so that none can hide."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[\w@%+=:,./~^-]+", re.ASCII)


def one_by_one(argv: Sequence[str]) -> str:
    """Each word on a line of its own. One with blanks, or of characters that mean more, is quoted as JSON has it."""
    return "\n".join(word if _PLAIN.fullmatch(word) else json.dumps(word) for word in argv)
