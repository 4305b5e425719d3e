"""The border: where what tools, models and files say becomes data of ours. It is crossed once, on the way in.

Bounded in size and depth, cleaned of all that could act on a terminal or hide from a reader, and without secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from workflows.errors import Failure
from workflows.secrets import Redactor, StreamRedactor, hide
from workflows.text import is_clean, safe_json, safe_text
from workflows.values import Json

MOST_TEXT = 1024 * 1024
"""Characters in all texts of one value together."""

MOST_ITEMS = 200_000
"""Items of all lists and objects of one value together."""

DEEPEST = 100
"""How deep lists and objects may be nested; as deep as expressions look (`workflows.expressions.work`)."""

MESSAGE = 2000
"""Characters of a failure's message, and of its hint."""

DETAIL = 16_000
"""Characters of each text in a failure's detail."""

_LONGEST_NUMBER = 13_000
"""Bits of a whole number. Python writes no more than 4,300 digits."""

_SHORTEST = 64
"""Characters of a cut text that has room for a head, a tail, and a note between them."""


def admit(value: Json, *, redactor: Redactor) -> Json:
    """The data as they may be kept and shown. Where something is left out, a note in its place says how much.

    Texts lose their middles, the longest first, until all of them together are at most 1 MB. Placeholders of secrets
    become text for people: none is ever valid that comes from outside. Cleaning before redacting, and both before
    cutting: what hides a secret from one step must not hide it from the next. Admitting twice changes nothing. Raises
    TypeError where a key is no text.
    """
    if value is None or type(value) in (bool, float) or (type(value) is int and value.bit_length() <= _LONGEST_NUMBER):
        return value
    if (text := _all_text(value)) is not None and is_clean(text) and not redactor.spans(text):
        return value
    clean = safe_json(_Bounds().within(value, 0))
    return _shortened(redactor.redact_json(hide(clean)))


_SMALL = 4096
"""Characters and items of what is looked at as one text first: most of what comes is small, and goes in as it is."""

_FLAT = 16
"""How deep such data may be nested."""


def _all_text(value: Json) -> str | None:
    """All texts, keys and numbers of small data, a line each; None where they are not small, or no plain JSON."""
    found: list[str] = []
    level, size = [value], 0
    for _ in range(_FLAT):
        deeper: list[Json] = []
        for item in level:
            kind = type(item)
            if kind is str:
                found.append(item)
                size += len(item)
            elif kind is dict:
                if not all(type(key) is str for key in item):
                    return None
                found += item
                deeper += item.values()
            elif kind is list:
                deeper += item
            elif kind is int or kind is float:
                if not -(2**63) < item < 2**63:
                    return None
                found.append(str(item))
            elif item is not None and kind is not bool:
                return None
        size += len(found) + len(deeper)
        if size > _SMALL:
            return None
        if not deeper:
            text = "\n".join(found)
            return text if len(text) <= _SMALL else None
        level = deeper
    return None


def admit_failure(failure: Failure, *, redactor: Redactor) -> Failure:
    """The failure as it may be kept and shown."""
    message, hint, detail = admit([failure.message, failure.hint, failure.detail], redactor=redactor)
    return replace(
        failure,
        message=safe_text(message, limit=MESSAGE),
        hint=safe_text(hint, limit=MESSAGE),
        detail=safe_json(detail, limit=DETAIL),
    )


class LiveText:
    """Passes text on as it comes, cleaned and without secrets.

    What a piece ends in is held back where its rest may follow: an escape sequence, a line end, a secret.
    """

    def __init__(self, emit: Callable[[str], None], redactor: Redactor) -> None:
        self._emit = emit
        self._redactor = StreamRedactor(redactor)
        self._held = ""
        self._heard = False

    def __call__(self, text: str) -> None:
        self._heard = True
        text = self._held + text
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _HELD))
        cut = unfinished.start() if unfinished else len(text)
        text, self._held = text[:cut], text[cut:]
        self._pass(self._redactor.feed(safe_text(text)))

    def flush(self) -> None:
        """Pass on what was held back."""
        if not self._heard:
            return
        text, self._held = self._held, ""
        self._pass(self._redactor.feed(safe_text(text)) + self._redactor.flush())

    def _pass(self, text: str) -> None:
        if text:
            self._emit(text)


_UNFINISHED = re.compile(r"(?:\r|\x1b(?:\[[0-?]*[ -/]*|[\]P^_X][^\x07\x1b\n]*)?)\Z")
"""The end of a piece that may be the beginning of an escape sequence, or of a line end."""

_HELD = 4096


class _Bounds:
    """Structure within bounds. What is too much goes from the middle of a list, or from the end of an object."""

    def __init__(self) -> None:
        self._left = MOST_ITEMS

    def within(self, value: Json, depth: int) -> Json:
        if isinstance(value, (Mapping, Sequence)) and not isinstance(value, (str, bytes, bytearray)):
            if depth >= DEEPEST:
                return f"… nested deeper than {DEEPEST}: left out …"
            room = min(len(value), self._left)
            self._left -= room
            if isinstance(value, Mapping):
                return self._object(value, room, depth)
            return self._list(value, room, depth)
        if type(value) is int and value.bit_length() > _LONGEST_NUMBER:
            return "… a number too long to write: left out …"
        return value

    def _list(self, value: Sequence[Json], room: int, depth: int) -> Json:
        if room == len(value):
            return [self.within(item, depth + 1) for item in value]
        tail = room // 2
        kept = [self.within(item, depth + 1) for item in (*value[: room - tail], *value[len(value) - tail :])]
        return [*kept[: room - tail], _items(len(value) - room), *kept[room - tail :]]

    def _object(self, value: Mapping[str, Json], room: int, depth: int) -> Json:
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"a JSON object has text keys, not {type(key).__name__}")
        kept = {key: self.within(value[key], depth + 1) for key in list(value)[:room]}
        return kept if room == len(value) else {**kept, "…": _items(len(value) - room)}


def _items(count: int) -> str:
    return f"… {count} items left out …"


def _shortened(value: Json) -> Json:
    lengths = sorted(_lengths(value))
    if sum(lengths) <= MOST_TEXT:
        return value
    left = MOST_TEXT
    longest = 0
    for place, length in enumerate(lengths):
        longest = left // (len(lengths) - place)
        if length > longest:
            break
        left -= length
    return _cut(value, longest)


def _lengths(value: Json) -> Iterator[int]:
    if isinstance(value, str):
        yield len(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield len(key)
            yield from _lengths(item)
    elif isinstance(value, list):
        for item in value:
            yield from _lengths(item)


def _cut(value: Json, longest: int) -> Json:
    if isinstance(value, str):
        if len(value) <= longest:
            return value
        if longest < _SHORTEST:
            return value[: max(0, longest - 1)] + "…"
        return safe_text(value, limit=longest, max_line=None)
    if isinstance(value, dict):
        return {_cut(key, longest): _cut(item, longest) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, longest) for item in value]
    return value
