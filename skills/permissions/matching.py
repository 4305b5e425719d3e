"""Comparing a rule's patterns with what a call would do. What allows is read narrowly, what forbids widely.

Wildcards are `*`, `?` and `[…]`. In a path `*` stays within one folder and `**` is any number of them. In an argv each
pattern is for one argument; the last may be `**`, any number of operands, or `...`, anything at all. Of what allows, a
wildcard never takes an option for an operand: an argument that begins with `-` could make the program do anything.
Nor does it take what leads out of the workspace, or to where tools never write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeAlias

from skills.permissions.programs import name_of, runs_what_follows

_ASSIGNMENT = re.compile(r"[A-Za-z_.][\w.]*[:+?!]?=")

Same: TypeAlias = Callable[[str, str], bool]


def same(text: str, pattern: str) -> bool:
    """Exactly."""
    return fnmatchcase(text, pattern)


def alike(text: str, pattern: str) -> bool:
    """Whatever the case, and in whichever form the characters are written."""
    return fnmatchcase(_folded(text), _folded(pattern))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def path_fits(path: str, pattern: str, one: Same = same) -> bool:
    """Whether a path of the workspace fits. `.` is the workspace itself."""
    return _parts_fit(_split(path), _split(pattern), one, whole=True)


def may_lie_below(folder: str, pattern: str) -> bool:
    """Whether something below a folder could fit a pattern of paths."""
    return _parts_fit(_split(folder), _split(pattern), alike, whole=False)


def _split(path: str) -> tuple[str, ...]:
    return () if path == "." else tuple(path.split("/"))


def _parts_fit(parts: Sequence[str], patterns: Sequence[str], one: Same, *, whole: bool) -> bool:
    """`whole`: all parts fit all patterns; else all parts fit the first of them, and more could follow."""
    reached = {0}
    for part in parts:
        reached = _after_stars(reached, patterns)
        reached = {
            at if patterns[at] == "**" else at + 1
            for at in reached
            if at < len(patterns) and (patterns[at] == "**" or one(part, patterns[at]))
        }
    if not whole:
        return any(at < len(patterns) for at in reached)
    return len(patterns) in _after_stars(reached, patterns)


def _after_stars(reached: set[int], patterns: Sequence[str]) -> set[int]:
    """With where one stands after `**` has taken nothing."""
    found, todo = set(reached), list(reached)
    while todo:
        at = todo.pop()
        if at < len(patterns) and patterns[at] == "**" and at + 1 not in found:
            found.add(at + 1)
            todo.append(at + 1)
    return found


def argv_covered(argv: Sequence[str], patterns: Sequence[str], beyond: Collection[str] = ()) -> bool:
    """Whether a pattern of what is allowed covers a command. Wildcards take none of the words `beyond`."""
    head = patterns[:-1] if patterns[-1] in ("...", "**") else patterns
    if len(argv) < len(head) or not all(
        _taken(word, pattern, beyond) for word, pattern in zip(argv, head, strict=False)
    ):
        return False
    rest = argv[len(head) :]
    return (
        patterns[-1] == "..." or not rest or (patterns[-1] == "**" and all(_taken(word, "*", beyond) for word in rest))
    )


def _taken(word: str, pattern: str, beyond: Collection[str]) -> bool:
    if not same(word, pattern):
        return False
    wild = bool(set(pattern) & set("*?["))
    # `docs/*` is what lies in docs, and not what `docs/../.env` means.
    return not wild or not (
        word in beyond or ".." in word.split("/") or (is_option(word) and pattern[:1] in ("*", "?", "["))
    )


def is_option(word: str) -> bool:
    """Whether a word may say how a program works, and not on what: `-x`, `+x` (less, vim), `SHELL=x` (make, env)."""
    return word.startswith(("-", "+")) or _ASSIGNMENT.match(word) is not None


def argv_met(argv: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether a pattern of what is forbidden or asked meets a command, wherever in it: `env`, `xargs` and `find -exec`
    run what follows them. A program is meant by whichever folder it is called from, and with whatever options."""
    head = patterns[:-1] if patterns[-1] in ("**", "...") else patterns
    if not head:
        return True
    argv = list(_spelt_out(argv))
    return any(_begins(argv[start:], head) for start in range(len(argv)))


def _spelt_out(argv: Sequence[str]) -> Iterator[str]:
    """The words, each followed by those within it that a program may take for a command: `-c alias.x=push`,
    `env -S 'git push'`."""
    runs = any(map(runs_what_follows, argv))
    for word in argv:
        yield word
        _, equals, value = word.partition("=")
        if not equals and runs:
            value = word[2:] if word.startswith("-") and not word.startswith("--") else word
        inner = value.lstrip("!").split() if equals or runs else []
        yield from (each for each in inner if each != word)


def _begins(argv: Sequence[str], head: Sequence[str]) -> bool:
    if not (alike(argv[0], head[0]) or alike(name_of(argv[0]), head[0])):
        return False
    rest = iter(argv[1:])
    # Options may stand between: `git -c a=b push` is `git push`.
    return all(any(map(partial(_pattern_first, pattern), rest)) for pattern in head[1:])


def _pattern_first(pattern: str, word: str) -> bool:
    return alike(word, pattern)


def host_covered(host: str, pattern: str) -> bool:
    """Whether a host is the one that is allowed."""
    return same(host.casefold().rstrip("."), pattern)


def host_met(host: str, pattern: str) -> bool:
    """Whether a host is the one that is forbidden, or lies below it."""
    host = host.rstrip(".")
    return alike(host, pattern) or alike(host, f"*.{pattern}")
