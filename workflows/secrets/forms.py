"""The texts that a secret becomes on its way: as it is, escaped, encoded."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from workflows.text import safe_text

_LINE = 16
"""Characters from which a line of a secret of several lines, such as a private key, is a secret by itself."""


_HEX = re.compile(r"[0-9A-Fa-f-]{16,}")
"""What is the same in capital letters: hexadecimal digits, a UUID."""


_HALF = 12
"""Characters from which half of a form is a secret by itself: whoever cuts a text may cut a secret, and not tell."""


def forms(value: str) -> Iterator[str]:
    """Every text that the value is looked for as; some more than once, some shorter than is looked for."""
    for form in _whole(value):
        yield form
        if len(form) >= 2 * _HALF:
            yield form[: len(form) // 2]
            yield form[len(form) // 2 :]


def _whole(value: str) -> Iterator[str]:
    for text in {value, value.strip(), safe_text(value, max_line=None)}:
        data = text.encode("utf-8", "surrogatepass")
        yield text
        yield from _escaped(text)
        for encoded in (quote(data), quote(data, safe=""), quote_plus(data)):
            yield encoded
            yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
        yield from _base64(data)
        if _HEX.fullmatch(text):
            yield text.upper()
            yield text.lower()
    for line in value.splitlines():
        if len(line.strip()) >= _LINE:
            yield line.strip()
            yield from _escaped(line.strip())


def _escaped(value: str) -> Iterator[str]:
    yield repr(value)[1:-1]  # as Python's own messages quote it
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
        yield json.dumps(escaped, ensure_ascii=ascii_only)[
            1:-1
        ]  # a JSON text within another, as logs and tools have it


def _base64(value: bytes) -> Iterator[str]:
    """The characters that the value alone decides, for each place it can have in a longer encoded text.

    Base64 turns 3 bytes into 4 characters, so what stands before the value shifts it by 0, 1 or 2 bytes.
    """
    for shift in range(3):
        first = -(-shift * 8 // 6)
        last = (shift + len(value)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + value).decode("ascii")[first:last]
