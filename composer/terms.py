"""What a request says, term by term: concepts of the lexicon, kinds of values such as addresses, other words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from composer.concepts import Lexicon, Term, fold, lexicon

ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`]+", re.IGNORECASE)
FILE = re.compile(
    r"(?<![\w@:/])(?:~?/|\.{1,2}/)?(?:[\w*.-]+/)*[\w*-][\w*.-]*\.(?P<end>[A-Za-z][A-Za-z0-9]{0,6})(?![\w/])(?!\.\w)"
)
FOLDER = re.compile(
    r"(?<![\w@:/.~])(?:(?:~/|/|\./|\.\./)?(?:[\w*.-]+/)+[\w*.-]*|(?:~/|\./|\.\./|/)[\w*.-]*[A-Za-z][\w*.-]*)"
)
VERSION = re.compile(
    r"(?<![\w./])v\d+(?:\.\d+)*(?:-[\w.]+)?\b|(?<![\w./-])\d+\.\d+(?:\.\d+)*(?:-?(?:rc|beta|alpha)\.?\d*)?\b(?!\s?%)"
)
BRANCH = re.compile(
    r"(?:feature|feat|fix|bugfix|hotfix|refactor|chore|release|topic|dev|user|users|task|improvement|perf|ci)/[\w./-]+"
)
"""What branches are usually called."""
QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”|`[^`]+`")

ENDS: Mapping[str, tuple[str, ...]] = {
    concept: tuple(ends.split())
    for concept, ends in {
        "csv": "csv tsv xlsx xls ods",
        "data": "json jsonl ndjson parquet yaml yml toml xml feather avro",
        "log": "log",
        "docs": "md rst adoc txt",
        "database": "db sqlite sqlite3 duckdb sql",
        "code": "py js ts tsx jsx go rs java rb php c h cpp cs sh ipynb kt swift",
        "web": "html htm",
        "backup": "zip tar gz tgz bak",
        "certificate": "pem crt cer",
    }.items()
}
"""What a file is by the ending of its name."""

SITES = frozenset(
    re.findall(
        r"\w+",
        "com org net io dev de es fr pt it nl eu uk example internal local app info br co mx at ch be",
    )
)
"""Endings of names of hosts."""

_TESTED = re.compile(r"junit|report|result|surefire|tests?\b|testsuite")
"""What a file of results of tests is called."""

_HOST = re.compile(r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?P<end>[a-z]{2,8})(?![\w/.-])", re.IGNORECASE)
_INTO = re.compile(r"(?:\b(?:into|to|as|vers|als|nach|naar|como|come)|->)\s+[\"'`]?$")
"""What stands before a file that is to be written."""
_SPLIT = re.compile(r"[.'-]")
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_SENTENCE = re.compile(r"[;:!?()]|[.,](?=\s|$)")


LONGEST = 4000
"""Characters of a text that are read: nobody says more in a request."""


def terms_of(text: str, *, mending: bool = True) -> tuple[Term, ...]:
    """The terms of a text in its order, each key once. Slips are mended, but where the text is known to have none."""
    text = text[:LONGEST]
    found: dict[str, Term] = {}
    for term in _terms(text, mending):
        before = found.get(term.key)
        found[term.key] = replace(before, times=before.times + 1) if before else term
    return tuple(found.values())


def _terms(text: str, mending: bool) -> Iterator[Term]:
    known = lexicon()
    rest, values = _without_values(text)
    for said, sure, keys in values:
        for key in keys:
            yield Term(key, said, known.areas.get(key, "value") if key in sure else "value")
    yield from _words(rest, known, mending)


def _without_values(text: str) -> tuple[str, list[tuple[str, tuple[str, ...], tuple[str, ...]]]]:
    """The text without addresses, files and versions, and those with what they surely are and what they may be.

    What a file to be written is, and what names of files and folders say, tells less of what is wanted.
    """
    found: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []

    def address(match: re.Match[str]) -> str:
        found.append((match[0], (), ("#url",)))
        return " "

    def file(match: re.Match[str]) -> str:
        end = match["end"].lower()
        if end in SITES and "/" not in match[0]:
            return match[0]
        kinds = tuple(concept for concept, ends in ENDS.items() if end in ends)
        if end == "xml" and _TESTED.search(match[0].lower()):
            kinds = ("test", "failure")
        sure = () if _INTO.search(match.string[: match.start()].lower()) else kinds
        found.append((match[0], sure, (*kinds, *_named(match[0].rpartition("/")[2]), "#file")))
        return " "

    def folder(match: re.Match[str]) -> str:
        if BRANCH.fullmatch(match[0]):
            found.append((match[0], ("branch",), ("branch",)))
        elif "var/log/" in match[0]:
            found.append((match[0], ("log",), ("log", *_named(match[0]), "#file")))
        else:
            found.append((match[0], (), (*_named(match[0]), "#folder")))
        return " "

    def host(match: re.Match[str]) -> str:
        if match["end"].lower() not in SITES:
            return match[0]
        found.append((match[0], (), ("#host",)))
        return " "

    def version(match: re.Match[str]) -> str:
        found.append((match[0], (), ("#version",)))
        return " "

    text = ADDRESS.sub(address, text)
    text = FILE.sub(file, text)
    text = FOLDER.sub(folder, text)
    text = _HOST.sub(host, text)
    return VERSION.sub(version, text), found


def _named(name: str) -> tuple[str, ...]:
    """What the name of a file or folder says it is: `CHANGELOG.md`. What could be done says nothing there."""
    text = re.sub(r"[/_~-]+", " ", name)
    known = lexicon()
    return tuple(term.key for term in _words(text, known) if term.area == "things" and not term.mended)


def _words(text: str, known: Lexicon, mending: bool = False) -> Iterator[Term]:
    for sentence in _SENTENCE.split(fold(text)):
        parts = [part for word in _WORD.findall(sentence) for part in _parts(word, known)]
        words = [(known.mend(word, slips=mending) or word) for word in parts]
        at = 0
        while at < len(words):
            length, concepts = known.phrase(words[at:])
            if length > 1:
                said = " ".join(parts[at : at + length])
                mended = words[at : at + length] != parts[at : at + length]
                yield from (Term(concept, said, known.areas[concept], mended) for concept in concepts)
                at += length
                continue
            yield from _word(words[at], parts[at], known)
            at += 1


def _parts(word: str, known: Lexicon) -> list[str]:
    """A word as it stands where the lexicon has it so, else what is between its hyphens and apostrophes."""
    if known.concepts(word) or not _SPLIT.search(word):
        return [word]
    return [part for part in _SPLIT.split(word) if part]


def _word(word: str, said: str, known: Lexicon) -> Iterator[Term]:
    if word in known.fillers:
        return
    if concepts := known.concepts(word):
        yield from (Term(concept, said, known.areas[concept], word != said) for concept in concepts)
    elif not word.isdigit() and len(word) > 2:
        yield Term(f"={stem(word)}", said, "word")


def stem(word: str) -> str:
    """What a word shares with its forms, roughly: `importing`, `imports` and `imported` come to the same."""
    for end in ("ings", "ing", "edly", "ed", "ies", "es", "en", "s", "e", "n"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word
