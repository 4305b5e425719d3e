"""Secrets that cannot be shown by accident, and their removal from text that will be."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "•••"
MIN_LENGTH = 6
"""Shorter values are not redacted: they would be found everywhere. (A secret of five characters is none.)"""


class Secret:
    """A value that only `reveal` shows. Its repr, its text and its formatted forms are `•••`; it cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the one place that sends it, never for a message or a record."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


class Redactor:
    """Replaces secrets in text by `•••`: as they are, and as base64, URL-encoded and JSON-escaped text."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        values = {secret.reveal() for secret in secrets}
        forms = {form for value in values if len(value) >= MIN_LENGTH for form in _forms(value)}
        longest_first = sorted((form for form in forms if len(form) >= MIN_LENGTH), key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def redact(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _forms(value: str) -> Iterator[str]:
    data = _bytes(value)
    yield value
    yield from _escaped(value)
    for encoded in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
    yield from _base64(data)


def _escaped(value: str) -> Iterator[str]:
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")


def _base64(value: bytes) -> Iterator[str]:
    """The characters that the value alone decides, for each place it can have in a longer encoded text.

    Base64 turns 3 bytes into 4 characters, so what stands before the value shifts it by 0, 1 or 2 bytes.
    """
    for shift in range(3):
        first = -(-shift * 8 // 6)
        last = (shift + len(value)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + value).decode("ascii")[first:last]
