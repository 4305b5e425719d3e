"""What a tool answered, as JSON data: text, structured data, and files that are kept beside the history."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from workflows.errors import Failure, fail
from workflows.text import safe_text
from workflows.values import Json, canonical

MOST_TEXT = 256 * 1024
"""Characters of all text of an answer. More loses its middle."""

MOST_DATA = 512 * 1024
"""Bytes of structured data, as JSON. More is left out."""

MOST_FILES = 50
LARGEST_FILE = 10 * 1024 * 1024

_SHOWN_ERROR = 600
_MIME = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


def answer_of(result: CallToolResult, folder: Path) -> dict[str, Json]:
    """{text, data, files, left_out}. Blobs are written below `folder`; `left_out` says what is not here."""
    texts: list[str] = []
    files: list[Json] = []
    left_out: list[Json] = []
    for block in result.content:
        if isinstance(block, TextContent):
            texts.append(block.text)
        elif len(files) >= MOST_FILES:
            left_out.append(f"more than {MOST_FILES} files")
            break
        elif isinstance(block, (ImageContent, AudioContent)):
            files.append(_blob(block.type, block.data, block.mime_type, "", folder, left_out))
        elif isinstance(block, ResourceLink):
            files.append({"kind": "link", "uri": str(block.uri), "name": block.name, "mime": block.mime_type or ""})
        elif isinstance(block, EmbeddedResource):
            files.append(_resource(block.resource, folder, left_out))
    text = safe_text("\n".join(texts), limit=MOST_TEXT, max_line=None)
    data: Json = result.structured_content
    if data is not None and len(canonical(data)) > MOST_DATA:
        left_out.append(f"structured data of more than {MOST_DATA // 1024} KB")
        data = None
    return {"text": text, "data": data, "files": [each for each in files if each is not None], "left_out": left_out}


def failure_of(tool: str, answer: dict[str, Json]) -> Failure:
    """The failure that a tool itself reported."""
    said = " ".join(str(answer["text"]).split())
    short = said if len(said) <= _SHOWN_ERROR else said[: _SHOWN_ERROR - 1] + "…"
    detail = {key: value for key, value in answer.items() if value}
    return fail("business", f"{tool} failed: {short or 'it does not say why'}", **detail).failure


def _resource(resource: TextResourceContents | BlobResourceContents, folder: Path, left_out: list[Json]) -> Json:
    uri, mime = str(resource.uri), resource.mime_type or ""
    if isinstance(resource, BlobResourceContents):
        return _blob("resource", resource.blob, mime, uri, folder, left_out)
    text = safe_text(resource.text, limit=MOST_TEXT // 4, max_line=None)
    return {"kind": "resource", "uri": uri, "mime": mime, "text": text}


def _blob(kind: str, data: str, mime: str, uri: str, folder: Path, left_out: Sequence[Json]) -> Json:
    assert isinstance(left_out, list)
    if len(data) > LARGEST_FILE * 4 // 3:
        left_out.append(f"{kind} of more than {LARGEST_FILE // 1024**2} MB")
        return None
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        left_out.append(f"{kind} that is not base64")
        return None
    mime = mime.lower() if _MIME.fullmatch(mime.lower()) else "application/octet-stream"
    name = hashlib.sha256(content).hexdigest()
    path = folder / f"{name}{mimetypes.guess_extension(mime) or '.bin'}"
    _keep(path, content)
    about: dict[str, Json] = {"kind": kind, "mime": mime, "bytes": len(content), "sha256": name, "path": str(path)}
    return {**about, "uri": uri} if uri else about


def _keep(path: Path, content: bytes) -> None:
    if path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        message = f"what the tool gave cannot be kept in {path.parent}: {error.strerror}"
        raise fail("resource", message, "make room there") from None
