"""The filter of the list of runs, as people type it: `status:failed wf:release since:7d cost>0.1 words`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field

from app.present.periods import UNITS, read_period
from workflows.diagnostics import suggest
from workflows.journal.port import Bound, Measured, Query, Sign
from workflows.records import dataclass

STATUSES = ("pending", "running", "waiting", "paused", "interrupted", "succeeded", "failed", "cancelled")
WORDS = {"done": "succeeded", "ok": "succeeded"}
KEYS = {"status": "status", "s": "status", "wf": "wf", "workflow": "wf", "since": "since", "until": "until"}
MEASURES: dict[str, Measured] = {"cost": "cost", "took": "took"}
SIGNS: dict[str, Sign] = {">": ">", "<": "<", ">=": ">=", "<=": "<="}
OFFERED = "status: wf: since: until: cost> took>"


@dataclass(frozen=True)
class Problem:
    """What was not understood: the word, where it begins among the characters of the filter, and why, in words."""

    at: int
    word: str
    why: str

    def __str__(self) -> str:
        return f"“{self.word}” (at {self.at + 1}): {self.why}"


@dataclass(frozen=True)
class Filter:
    """What was understood, and what was not."""

    query: Query
    problems: tuple[Problem, ...] = ()

    @property
    def problem(self) -> str:
        """One line about all that was not understood; empty where all of it was."""
        return " · ".join(map(str, self.problems))


@dataclass
class _Reading:
    now: float
    statuses: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    named: str = ""
    since: float | None = None
    until: float | None = None


def read_filter(text: str, now: float, *, limit: int = 100, offset: int = 0) -> Filter:
    """The query for a filter. What is not understood filters nothing and is said. `now` is seconds since the epoch."""
    read = _Reading(now)
    problems = [
        Problem(word.start(), word[0], why) for word in re.finditer(r"\S+", text) if (why := _read_word(read, word[0]))
    ]
    query = Query(
        status=tuple(dict.fromkeys(read.statuses)),
        text=" ".join(read.words),
        since=read.since,
        limit=limit,
        offset=offset,
        named=read.named,
        until=read.until,
        bounds=tuple(read.bounds),
    )
    return Filter(query, tuple(problems))


def _read_word(read: _Reading, word: str) -> str:
    """Take one word; why it cannot be taken, or nothing."""
    if measured := re.fullmatch(r"([a-z]+)([<>]=?)(.*)", word):
        return _read_bound(read, measured[1], SIGNS[measured[2]], measured[3])
    key, colon, value = word.partition(":")
    if not colon:
        read.words.append(word)
        return ""
    match KEYS.get(key):
        case "status":
            return _read_statuses(read, value.split(","))
        case "wf":
            read.named = value
            return "" if value else "which one? Such as wf:release"
        case "since":
            read.since = _back(value, read.now)
            return "" if read.since is not None else "takes today, 30m, 2h, 7d or 4w"
        case "until":
            read.until = _back(value, read.now)
            return "" if read.until is not None else "takes how long ago: 30m, 2h, 7d or 4w"
        case _:
            close = suggest(key, KEYS)
            return f"no filter '{key}:'; {close or f'there are {OFFERED}'}"


def _back(value: str, now: float) -> float | None:
    """So long ago, such as `2h`; and `today`, at midnight."""
    if value == "today":
        period = read_period(value, now)
        return period.since if period else None
    found = re.fullmatch(r"(\d{1,6})([mhdw])", value)
    return now - int(found[1]) * UNITS[found[2]] if found else None


def _read_statuses(read: _Reading, values: Sequence[str]) -> str:
    for value in values:
        begun = WORDS.get(value, value)
        found = [known for known in STATUSES if begun and known.startswith(begun)]
        if not found:
            return f"no status '{value}': {suggest(value, STATUSES) or 'try failed'}"
        read.statuses += found
    return ""


def _read_bound(read: _Reading, key: str, sign: Sign, value: str) -> str:
    what = MEASURES.get(key)
    if what is None:
        return f"nothing to measure is called '{key}'; {suggest(key, MEASURES) or 'there are cost and took'}"
    if what == "cost":
        amount = re.fullmatch(r"\$?(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})", value)
        if amount is None:
            return f"takes US dollars, such as cost{sign}0.10"
        read.bounds.append(Bound("cost", sign, float(amount[1])))
        return ""
    length = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd]?)", value)
    if length is None:
        return f"takes a time, such as took{sign}30s, 5m or 2h"
    read.bounds.append(Bound("took", sign, float(length[1]) * {**UNITS, "s": 1.0, "": 1.0}[length[2]]))
    return ""
