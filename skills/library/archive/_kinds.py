"""Archives: which kinds there are, what lies in one, and which of its names may be unpacked."""

from __future__ import annotations

import hashlib
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from skills import Context, SkillError
from skills.paths import open_beneath, shown

SUFFIXES = {".zip": "zip", ".whl": "zip", ".jar": "zip", ".tar": "tar", ".tar.gz": "tar", ".tgz": "tar"}
SUFFIXES |= {".tar.bz2": "tar", ".tar.xz": "tar"}

MOST_ENTRIES = 20_000
MOST_BYTES = 500 * 1024 * 1024
"""Of all that is unpacked. A few kilobytes can say that they are petabytes."""


LONGEST_HEADER = 1024 * 1024
"""Bytes of a header that says more of the entry after it. It is read as a whole, and packs as well as anything."""


class _Header(tarfile.TarInfo):
    """A header of a tar archive that is never followed by endless ones of its own."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        found = super().frombuf(buf, encoding, errors)
        if found.size > LONGEST_HEADER and not (found.isreg() or found.isdir()):
            raise tarfile.ReadError(f"a header in it has {found.size} bytes")
        return found


@dataclass(frozen=True)
class Entry:
    """One name in an archive. `kind` is file, folder, link or other; `executable` is what its permissions say."""

    name: str
    kind: str
    size: int
    executable: bool = False


class Archive:
    """An archive that is open to read."""

    def __init__(self, opened: zipfile.ZipFile | tarfile.TarFile) -> None:
        self._opened = opened

    def entries(self) -> Iterator[Entry]:
        """What lies in it, in its order."""
        if isinstance(self._opened, tarfile.TarFile):
            for member in self._opened:
                kind = "file" if member.isfile() else "folder" if member.isdir() else "other"
                kind = "link" if member.issym() or member.islnk() else kind
                yield Entry(member.name, kind, member.size, bool(member.mode & stat.S_IXUSR))
            return
        for info in self._opened.infolist():
            mode = info.external_attr >> 16
            kind = "folder" if info.is_dir() else "link" if stat.S_ISLNK(mode) else "file"
            yield Entry(info.filename, kind, info.file_size, bool(mode & stat.S_IXUSR))

    def open(self, name: str) -> IO[bytes]:
        """The content of a file in it."""
        if isinstance(self._opened, tarfile.TarFile):
            content = self._opened.extractfile(name)
            if content is None:
                raise SkillError(f"{name} in the archive has no content", "", "validation")
            return content
        return self._opened.open(name)


def kind_of(name: str) -> tuple[str, str]:
    """Kind and suffix of an archive by its name. Raises SkillError (`validation`)."""
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return SUFFIXES[suffix], suffix
    known = ", ".join(sorted(SUFFIXES))
    raise SkillError(f"{name} does not say by its name what archive it is", f"one of {known}", "validation")


def content_of(context: Context, path: Path) -> str:
    """The SHA-256 of an archive, in hex: what an approval of it is bound to."""
    with open(open_beneath(context.root, path), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_tar(file: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r:*", tarinfo=_Header)


@contextmanager
def open_archive(context: Context, path: Path) -> Iterator[Archive]:
    """An archive of the workspace. Raises SkillError where it is not there, or none."""
    name = shown(context.root, path)
    kind, _ = kind_of(name)
    try:
        with (
            open(open_beneath(context.root, path), "rb") as file,
            zipfile.ZipFile(file)
            if kind == "zip"
            else tarfile.open(fileobj=file, mode="r:*", tarinfo=_Header) as opened,
        ):
            yield Archive(opened)
    except FileNotFoundError:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SkillError(f"{name} cannot be read as an archive: {error}", "", "validation") from None
    except OSError as error:
        raise SkillError(f"{name} cannot be read: {error.strerror or error}", "", "dependency") from None
