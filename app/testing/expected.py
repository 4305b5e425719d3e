"""What a test expects of a value: exactly this, or something about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, get_args

from workflows.definition.fitting import why_unfit
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json, canonical

How = Literal["equals", "contains", "lacks", "matches", "schema"]
WORDS: tuple[How, ...] = get_args(How)

SHOWN = 120
"""Characters of a value that a message shows."""


@dataclass(frozen=True)
class Expected:
    """One thing that is expected of a value.

    contains, lacks: a text in a text, an item of a list, a key of an object. matches: a pattern somewhere in a text.
    """

    how: How
    wanted: Json


def expected_of(written: Json) -> tuple[Expected, ...]:
    """What a test wrote: an object of nothing but the words above, or the value itself."""
    if isinstance(written, dict) and written and written.keys() <= set(WORDS):
        return tuple(Expected(how, written[how]) for how in WORDS if how in written)
    return (Expected("equals", written),)


def unmet(expected: tuple[Expected, ...], value: Json) -> Iterator[str]:
    """What is not as expected, as the ends of sentences that begin with the name of the value."""
    for each in expected:
        if why := _unmet(each, value):
            yield why


def _unmet(expected: Expected, value: Json) -> str:
    wanted = expected.wanted
    match expected.how:
        case "equals":
            return "" if canonical(value) == canonical(wanted) else f"is {shown(value)}, not {shown(wanted)}"
        case "contains":
            return "" if _holds(value, wanted) else f"does not contain {shown(wanted)}: it is {shown(value)}"
        case "lacks":
            return f"contains {shown(wanted)}" if _holds(value, wanted) else ""
        case "matches":
            fits = isinstance(value, str) and not why_unfit({"type": "string", "pattern": wanted}, value)
            return "" if fits else f"does not match {shown(wanted)}: it is {shown(value)}"
        case "schema":
            why = why_unfit(wanted, value)
            return f"does not fit its schema: {why}" if why else ""


def _holds(value: Json, wanted: Json) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    if isinstance(value, list):
        return any(canonical(item) == canonical(wanted) for item in value)
    return isinstance(value, dict) and isinstance(wanted, str) and wanted in value


def shown(value: Json) -> str:
    """A value on one line."""
    return one_line(json.dumps(value, ensure_ascii=False), SHOWN)
