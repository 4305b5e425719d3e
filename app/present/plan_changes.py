"""What becomes another in a plan: the lines that go and come, each under the step that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import groupby

Line = tuple[str, str]
"""A line, and what its colour means."""

_STEP = re.compile(r"( *)○ (\S+)")


def plan_changes(before: Iterable[str], after: Iterable[str]) -> Iterator[Line]:
    """The lines of two plans that are not in both. What stands under no step comes without a heading."""
    old, new = list(_owned(before)), list(_owned(after))
    changed: list[tuple[str, str, str]] = []
    for what, start, end, start_after, end_after in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            changed += [(owner, "-", text) for owner, text in old[start:end]]
            changed += [(owner, "+", text) for owner, text in new[start_after:end_after]]
    for owner, lines in groupby(changed, key=lambda each: each[0]):
        if owner:
            yield f"  {owner}", "strong"
        for _, sign, text in lines:
            yield f"  {'  ' * bool(owner)}{sign} {text}", "good" if sign == "+" else "bad"


def _owned(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line without its indent, and the step that it is about, "" for none."""
    owner, indent = "", -1
    for line in lines:
        found = _STEP.match(line)
        if found:
            owner, indent = found[2], len(found[1])
        elif len(line) - len(line.lstrip()) <= indent:
            owner, indent = "", -1
        yield owner, re.sub(r"  +", "  ", line.strip())
