"""Symfony's expressions as tokens: no more of their grammar than what rewriting them needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from workflows.expressions.split import MAX_SOURCE
from workflows.expressions.tokens import MAX_DEPTH

Key: TypeAlias = str | int

_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*) | (?P<sign>===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\*\*|\.\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = re.compile(r"\$?\{\{")
CLOSES = {"(": ")", "[": "]", "{": "}"}


def tokens_of(source: str) -> list[tuple[str, str]]:
    return [(found.lastgroup or "", found.group()) for found in _TOKEN.finditer(source)]


def slots(text: str) -> list[tuple[int, int, str]]:
    """Where expressions in braces stand in a text: start, end, and the expression. A quote may hold braces.

    Behind one that is not closed there is no other.
    """
    found: list[tuple[int, int, str]] = []
    at = 0
    while opening := _OPENING.search(text, at):
        at = len(text)
        depth = 0
        for token in _TOKEN.finditer(text, opening.end()):
            sign = token.group()
            if sign == "}" and depth == 0 and text.startswith("}}", token.start()):
                at = token.end() + 1
                found.append((opening.start(), at, text[opening.end() : token.start()].strip()))
                break
            depth += (sign == "{") - (sign == "}")
    return found


def is_simple(tokens: Sequence[str]) -> bool:
    """Whether it is no longer and no more nested than an expression of ours may be."""
    depth = deepest = 0
    for token in tokens:
        depth += (token in CLOSES) - (token in CLOSES.values())
        deepest = max(deepest, depth)
    signs = sum(token in ("!", "?", "??") for token in tokens)
    return deepest + signs <= MAX_DEPTH and sum(map(len, tokens)) <= MAX_SOURCE


def find(tokens: Sequence[str], wanted: str, start: int = 0, past: str = "") -> int | None:
    """Where the token stands outside of brackets, each `past` before it taking one of them away."""
    depth = more = 0
    for at in range(start, len(tokens)):
        token = tokens[at]
        depth += (token in CLOSES) - (token in CLOSES.values())
        if depth == 0 and token == past:
            more += 1
        elif depth == 0 and token == wanted:
            if not more:
                return at
            more -= 1
    return None


def split(tokens: Sequence[str]) -> list[Sequence[str]]:
    parts: list[Sequence[str]] = []
    while (at := find(tokens, ",")) is not None:
        parts.append(tokens[:at])
        tokens = tokens[at + 1 :]
    return [*parts, tokens]


def end_of_group(tokens: Sequence[str], at: int) -> int | None:
    depth = 0
    for end in range(at, len(tokens)):
        depth += (tokens[end] in CLOSES) - (tokens[end] in CLOSES.values())
        if depth == 0:
            return end + 1
    return None


def end_of_operand(tokens: Sequence[str], at: int) -> int:
    """Behind what `!` binds: a name or value with all that follows it by dots and brackets."""
    while at < len(tokens) and tokens[at] == "!":
        at = next_place(tokens, at + 1)
    end = at + 1
    if at < len(tokens) and tokens[at] in CLOSES:
        end = end_of_group(tokens, at) or end
    while end < len(tokens):
        if tokens[end] in (".", "?."):
            end += 2
        elif tokens[end] in ("[", "("):
            end = end_of_group(tokens, end) or len(tokens)
        else:
            break
    return min(end, len(tokens))


def path_at(tokens: Sequence[str], at: int) -> tuple[list[Key], int]:
    """The constant keys that follow a name, and where they end."""
    path: list[Key] = []
    while at < len(tokens):
        if tokens[at] in (".", "?.") and at + 1 < len(tokens) and tokens[at + 1].isidentifier():
            path.append(tokens[at + 1])
            at += 2
        elif tokens[at : at + 1] == ["["] and tokens[at + 2 : at + 3] == ["]"]:
            key = tokens[at + 1]
            if key.isdigit():
                path.append(int(key))
            elif key[0] in "'\"" and "\\" not in key:
                path.append(key[1:-1])
            else:
                break
            at += 3
        else:
            break
    return path, at


def next_place(tokens: Sequence[str], at: int) -> int:
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return at


def neighbours(tokens: Sequence[str], at: int, step: int) -> list[str]:
    """At most two tokens from there, forwards or backwards, blanks left out."""
    found: list[str] = []
    while 0 <= at < len(tokens) and len(found) < 2:
        if not tokens[at].isspace():
            found.append(tokens[at])
        at += step
    return found


def is_spaced(tokens: Sequence[str], at: int) -> bool:
    around = (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])
    return len(around) == 2 and all(token.isspace() for token in around)
