"""What never stands in a recording: secrets, by value, by where they stand, and by how keys of services look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie

from workflows.secrets import MASK, MIN_LENGTH, Redactor, Secret, hide
from workflows.values import Json

HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey"}
    | {"x-auth-token", "x-access-token", "x-csrf-token", "x-amz-security-token", "x-goog-api-key", "private-token"}
)
"""Header fields whose values open doors, in lower case."""

KEYS = re.compile(
    r"""
      \bsk-[A-Za-z0-9_-]{20,}                     # OpenAI, Anthropic, OpenRouter and who writes keys as they do
    | \bgh[pousr]_[A-Za-z0-9]{20,} | \bgithub_pat_[A-Za-z0-9_]{20,}
    | \bglpat-[A-Za-z0-9_-]{16,}
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \bAIza[A-Za-z0-9_-]{35}
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}
    | \bhf_[A-Za-z0-9]{20,} | \bgsk_[A-Za-z0-9]{20,} | \bxai-[A-Za-z0-9]{20,}
    | \b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}
    | \beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*    # JSON web tokens
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
"""How keys of services look, for those that nobody told us of."""


class Veil:
    """Puts `•••` where a secret stands. What it finds in header fields it knows everywhere from then on.

    A recording and its replay look at requests through the same veil, so that what is hidden is hidden in both.
    """

    def __init__(self, known: Redactor) -> None:
        self._known = known
        self._found = Redactor()

    def learn(self, value: Json) -> None:
        """Find the values that header fields hold."""
        self._found.learn(map(Secret, _held_by_headers(value)))

    def over(self, value: Json) -> Json:
        """The data as a recording may hold them."""
        return self._text_by_text(self._found.redact_json(self._known.redact_json(hide(value))))

    def leaks(self, text: str) -> bool:
        """Whether any known secret can still be found in a text that went through."""
        return bool(self._known.spans(text) or self._found.spans(text) or KEYS.search(text))

    def _text_by_text(self, value: Json) -> Json:
        if isinstance(value, str):
            return KEYS.sub(MASK, value)
        if isinstance(value, list):
            return [self._text_by_text(item) for item in value]
        if isinstance(value, dict):
            return {
                KEYS.sub(MASK, key): _masked(item)
                if key == "headers" and isinstance(item, dict)
                else self._text_by_text(item)
                for key, item in value.items()
            }
        return value


def _masked(headers: Mapping[str, Json]) -> Json:
    return {
        name: (MASK if value else value) if name.lower() in HEADERS else _keyless(value)
        for name, value in headers.items()
    }


def _keyless(value: Json) -> Json:
    if isinstance(value, str):
        return KEYS.sub(MASK, value)
    return [_keyless(item) for item in value] if isinstance(value, list) else value


def _held_by_headers(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _held_by_headers(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "headers" and isinstance(item, dict):
                for name, held in item.items():
                    if name.lower() in HEADERS:
                        yield from _secrets_of(name.lower(), held)
            yield from _held_by_headers(item)


def _secrets_of(name: str, held: Json) -> Iterator[str]:
    """The parts of a header field that are secret: a token without its scheme, the values of cookies."""
    for text in held if isinstance(held, list) else (held,):
        if not isinstance(text, str) or MASK in text or "⟦secret:" in text:
            continue
        parts = [text]
        if "cookie" in name:
            try:
                parts = [morsel.value for morsel in SimpleCookie(text).values()]
            except CookieError:
                parts = [text]
        elif name.endswith("authorization"):
            parts = [text.partition(" ")[2] or text]
        yield from (part for part in parts if len(part) >= MIN_LENGTH)
