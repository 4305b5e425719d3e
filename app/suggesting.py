"""Suggestions for a draft: `suggest` lists them, `suggest 2` takes one, as a version that can be taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from app.drafting import Turned
from app.drafts import read_draft
from app.optimising import suggest
from composer.edit import apply
from composer.versions import Version
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk

_SAID = re.compile(r"(?:suggest|optimi[sz]e)(?: it)?(?:\s+#?(\d+))?")


def suggested(desk: Desk, now: Version, said: str) -> Turned | None:
    """What comes of asking for suggestions, or for one of them by its number; None where something else was said."""
    asked = _SAID.fullmatch(said.strip().lower())
    if asked is None:
        return None
    try:
        found = suggest(desk, read_draft(desk, now.name, now.text), {})
    except UnderstudyError as error:
        return Turned(why=error.message)
    if asked[1] is None:
        lines = tuple(f"suggest {number}: {each.reason}" for number, each in enumerate(found, 1))
        why = "each is taken by its number, such as `suggest 1`" if lines else "there is nothing to suggest"
        return Turned(why=why, notes=lines, listed=True)
    number = int(asked[1])
    if not 0 < number <= len(found):
        return Turned(why=f"there are {len(found)} suggestions: `suggest` lists them")
    taken = found[number - 1]
    made = f"Changed by a suggestion (no AI): {taken.reason}"
    text = apply(now.text, taken.edits)
    return Turned(replace(now, text=text, made=made, by_hand=False, said=said, notes=(), usd=0.0))
