"""What of a text counts as a word, and which of its texts can only be values."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

QUOTED = re.compile(r"\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)|“([^”]+)”|`([^`]+)`")
GIVEN = re.compile(r"(?<!\S)([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S+)")

FILLERS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be by can could do for from get give have how i if in into is it its let me my need of off on
        or our out please run should so some that the their them then this to us want was we what when where which with
        would you your
        """,
    )
)
"""Words that every request has and that say nothing of what is wanted."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text that say something, lower case, each once, in their order."""
    found = (word.lower() for whole in _WORD.findall(text) for word in re.split(r"[-'’]", whole))
    return tuple(dict.fromkeys(word for word in found if word not in FILLERS and (len(word) > 1 or word.isdigit())))
