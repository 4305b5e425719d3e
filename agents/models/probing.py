"""Asking a server for the names of its models: by hand, so that it never blocks the loop and imports nothing."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

from workflows.errors import UnderstudyError
from workflows.text import one_line

PROBE_SECONDS = 0.3
MAX_ANSWER = 1_000_000


async def names_at(url: str, field: str, name: str, what: str) -> tuple[str, ...]:
    """GET, and `name` of each object in the list `field` of the answer. Raises UnderstudyError where that fails."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            head, _, body = (await _get(url)).partition(b"\r\n\r\n")
    except (OSError, ValueError):  # refused, unknown host, too slow, or no address at all
        raise UnderstudyError("nothing listening") from None
    try:
        if head.split(b" ", 2)[1] != b"200":
            raise ValueError
        models = json.loads(body)[field]
        return tuple(one_line(str(model[name]), 80) for model in models)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise UnderstudyError(f"something that is not {what} answers") from None


async def _get(url: str) -> bytes:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("no host")
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    try:
        host = parts.netloc.rpartition("@")[2]
        writer.write(f"GET {parts.path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while len(answer) < MAX_ANSWER and (piece := await reader.read(65536)):
            answer += piece
        return answer
    finally:
        writer.close()
