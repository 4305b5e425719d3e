"""The text of a file that is looked at and edited: read whole, replaced only where it is still what was read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from workflows.errors import UnderstudyError
from workflows.records import dataclass

LARGEST = 512 * 1024
"""Bytes of a file that is edited here."""


@dataclass(frozen=True)
class Source:
    """A file as it was read."""

    path: Path
    text: str

    @property
    def content(self) -> bytes:
        return self.text.encode("utf-8")


class ChangedMeanwhile(UnderstudyError):
    """The file is not what was read: somebody else has written it."""


def read_source_text(path: Path) -> Source:
    """The file's text. Raises UnderstudyError where it is none that can be edited here."""
    return Source(path, _decoded(path, _read(path)))


def save_source(source: Source, text: str, *, anyway: bool = False) -> Source:
    """Put the text in the place of what was read, whole or not at all; its mode stays.

    Raises ChangedMeanwhile where the file was written by somebody else since, unless `anyway`, and UnderstudyError
    where it cannot be written.
    """
    path = source.path
    if path.is_symlink():
        raise UnderstudyError(f"{path} is a link.", f"Edit what it leads to: {os.readlink(path)}")
    if not anyway and path.exists() and _read(path) != source.content:
        raise ChangedMeanwhile(f"{path.name} was changed by somebody else since you opened it.", "Nothing was saved.")
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnderstudyError("The text holds half a character.", "Nothing was saved.") from None
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        kept = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        with open(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if kept is None else 0o600), "wb"
        ) as file:
            if kept is not None:
                os.fchmod(file.fileno(), kept)  # whatever the umask takes from new files
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}.", "Nothing was saved.") from None
    return Source(path, text)


def _read(path: Path) -> bytes:
    try:
        # Without waiting: what lies there may be a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be read: {error.strerror}.") from None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnderstudyError(f"{path} is no file.")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UnderstudyError(f"{path.name} is too large to be shown here.", "E opens it in your editor.")
    return content


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8 (byte {error.start + 1})."
        raise UnderstudyError(message, "E opens it in your editor.") from None
