"""`log.window`: what logs say of a stretch of time, in one order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED
from skills.library.text.log import level_of, log_lines
from skills.paths import is_closed, shown
from workflows.text import safe_text
from workflows.values import Json

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?")
_ACCESS = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ?([+-]\d{4})?")
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SUFFIXES = (".log", ".txt", ".out", ".err", ".jsonl", "")


@skill(name="log.window", effect="pure", touches=["reads"])
def window(
    context: Context, paths: list[Path], start: str, end: str = "", contains: str = "", limit: int = 500
) -> dict[str, Json]:
    """Read what log files say of a stretch of time, all in one order. Times without a zone are taken for UTC.

    Args:
        paths: Files, or folders with log files.
        start: When it begins, in ISO 8601, such as 2024-11-03T18:00 or 2024-11-03.
        end: When it ends; a day after the start if not given.
        contains: Only lines that contain this text.
        limit: How many lines at most; errors go before other lines.

    Returns: {start, end, files, lines: [{time, file, line, level, text}], levels: {level: count}, first_error,
        left_out, text}. `text` is the lines as a list in Markdown.
    """
    since = _time(start)
    until = _time(end) if end else since + timedelta(days=1)
    if until <= since:
        raise SkillError(f"it ends at {end}, before it begins", "start and end are times in ISO 8601", "validation")
    found: list[dict[str, Any]] = []
    files = list(_files(context, paths))
    for file in files:
        name = shown(context.root, file)
        last: datetime | None = None
        for number, line in log_lines(context, file, name):
            last = _stamp(line, since.year) or last  # what has no time of its own belongs to the line before
            if last is not None and since <= last <= until and contains in line:
                found.append({"time": last, "file": name, "line": number, "level": level_of(line), "text": line})
    levels = Counter(str(each["level"]) for each in found)
    bad = [each for each in found if each["level"] in ("fatal", "error")]
    kept = found if len(found) <= limit else (bad + [each for each in found if each not in bad])[:limit]
    kept.sort(key=lambda each: (each["time"], each["file"], each["line"]))
    first = min(bad, key=lambda each: each["time"], default=None)
    result: dict[str, Json] = {
        "start": since.isoformat(),
        "end": until.isoformat(),
        "files": [shown(context.root, file) for file in files],
        "lines": [_told(each) for each in kept],
        "levels": dict(levels),
        "first_error": _told(first) if first else None,
        "left_out": len(found) - len(kept),
    }
    return {**result, "text": "\n".join(_line(each) for each in kept) + ("\n" if kept else "")}


def _files(context: Context, paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                plain = each.is_file() and not each.is_symlink() and each.suffix in _SUFFIXES
                if plain and not SKIPPED.intersection(each.parts) and not is_closed(each, context.closed):
                    yield each
        else:
            yield path


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SkillError(f"'{text[:60]}' is no time", "such as 2024-11-03T18:00 or 2024-11-03", "validation") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _stamp(line: str, year: int) -> datetime | None:
    try:
        if match := _STAMP.search(line[:200]):
            year, month, day, hour, minute = (int(each) for each in match.groups()[:5])
            return _time(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{match[6] or '00'}{match[7] or ''}")
        if match := _ACCESS.search(line[:300]):
            month = _MONTHS.index(match[2]) + 1
            return _time(f"{match[3]}-{month:02}-{match[1]}T{match[4]}:{match[5]}:{match[6]}{match[7] or ''}")
        if match := _SYSLOG.search(line[:60]):
            month = _MONTHS.index(match[1]) + 1
            return _time(f"{year}-{month:02}-{int(match[2]):02}T{match[3]}:{match[4]}:{match[5]}")
    except (ValueError, SkillError):
        pass  # numbers that look like a time and are none
    return None


def _told(each: Mapping[str, Any]) -> dict[str, Json]:
    return {**each, "time": each["time"].isoformat(), "text": safe_text(each["text"], limit=500)}


def _line(each: Mapping[str, Any]) -> str:
    text = safe_text(each["text"], limit=300).replace("`", "'")
    return f"- {each['time']:%H:%M:%S} `{each['file']}:{each['line']}` {text}"
