"""Reads a regular expression into a program for `patterns`.

It understands what questions are asked with: literals, `.`, classes, `\\d \\w \\s`, groups, `|`, `* + ? {m,n}`,
`^ $ \\A \\Z \\b \\B`, and `(?i)` in front. Lookaround, flags elsewhere and back-references are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from workflows.expressions.errors import Refusal
from workflows.expressions.patterns import Instruction, Pattern

MAX_PATTERN = 200
MAX_PROGRAM = 1000
MAX_GROUPS = 20

_COUNT = re.compile(r"\{(?!\})([0-9]*)(,?)([0-9]*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*+\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?))")
_ESCAPE = re.compile(r"\\(?:[dDwWsSnrtfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^A-Za-z0-9])", re.DOTALL)
_PLACES = {"^": "start", "$": "line end", "\\A": "start", "\\Z": "end", "\\b": "word edge", "\\B": "no word edge"}

Piece: TypeAlias = Callable[["_Program"], None]
"""A part of a pattern: writes its instructions."""


class _Program(list[Instruction]):
    def add(self, instruction: Instruction) -> int:
        if len(self) >= MAX_PROGRAM:
            raise Refusal("this pattern repeats too much", "use smaller counts in `{m,n}`")
        self.append(instruction)
        return len(self) - 1


@lru_cache(maxsize=256)
def compile_pattern(source: str) -> Pattern:
    """Raises Refusal for what is no pattern, is too long, or asks for more than is understood here."""
    if len(source) > MAX_PATTERN:
        raise Refusal(f"a pattern has at most {MAX_PATTERN} characters")
    if "\b" in source:
        raise Refusal("this pattern holds a backspace", "write `\\\\b` for a word boundary")
    program = _Program()
    _Reader(source).whole()(program)
    program.add(Instruction("end"))
    return Pattern(tuple(program))


class _Reader:
    """Reads a pattern from the left into pieces."""

    def __init__(self, source: str) -> None:
        ignore_case = source.startswith("(?i)")
        self.source = source[4:] if ignore_case else source
        self.flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self.at = 0
        self.groups = 0

    def whole(self) -> Piece:
        piece = self.alternatives()
        if self.at < len(self.source):
            raise Refusal("this pattern has a `)` too many")
        return piece

    def alternatives(self) -> Piece:
        options = [self.sequence()]
        while self.source.startswith("|", self.at):
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else _either(options)

    def sequence(self) -> Piece:
        pieces: list[Piece] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            pieces.append(self.repeated())
        return _all(pieces)

    def repeated(self) -> Piece:
        start = self.at
        piece = self.atom()
        place = self.source[start : self.at] in _PLACES
        end = self.at
        low, high = self.count()
        if self.at == end:
            return piece
        if place:
            raise Refusal("this pattern repeats a place, such as `^`")
        if self.source.startswith("?", self.at):  # lazy or not, the answer is the same
            self.at += 1
        end = self.at
        if self.count() and self.at > end:
            raise Refusal("this pattern repeats a repetition", "put the inner one in ( )")
        return _repeat(piece, low, high)

    def count(self) -> tuple[int, int | None]:
        sign = self.source[self.at : self.at + 1]
        if sign and sign in "*+?":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        found = _COUNT.match(self.source, self.at)
        if not found:
            return (1, 1)
        self.at = found.end()
        low = int(found[1] or 0)
        high = (int(found[3]) if found[3] else None) if found[2] else low
        if max(low, high or 0) > MAX_PROGRAM:
            raise Refusal("this pattern repeats too much", "use smaller counts in `{m,n}`")
        if high is not None and high < low:
            raise Refusal("this pattern counts backwards in `{m,n}`")
        return (low, high)

    def atom(self) -> Piece:
        character = self.source[self.at]
        if character == "(":
            return self.group()
        if character == "[":
            return self.character_class()
        if character == "\\":
            return self.escape()
        if character in "*+?" or _COUNT.match(self.source, self.at):
            raise Refusal(f"this pattern has nothing that `{character}` could repeat")
        self.at += 1
        if character in "^$":
            return _single(Instruction("place", where=_PLACES[character]))
        return self.one("." if character == "." else re.escape(character))

    def group(self) -> Piece:
        opening = _GROUP.match(self.source, self.at)
        self.groups += 1
        if not opening or self.groups > MAX_GROUPS:
            raise Refusal(
                "this pattern uses `(?…)`, or too many groups", "lookaround and flags are not understood here"
            )
        self.at = opening.end()
        piece = self.alternatives()
        if not self.source.startswith(")", self.at):
            raise Refusal("this pattern lacks a `)`")
        self.at += 1
        return piece

    def character_class(self) -> Piece:
        found = _CLASS.match(self.source, self.at)
        if not found or "--" in found.group():
            raise Refusal("this pattern has a `[` that is not understood")
        self.at = found.end()
        inner = found.group()[1:]
        return self.one("[" + re.sub(r"(?<!\\)([\[&|~])", r"\\\1", inner))

    def escape(self) -> Piece:
        place = _PLACES.get(self.source[self.at : self.at + 2])
        if place:
            self.at += 2
            return _single(Instruction("place", where=place))
        found = _ESCAPE.match(self.source, self.at)
        if not found:
            raise Refusal("this pattern has a `\\` that is not understood", "back-references are not")
        self.at = found.end()
        return self.one(found.group())

    def one(self, source: str) -> Piece:
        try:
            test = re.compile(source, self.flags).fullmatch
        except re.error as error:
            raise Refusal(f"this pattern is not understood: {error.msg}") from error
        return _single(Instruction("character", test))


def _single(instruction: Instruction) -> Piece:
    def write(program: _Program) -> None:
        program.add(instruction)

    return write


def _all(pieces: list[Piece]) -> Piece:
    def write(program: _Program) -> None:
        for piece in pieces:
            piece(program)

    return write


def _either(options: list[Piece]) -> Piece:
    def write(program: _Program) -> None:
        fork = program.add(Instruction("fork"))
        starts, ends = [], []
        for option in options:
            starts.append(len(program))
            option(program)
            ends.append(program.add(Instruction("fork")))
        program[fork] = Instruction("fork", to=tuple(starts))
        for end in ends:
            program[end] = Instruction("fork", to=(len(program),))

    return write


def _repeat(piece: Piece, low: int, high: int | None) -> Piece:
    def write(program: _Program) -> None:
        for _ in range(low):
            before = len(program)
            piece(program)
            if len(program) == before:  # nothing, however often: and a loop in loops would be long
                return
        if high is None:
            fork = program.add(Instruction("fork"))
            piece(program)
            program.add(Instruction("fork", to=(fork,)))
            program[fork] = Instruction("fork", to=(fork + 1, len(program)))
            return
        forks = []
        for _ in range(high - low):
            forks.append(program.add(Instruction("fork")))
            piece(program)
        for fork in forks:
            program[fork] = Instruction("fork", to=(fork + 1, len(program)))

    return write
