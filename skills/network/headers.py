"""The headers that a step writes: which may be sent, and those that it gets where it writes none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from workflows.text import one_line

OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"})
"""Headers that belong to the connection, not to the step."""

AGENT = "understudy"

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def headers_of(given: Mapping[str, Any], content_type: str) -> list[tuple[str, str]]:
    """The step's headers, after those that it does not give itself."""
    own = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Content-Type": content_type}
    written = {name.lower() for name in given}
    defaults = [(name, value) for name, value in own.items() if value and name.lower() not in written]
    return [*defaults, *((name, _text(value)) for name, value in given.items())]


def with_key(headers: list[tuple[str, str]], key: str) -> list[tuple[str, str]]:
    """The headers with the call's idempotency key, unless the step gives one of its own."""
    if any(name.lower() == "idempotency-key" for name, _ in headers):
        return headers
    return [*headers, ("Idempotency-Key", key)]


def problem_of(name: str, value: Any) -> str:
    """What is wrong with a header, without its value, which may be a secret; empty where nothing is."""
    shown = one_line(name, 60)
    if not _HEADER_NAME.fullmatch(name):
        return f"'{shown}' is no name of a header"
    if name.lower() in OURS:
        return f"the header '{shown}' is set by the connection itself"
    if isinstance(value, (dict, list)) or value is None:
        return f"the header '{shown}' must be a text"
    if _NOT_IN_HEADER.search(_text(value)):
        return f"the header '{shown}' holds a character that cannot stand there, such as a line break"
    return ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value)
