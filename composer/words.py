"""What of a request counts as a word, and when two words are the same but for a slip of the finger."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

QUOTED = re.compile(r"\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)|“([^”]+)”|`([^`]+)`")
GIVEN = re.compile(r"(?<!\S)([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S+)")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")

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

SHORTEST = 4
"""Characters of a word for which a slip is forgiven: shorter ones become other words too easily."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text that say something, lower case, each once, in their order."""
    found = (word.lower() for whole in _WORD.findall(text) for word in re.split(r"[-'’]", whole))
    return tuple(dict.fromkeys(word for word in found if word not in FILLERS and (len(word) > 1 or word.isdigit())))


def without_values(text: str) -> str:
    """The text without what can only be a value: quoted texts, `name=value` and numbers."""
    for pattern in (GIVEN, QUOTED, NUMBER):
        text = pattern.sub(" ", text)
    return text


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that this one is most likely a slip for; empty if there is none."""
    if len(word) < SHORTEST or not word.isalpha():
        return ""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    most = 1 if len(word) < 7 else 2
    found = process.extractOne(word, known, scorer=DamerauLevenshtein.distance, score_cutoff=most)
    return found[0] if found else ""
