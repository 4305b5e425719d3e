"""`text.find`: whether a text says what it should."""

from __future__ import annotations

from skills import SkillError, skill
from workflows.values import Json


@skill(name="text.find", effect="pure")
def find(text: str, wanted: str, ignore_case: bool = True) -> dict[str, Json]:
    """Find a text in another. Where it is not there, that is a failure.

    Args:
        text: The text.
        wanted: What it has to contain.
        ignore_case: Treat capital and small letters alike.

    Returns: {line, column, count}, of the first one, counted from 1.
    """
    inside, part = (text.casefold(), wanted.casefold()) if ignore_case else (text, wanted)
    at = inside.find(part)
    if at < 0:
        raise SkillError(f"it does not say {wanted[:80]!r}", f"it begins with {text.strip()[:80]!r}", "business")
    before = inside[:at]
    return {"line": before.count("\n") + 1, "column": at - before.rfind("\n"), "count": inside.count(part)}
