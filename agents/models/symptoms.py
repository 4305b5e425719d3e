"""What can be read off an exception that a model call ended in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from workflows.records import dataclass

TRANSPORT_PACKAGES = frozenset({"httpx", "httpcore", "h11", "anyio", "aiohttp", "ssl", "socket"})
MAX_DOCUMENT = 20_000
"""Characters of an error text that are read as JSON."""


@dataclass(frozen=True)
class Symptoms:
    """The facts by which a failed call is classed. `status` is None where the provider gave none.

    `name` is the class of the exception; `code` the provider's own error code; header names are in lower case.
    """

    status: int | None
    name: str
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def symptoms_of(error: BaseException) -> Symptoms:
    """Read the innermost facts of the exception's chain.

    The innermost, because litellm rewrites: a 413 becomes 429, a lost connection 500, and headers and codes stay
    behind. Its own 500 is not believed at all: it means that there was no status.
    """
    chain = list(_chain(error))
    told, made_up = None, None
    message, code = "", ""
    headers: dict[str, str] = {}
    for link in chain:
        response = getattr(link, "response", None)
        status = _status(getattr(response, "status_code", None)) or _status(getattr(link, "status_code", None))
        if _package(link) == "litellm":
            made_up = status or made_up
        else:
            told = status or told
        headers = _headers(getattr(response, "headers", None)) or headers
        document = _document(link)
        message = _text(document.get("message")) or message
        code = _text(document.get("code")) or _text(document.get("type")) or code
    known = told or (made_up if made_up != 500 else None)
    if _is_transport(chain[-1]):
        return Symptoms(None, _transport_name(chain))
    name = type(chain[-1] if isinstance(chain[-1], json.JSONDecodeError) else error).__name__
    return Symptoms(known, name, code, message or str(error), headers)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _is_transport(link: BaseException) -> bool:
    if getattr(link, "response", None) is not None:
        return False
    return isinstance(link, OSError) or _package(link) in TRANSPORT_PACKAGES


def _package(link: BaseException) -> str:
    return type(link).__module__.partition(".")[0]


def _transport_name(chain: list[BaseException]) -> str:
    names = {type(link).__name__ for link in chain}
    if names & {"ConnectError", "ConnectionRefusedError", "gaierror"}:
        return "ConnectError"
    return "Timeout" if any("Timeout" in name for name in names) else "APIConnectionError"


def _status(value: object) -> int | None:
    return value if isinstance(value, int) and 300 <= value < 600 else None


def _headers(value: Any) -> dict[str, str]:
    try:
        return {str(name).lower(): str(text) for name, text in dict(value or {}).items()}
    except (TypeError, ValueError):
        return {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _document(link: BaseException) -> Mapping[str, Any]:
    """The provider's own error document, if the exception holds one."""
    body = getattr(link, "body", None)
    if body is None:
        body = _json_in(str(link))
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error", body)
    return inner if isinstance(inner, Mapping) else {"message": inner}


def _json_in(text: str) -> Any:
    start = text.find("{")
    if start < 0:
        return None
    try:
        return json.JSONDecoder().raw_decode(text[start : start + MAX_DOCUMENT])[0]
    except (ValueError, RecursionError):
        return None
