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


def forms(value: str) -> Iterator[str]:
    """Every text that the value is looked for as; some more than once, some shorter than is looked for."""
    for text in {value, value.strip(), safe_text(value, max_line=None)}:
        data = text.encode("utf-8", "surrogatepass")
        yield text
        yield from _escaped(text)
        for encoded in (quote(data), quote(data, safe=""), quote_plus(data)):
            yield encoded
            yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
        yield from _base64(data)
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


def _base64(value: bytes) -> Iterator[str]:
    """The characters that the value alone decides, for each place it can have in a longer encoded text.

    Base64 turns 3 bytes into 4 characters, so what stands before the value shifts it by 0, 1 or 2 bytes.
    """
    for shift in range(3):
        first = -(-shift * 8 // 6)
        last = (shift + len(value)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + value).decode("ascii")[first:last]
