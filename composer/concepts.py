"""What the words of a text mean: concepts of a lexicon in seven languages, so that `Lizenz` finds `licence`.

The lexicon is data (`composer/lexicon/*.txt`): general words of work with software, machines and data, and of what no
workflow does. A line is a concept and its words, without accents: `word*` is a beginning, `*word*` stands anywhere in a
word, `two_words` stand together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal, TypeVar

from workflows.records import dataclass

Found = TypeVar("Found")

Area = Literal["doing", "things", "away", "harm", "value", "word"]
"""What a term is: something done, something it is done to, what no workflow does, what nobody is helped with, a value
such as an address, or a word that the lexicon does not have."""

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_UMLAUT = re.compile(r"([aou])e")
_SECTION = re.compile(r"\[(doing|things|away|harm)\]")
_SHORTEST = 6
"""Characters of a word from which on a slip is forgiven: shorter ones become other words too easily."""


@dataclass(frozen=True)
class Term:
    """One thing that a text says. `said` are its words, `mended` whether they were read as others than stand there.

    `times` is in how many words it says so.
    """

    key: str
    said: str
    area: Area
    mended: bool = False
    times: int = 1


@dataclass(frozen=True)
class Lexicon:
    """The words by how they are matched, each with its concepts."""

    areas: Mapping[str, Area]
    whole: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, tuple[str, ...]]
    inside: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """By the first word, or `*` and its first two letters where that is a beginning: all words, and the concept."""
    fillers: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The words of phrases."""
        return frozenset(part for each in self.phrases.values() for parts, _ in each for part in parts)

    @cached_property
    def _spoken_of_work(self) -> frozenset[str]:
        aside = ("away", "harm")
        entries = (entry for each in self.phrases.values() for entry in each)
        return frozenset(part for parts, concept in entries if self.areas[concept] not in aside for part in parts)

    @cached_property
    def mendable(self) -> tuple[str, ...]:
        """Words that others may be slips for. Nobody is turned away for a slip."""
        known = {**self.whole, **self.beginnings}
        aside = ("away", "harm")
        ours = (word for word, concepts in known.items() if any(self.areas[each] not in aside for each in concepts))
        words = (*ours, *self._spoken_of_work)
        return tuple(dict.fromkeys(word for word in words if len(word) >= _SHORTEST - 1 and word.isalpha()))

    def concepts(self, word: str) -> tuple[str, ...]:
        """What a folded word means."""
        found = [*self.whole.get(word, ())]
        if not found and word.endswith("s") and len(word) > 4:
            found += self.whole.get(word[:-1], ())
        for end in range(len(word), 2, -1):
            found += self.beginnings.get(word[:end], ())
        if len(word) > 7:
            for part, concepts in self.inside.items():
                if part in word:
                    found += concepts
        return tuple(dict.fromkeys(found))

    def phrase(self, words: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """The longest phrase that these words begin with: how many words it has, and what it means."""
        best, found = 0, list[str]()
        first = words[0].replace("'", "")
        for parts, concept in (*self.phrases.get(first, ()), *self.phrases.get(f"*{first[:2]}", ())):
            if len(parts) < best or len(parts) > len(words):
                continue
            if all(_matches(part, word) for part, word in zip(parts, words, strict=False)):
                found = [*found, concept] if len(parts) == best else [concept]
                best = len(parts)
        return best, tuple(dict.fromkeys(found))

    def mend(self, word: str, *, slips: bool = True) -> str:
        """What a word that the lexicon does not have is most likely a slip for; empty where there is nothing to mend.

        `pruefen` is the same as `prufen`, and that is all without `slips`.
        """
        if len(word) < 4 or not word.isalpha() or word in self.fillers or word in self.spoken or self.concepts(word):
            return ""
        plain = _UMLAUT.sub(r"\1", word)
        if plain != word and self.concepts(plain):
            return plain
        if len(word) < _SHORTEST or not slips:
            return ""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 1 if len(word) < 8 else 2
        near = [each for each in self.mendable if abs(len(each) - len(word)) <= most and each[0] == word[0]]
        if found := process.extractOne(word, near, scorer=OSA.distance, score_cutoff=most):
            return str(found[0])
        for start in self.beginnings:
            alike = len(start) >= _SHORTEST and start[0] == word[0]
            if alike and OSA.distance(word[: len(start)], start, score_cutoff=1) <= 1:
                return start
        return ""


def fold(text: str) -> str:
    """The text in lower case and without accents."""
    text = text.lower().replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("’", "'")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def tokens(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    areas: dict[str, Area] = {}
    whole: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    inside: dict[str, list[str]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for area, concept, words in _lines():
        areas[concept] = area
        for word in words:
            if "_" in word:
                parts = tuple(part.replace("'", "") for part in word.strip("_").split("_"))
                key = f"*{parts[0][:2]}" if parts[0].endswith("*") else parts[0]
                entry = (parts, concept)
                if entry not in phrases.setdefault(key, []):
                    phrases[key].append(entry)
            elif word.startswith("*"):
                inside.setdefault(word.strip("*"), []).append(concept)
            elif word.endswith("*"):
                beginnings.setdefault(word[:-1], []).append(concept)
            else:
                whole.setdefault(word, []).append(concept)
    fillers = frozenset(tokens(_text("fillers.txt")))
    return Lexicon(areas, _kept(whole), _kept(beginnings), _kept(inside), _kept(phrases), fillers)


def _kept(found: Mapping[str, list[Found]]) -> dict[str, tuple[Found, ...]]:
    return {key: tuple(values) for key, values in found.items()}


def _lines() -> Iterator[tuple[Area, str, list[str]]]:
    area: Area = "things"
    for name in ("work.txt", "away.txt", "harm.txt"):
        for line in _text(name).splitlines():
            if found := _SECTION.fullmatch(line.strip()):
                area = found[1]  # type: ignore[assignment]  # the pattern has the areas
            elif line.strip() and not line.startswith("#"):
                concept, _, words = line.partition(":")
                yield area, concept.strip(), fold(words).split()


def _text(name: str) -> str:
    return (files("composer") / "lexicon" / name).read_text(encoding="utf-8")


def _matches(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word.replace("'", "") == part
