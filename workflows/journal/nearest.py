"""Which run a person means by a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.journal.refusals import ambiguous, unknown

SHOWN = 5
"""How many runs an error names."""

LOOKED_AT = 200
"""Among how many of the newest runs near ids are looked for."""


def choose(text: str, matches: Sequence[str], newest: Sequence[str]) -> str:
    """The one id that is the text or begins with it. Raises RunUnknown, naming near ones of the newest."""
    if text in matches:
        return text
    if len(matches) == 1 and text:
        return matches[0]
    if matches and text:
        raise ambiguous(text, matches[:SHOWN])
    from difflib import get_close_matches  # only a typing mistake needs it

    near = get_close_matches(text, newest, SHOWN, cutoff=0.4) or newest[:SHOWN]
    raise unknown(text, near)
