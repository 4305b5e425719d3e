"""Durations as people write them: seconds, or `30s`, `5m`, `2h`, `1d`."""

from __future__ import annotations

import re

PATTERN = r"(\d+(?:\.\d+)?)\s*([smhd]?)"
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 366 * 86400.0
"""A year in seconds: more is a slip of the pen."""


def seconds(text: str) -> float:
    """The duration in seconds. Raises ValueError where the text is no duration or is longer than a year."""
    found = re.fullmatch(PATTERN, text.strip()) if len(text) <= 40 else None
    if found is None:
        raise ValueError("a duration is a number of seconds, or such as 30s, 5m, 2h, 1d")
    value = float(found[1]) * UNITS[found[2]]
    if value > LONGEST:
        raise ValueError("a duration is at most a year")
    return value
