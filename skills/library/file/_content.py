"""The content of one file of the workspace, read once and whole."""

from __future__ import annotations

import codecs
import hashlib
import os
from pathlib import Path

from skills import SkillError
from skills.paths import open_beneath, shown

MAX_BYTES = 20 * 1024 * 1024
"""A file that is longer is not read as a whole."""

_PIECE = 64 * 1024

_NO_TEXT = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape"})
"""What Python calls encodings and is none of a file: the first takes the square of its length."""


def is_small(path: Path) -> bool:
    """Whether reading a file takes no longer than looking at it; so it is where there is none to be read."""
    try:
        return path.lstat().st_size <= _PIECE
    except OSError:
        return True


def read_bytes(root: Path, path: Path) -> bytes:
    """A plain file's content. Raises SkillError: `dependency` if it is not there, `resource` if it is too long."""
    try:
        descriptor = open_beneath(root, path)
        try:
            size = os.fstat(descriptor).st_size
            content = _read(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise SkillError(
            f"there is no file {shown(root, path)}", "file.list shows what there is", "dependency"
        ) from None
    except OSError as error:
        raise SkillError(f"{shown(root, path)} cannot be read: {error.strerror}", "", "dependency") from None
    if len(content) > MAX_BYTES:
        message = f"{shown(root, path)} has {size / 1024**2:.0f} MB; at most {MAX_BYTES // 1024**2} are read"
        raise SkillError(message, "file.search finds lines in it", "resource")
    return content


def _read(descriptor: int) -> bytes:
    """At most one byte more than is allowed. Piece by piece: most files are small, and room for all costs time."""
    pieces: list[bytes] = []
    left = MAX_BYTES + 1
    while left and (piece := os.read(descriptor, min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def sha256(content: bytes) -> str:
    """The digest that results and previews name a content by, in hex."""
    return hashlib.sha256(content).hexdigest()


def decode(name: str, content: bytes, encoding: str) -> str:
    """The content as text. Raises SkillError (`validation`) where it is none."""
    if b"\0" in content[:8192] and encoding.lower().replace("-", "") == "utf8":
        raise SkillError(f"{name} is binary, not text", "", "validation")
    try:
        if codecs.lookup(encoding).name in _NO_TEXT:
            raise LookupError
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"{name} is not {encoding} text: byte {error.start} is 0x{content[error.start]:02x}"
        raise SkillError(message, "name its encoding, such as latin-1", "validation") from None
    except LookupError:
        raise SkillError(f"there is no encoding {encoding!r}", "such as utf-8, latin-1, utf-16", "validation") from None
