"""A permission rule as people write it: `file.write(path=docs/**)`, `command(argv=npm run **)`, `*(host=example.org)`.

The name of a skill, with wildcards, and in brackets what a call of it may touch; several are parted by `;` and must all
hold. Reading is strict: what could be misread is an error with the place of the character.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

from workflows.errors import UnderstudyError
from workflows.records import dataclass

Verdict: TypeAlias = Literal["allow", "ask", "deny"]

Word: TypeAlias = Literal["allow", "ask", "deny", "only"]
"""What a rule says. `only`, of an agent's own file: what this rule does not cover, its tool may not do."""

MOST = 500
"""Characters of one rule."""

SHAPE = "a rule is SKILL, SKILL(path=GLOB), SKILL(argv=PROGRAM ARGUMENTS) or SKILL(host=HOST)"

_NAME = re.compile(r"[\w.*?\[\]!:/@+-]+")
_KEYS = ("path", "argv", "host")
_HOST = re.compile(r"[\w*?.\[\]:-]+")


class RuleError(UnderstudyError):
    """A rule that cannot be read."""


@dataclass(frozen=True)
class Rule:
    """One rule. `skill` and `host` are patterns of one word, `path` one of folders, `argv` one for each argument.

    `source` says where it was written, for people. `granted` is set on what a person allowed for one run.
    """

    word: Word
    skill: str
    path: str = ""
    argv: tuple[str, ...] = ()
    host: str = ""
    source: str = ""
    granted: bool = False

    @property
    def text(self) -> str:
        """The rule as it is written, without its word."""
        parts = [
            *([f"path={_quoted(self.path)}"] if self.path else ()),
            *([f"argv={' '.join(map(_quoted, self.argv))}"] if self.argv else ()),
            *([f"host={self.host}"] if self.host else ()),
        ]
        return f"{self.skill}({'; '.join(parts)})" if parts else self.skill

    def __str__(self) -> str:
        return f"{self.word} {self.text}" + (f" ({self.source})" if self.source else "")


def parse_rule(word: Word, text: str, source: str = "", *, granted: bool = False) -> Rule:
    """Read one rule. Raises RuleError, which says what is wrong and at which character."""
    if len(text) > MOST:
        raise RuleError(f"a rule has at most {MOST} characters, and this one {len(text)}")
    for place, character in enumerate(text, 1):
        if not character.isprintable():
            raise RuleError(f"character {place} of {text[:60]!r} cannot be shown, so nobody could see what it means")
    name, bracket, rest = text.partition("(")
    found = _NAME.match(name.strip())
    if not found or found.end() != len(name.strip()):
        at = (found.end() if found else 0) + len(name) - len(name.lstrip()) + 1
        what = "a rule begins with the name of a skill" if not name.strip() else f"'{name.strip()}' is no name"
        raise RuleError(f"{what} (character {at} of '{text}')", SHAPE)
    rule = Rule(word, name.strip(), source=source, granted=granted)
    if not bracket:
        return rule
    if not rest.rstrip().endswith(")"):
        raise RuleError(f"'{text}' has no closing bracket at its end", SHAPE)
    start, inner = len(name) + 2, rest.rstrip()[:-1]
    if not inner.strip():
        raise RuleError(f"the brackets of '{text}' are empty (character {start})", f"leave them out, or: {SHAPE}")
    for at, part in _parts(inner, text):
        rule = _with(rule, part, text, start + at)
    return rule


def _with(rule: Rule, part: str, text: str, at: int) -> Rule:
    key, equals, value = part.strip().partition("=")
    key, value = key.strip(), value.strip()
    if not equals or key not in _KEYS:
        known = ", ".join(f"{each}=" for each in _KEYS)
        raise RuleError(f"'{part.strip()}' (character {at} of '{text}') begins with none of {known}", SHAPE)
    if getattr(rule, key):
        raise RuleError(f"'{text}' says {key}= twice (character {at})", "write two rules")
    if not value:
        raise RuleError(f"{key}= of '{text}' says nothing (character {at})", SHAPE)
    where = f"(character {at} of '{text}')"
    if key == "host":
        if not _HOST.fullmatch(value):
            raise RuleError(f"'{value}' is no host {where}", "such as example.org or *.example.org")
        return replace(rule, host=value.casefold().rstrip("."))
    try:
        words = tuple(shlex.split(value))
    except ValueError as error:
        raise RuleError(f"{key}= cannot be read: {str(error).lower()} {where}", "close the quotes") from None
    if key == "argv":
        _check_argv(words, where)
        return replace(rule, argv=words)
    if len(words) != 1:
        raise RuleError(f"a path is one word {where}", "quote one that holds blanks: path='my notes/**'")
    return replace(rule, path=_checked_path(words[0], where))


def _checked_path(path: str, where: str) -> str:
    parts = path.removeprefix("./").rstrip("/").split("/")
    if path.startswith(("/", "~")):
        raise RuleError(f"'{path}' does not begin in the workspace {where}", "paths of rules are relative to it")
    if ".." in parts or "" in parts:
        raise RuleError(f"'{path}' is compared with real paths, which hold no '..' and no '//' {where}")
    for part in parts:
        if "**" in part and part != "**":
            raise RuleError(f"'**' stands for whole folders, and not within '{part}' {where}", "such as docs/**/*.md")
    return "/".join(parts)


def _check_argv(words: tuple[str, ...], where: str) -> None:
    for place, word in enumerate(words):
        if word in ("**", "...") and place != len(words) - 1:
            raise RuleError(f"'{word}' stands for the rest, so nothing follows it {where}", "such as: npm run **")
    if words[0] == "**":
        raise RuleError(f"argv= begins with a program {where}", "`argv=...` is any command at all")


def _parts(inner: str, text: str) -> Iterator[tuple[int, str]]:
    """What stands between semicolons that are not quoted, with its place."""
    start, quote = 0, ""
    for place, character in enumerate(inner):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == ";":
            yield start, inner[start:place]
            start = place + 1
    if quote:
        raise RuleError(f"'{text}' has a quote that is not closed", "close it")
    yield start, inner[start:]


def _quoted(word: str) -> str:
    """A word as a rule holds it: in quotes where it would be read as something else."""
    return word if word and re.fullmatch(r"[\w.*?!/@%+=:,\[\]^{}~-]+", word) else shlex.quote(word)
