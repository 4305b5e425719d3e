"""Finding secrets in what comes back, and taking them out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from workflows.secrets.forms import forms
from workflows.secrets.secret import MASK, Secret
from workflows.values import Json

MIN_LENGTH = 6
"""Shorter values are not redacted: they would be found everywhere. (A secret of five characters is none.)"""

Span = tuple[int, int]

_CUT = "…"
"""Stands where our own caps left something out, and a secret may have been cut in two."""

_CUTS = 1000
"""How many of these are looked at in one text, so that a text full of them takes no longer."""


class Redactor:
    """Replaces secrets in text by `•••`: as they are, and as base64, URL-encoded, JSON-escaped and quoted text.

    Also the rest of one beside a `…` that a cap has put in its place. One redactor serves a process: it learns what it
    has to know, and never forgets. Thousands of texts and texts of megabytes cost little where no secret is in them.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._values: frozenset[str] = frozenset()
        self._starts = _Starts(())
        self._ends = _Starts(())
        self._digits = False
        self.learn(secrets)

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Take these out too, from now on."""
        values = self._values | {secret.reveal() for secret in secrets}
        if values == self._values:
            return
        found = {form for value in values if len(value) >= MIN_LENGTH for form in forms(value)}
        found = {form for form in found if len(form) >= MIN_LENGTH}
        self._values, self._digits = values, any(form.isdecimal() for form in found)
        self._starts, self._ends = _Starts(found), _Starts(form[::-1] for form in found)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        if not self._starts.forms:
            return text
        spans = self.spans(text)
        if not spans:
            return text
        pieces: list[str] = []
        at = 0
        for start, end in spans:
            pieces += (text[at:start], MASK)
            at = end
        return "".join((*pieces, text[at:]))

    def redact_json(self, value: Json) -> Json:
        """JSON data without secrets in any text or key. A number that holds one becomes a text.

        Where two keys become the same, the last one wins.
        """
        if not self._starts.forms:
            return value
        if isinstance(value, str):
            return self.redact(value)
        # One search of all texts: mostly there is nothing in them.
        if not self.spans("\0".join(self._texts(value))):
            return value
        return self._redacted(value)

    def spans(self, text: str) -> list[Span]:
        """Where secrets stand in the text, as (start, end), in order. What overlaps is one span."""
        found: list[Span] = []
        for form in self._starts.forms:
            at = text.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = text.find(form, at + 1)
        if _CUT in text:
            found += self._beside_cuts(text)
        return merged(found)

    def unfinished(self, text: str) -> int:
        """How many characters at the end of the text may be the beginning of a secret."""
        return self._starts.at_the_end_of(text)

    def _beside_cuts(self, text: str) -> Iterator[Span]:
        for cut in islice(_places(text, _CUT), _CUTS):
            before = text[max(0, cut - self._starts.longest - 2) : cut].rstrip()
            if (length := self._starts.at_the_end_of(before)) >= MIN_LENGTH:
                end = max(0, cut - self._starts.longest - 2) + len(before)
                yield end - length, end
            window = text[cut + 1 : cut + 3 + self._ends.longest]
            after = window.lstrip()
            if (length := self._ends.at_the_end_of(after[::-1])) >= MIN_LENGTH:
                start = cut + 1 + len(window) - len(after)
                yield start, start + length

    def _texts(self, value: Json) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, item in value.items():
                yield key
                yield from self._texts(item)
        elif isinstance(value, list):
            for item in value:
                yield from self._texts(item)
        elif self._digits and type(value) in (int, float):
            yield str(value)

    def _redacted(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact(key): self._redacted(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._redacted(item) for item in value]
        if self._digits and type(value) in (int, float) and self.spans(str(value)):
            return self.redact(str(value))
        return value


class _Starts:
    """Texts, and the question which of them begins at the end of another."""

    def __init__(self, found: Iterable[str]) -> None:
        self.forms = sorted(found)
        self.longest = max(map(len, self.forms), default=0)
        self._firsts = {form[0] for form in self.forms}

    def at_the_end_of(self, text: str) -> int:
        """The length of the longest end of `text` that one of the texts goes on from."""
        for at in range(max(0, len(text) - self.longest + 1), len(text)):
            if text[at] in self._firsts and self._goes_on(text[at:]):
                return len(text) - at
        return 0

    def _goes_on(self, start: str) -> bool:
        place = bisect_left(self.forms, start)
        if place < len(self.forms) and self.forms[place] == start:
            place += 1
        return place < len(self.forms) and self.forms[place].startswith(start)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, overlapping ones as one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        else:
            result.append((start, end))
    return result


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
