"""Unified diffs: read strictly, applied exactly. Pure.

The format is that of `diff -u` and `git diff` (GNU diffutils, "Detailed Unified"). Line numbers are a hint: a hunk goes
where its lines stand, nearest to the place that it names. No line is ever matched loosely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skills.difference import split_lines

_HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_FARTHEST = 2000
"""Lines that a hunk may be away from where it says. Text made to look alike everywhere would take hours to try."""


class NoPatch(Exception):
    """The text is no unified diff, or does not fit. The message says where and why."""


@dataclass(frozen=True)
class Hunk:
    """Lines before and after, with their ends, and the line that they began at, counted from 1."""

    start: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class FilePatch:
    """What changes in one file: `old` is None where it is new, `new` where it goes."""

    old: str | None
    new: str | None
    hunks: tuple[Hunk, ...]

    @property
    def reversed(self) -> FilePatch:
        hunks = tuple(replace(hunk, before=hunk.after, after=hunk.before) for hunk in self.hunks)
        return FilePatch(self.new, self.old, hunks)


def read_patch(text: str) -> list[FilePatch]:
    """The changes of a diff, one a file. Raises NoPatch."""
    lines = split_lines(text)
    patches: list[FilePatch] = []
    at = 0
    while at < len(lines):
        if lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            old, new = _name(lines[at], "a/"), _name(lines[at + 1], "b/")
            at += 2
            hunks: list[Hunk] = []
            while at < len(lines) and lines[at].startswith("@@"):
                hunk, at = _hunk(lines, at)
                hunks.append(hunk)
            if not hunks:
                raise NoPatch(f"line {at}: no hunk (`@@ … @@`) follows the names of {new or old}")
            if old is None and new is None:
                raise NoPatch(f"line {at}: both names are /dev/null")
            patches.append(FilePatch(old, new, tuple(hunks)))
        elif lines[at].startswith(("GIT binary patch", "Binary files ")):
            raise NoPatch(f"line {at + 1}: a binary change; only text can be patched")
        elif lines[at].startswith(("rename from ", "copy from ")):
            raise NoPatch(f"line {at + 1}: a rename; file.move does that")
        elif lines[at].startswith("@@"):
            raise NoPatch(f"line {at + 1}: a hunk without the names of its file (`---` and `+++`)")
        else:
            at += 1
    if not patches:
        raise NoPatch("there is no unified diff in it: lines `--- old`, `+++ new`, then `@@ -1,2 +1,2 @@`")
    return patches


def apply_hunks(text: str, patch: FilePatch) -> str:
    """The text with all hunks applied. Raises NoPatch, which names the hunk that does not fit."""
    lines, done, moved = split_lines(text), 0, 0
    result: list[str] = []
    for number, hunk in enumerate(patch.hunks, 1):
        wanted = max(hunk.start - 1, 0) + moved if hunk.before else hunk.start + moved
        place = next((at for at in _nearest(wanted, done, len(lines)) if _fits(lines, at, hunk.before)), None)
        if place is None:
            first = next((line.rstrip("\n") for line in hunk.before if line.strip()), "")
            raise NoPatch(f"hunk {number} does not fit: its lines, from {first[:80]!r} on, are not there as they stand")
        result += [*lines[done:place], *hunk.after]
        done, moved = place + len(hunk.before), place - wanted + moved
    return "".join([*result, *lines[done:]])


def _nearest(wanted: int, first: int, last: int) -> Iterator[int]:
    """Places from `first` to `last` that are not too far away, the nearest to the one wanted first."""
    wanted = min(max(wanted, first), last)
    for distance in range(min(max(wanted - first, last - wanted), _FARTHEST) + 1):
        if wanted + distance <= last:
            yield wanted + distance
        if distance and wanted - distance >= first:
            yield wanted - distance


def _fits(lines: Sequence[str], at: int, before: Sequence[str]) -> bool:
    return at + len(before) <= len(lines) and all(lines[at + n] == line for n, line in enumerate(before))


def _name(line: str, prefix: str) -> str | None:
    name = line[4:].rstrip("\n").split("\t")[0].strip()
    if name.startswith('"'):
        raise NoPatch(f"the name {name} is quoted; give it as it is")
    if name == "/dev/null":
        return None
    return name.removeprefix(prefix)


def _hunk(lines: Sequence[str], at: int) -> tuple[Hunk, int]:
    head = _HEAD.match(lines[at])
    if head is None:
        raise NoPatch(f"line {at + 1}: {lines[at].strip()[:80]!r} is no head of a hunk, such as `@@ -1,2 +1,3 @@`")
    old, new = (1 if head[group] is None else int(head[group]) for group in (2, 4))
    number, before, after = at + 1, list[str](), list[str]()
    at += 1
    while at < len(lines) and (len(before) < old or len(after) < new or lines[at].startswith("\\")):
        mark, rest = lines[at][:1], lines[at][1:]
        if lines[at].startswith("\\"):
            _cut_newline(lines[at - 1][:1], before, after)
        elif mark in (" ", "\n"):  # editors take the blank of an empty line away
            before.append(rest if mark == " " else "\n")
            after.append(rest if mark == " " else "\n")
        elif mark == "-":
            before.append(rest)
        elif mark == "+":
            after.append(rest)
        else:
            break
        at += 1
    if (len(before), len(after)) != (old, new):
        raise NoPatch(
            f"line {number}: the hunk says {old} old and {new} new lines, and has {len(before)} and {len(after)}"
        )
    return Hunk(int(head[1]), tuple(before), tuple(after)), at


def _cut_newline(mark: str, before: list[str], after: list[str]) -> None:
    for side, marks in ((before, " -"), (after, " +")):
        if mark in marks and side:
            side[-1] = side[-1].removesuffix("\n")
