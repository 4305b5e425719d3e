"""What an answer says: its failure where it is one, its data, its headers. All of it cleaned and bounded."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NoReturn

from skills.network.port import Answer
from workflows.errors import Failure, FailureClass
from workflows.text import safe_json, safe_text
from workflows.values import Json, plain

MOST_HEADERS = 100
LONGEST_HEADER = 2000
EXCERPT = 2000
"""Characters of a body that a failure carries."""

NOT_KEPT = frozenset({"set-cookie", "set-cookie2", "proxy-authenticate", "authentication-info"})
"""Headers that history has no business with: they open somebody's session."""

_TEXT_CODECS = re.compile(
    r"utf-8(-sig)?|utf-16(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[ru]|shift_jis|euc_\w+|gb\w+|big5"
)
"""Character sets of the web. Python has others that are slow on purpose (punycode) or no character sets at all."""


def failure_of(answer: Answer, asked: str, now: float) -> Failure | None:
    """The failure that a status of 400 and more is; None below. `asked` names the request in the message.

    `now`, in seconds since the epoch, turns a Retry-After date into seconds.
    """
    status = answer.status
    if status < 400:
        return None
    wait = retry_after(answer.headers, now)
    kind, hint = _verdict(status, wait)
    excerpt = safe_text(_text(answer), limit=EXCERPT)
    detail: Json = {"status": status, "body": excerpt}
    return Failure(kind, f"{asked} was answered with {said(status)}", hint, detail, wait)


def _verdict(status: int, wait: float | None) -> tuple[FailureClass, str]:
    if status in (401, 403, 407):
        return "authentication", "Check the key or the rights that the request is sent with."
    if status == 429 or (status == 503 and wait is not None):
        return "rate_limited", ""
    if status >= 500 or status in (408, 425):
        return "transient", ""
    return "business", "The detail has the beginning of the answer."


def said(status: int) -> str:
    """The status with its name: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that a Retry-After header asks for, given as seconds or as an HTTP date; no cap is applied."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def output_of(answer: Answer, url: str) -> dict[str, Json]:
    """What a step gets: {status, headers, body, url}, and a `note` where the body is not all that was sent."""
    headers = {
        safe_text(name, limit=LONGEST_HEADER): safe_text(value, limit=LONGEST_HEADER)
        for name, value in list(answer.headers.items())[:MOST_HEADERS]
        if name not in NOT_KEPT
    }
    body, note = _data(answer)
    return {
        "status": answer.status,
        "headers": headers,
        "body": body,
        "url": safe_text(url),
        **({"note": note} if note else {}),
    }


def _data(answer: Answer) -> tuple[Json, str]:
    """The body as JSON where it is said to be JSON, else as text; and what is to be said of it."""
    if not answer.readable:
        return None, f"the body is packed as {safe_text(answer.headers.get('content-encoding', ''), limit=40)!r}"
    if b"\0" in answer.body[:1024] and "charset=utf-16" not in answer.headers.get("content-type", "").lower():
        return None, f"the body is not text: {answer.size} bytes are not kept"
    note = (
        f"only the first {len(answer.body)} of {answer.size} bytes are kept" if answer.size > len(answer.body) else ""
    )
    text = _text(answer)
    if not _is_json(answer.headers.get("content-type", "")):
        return safe_json(text), note
    if not text.strip():
        return None, note
    try:
        return safe_json(plain(json.loads(text, parse_constant=_no_number))), note
    except (ValueError, RecursionError):
        return safe_json(text), note or "it is said to be JSON, and is none"


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _text(answer: Answer) -> str:
    found = re.search(r"charset=\"?([\w.-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    charset = "utf-8"
    if found:
        try:
            name = codecs.lookup(found[1]).name
        except LookupError:
            name = ""
        charset = name if _TEXT_CODECS.fullmatch(name) else charset
    return answer.body.decode(charset, "replace").removeprefix("\ufeff") if answer.readable else ""


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def body_of(value: Any) -> tuple[bytes | None, str]:
    """What is sent for a body, and its content type: a text as it is, data as JSON, nothing for null."""
    if value is None:
        return None, ""
    if isinstance(value, str):
        return value.encode("utf-8"), "text/plain; charset=utf-8"
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8"), "application/json"
