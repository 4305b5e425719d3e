"""Archives: which kinds there are, what lies in one, and which of its names may be unpacked."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
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


LONGEST_TEXTS = 16 * 1024
"""The same of one that says it as texts: finding their ends takes a time that grows faster than they do."""

LONGEST_INDEX = 8 * 1024 * 1024
"""Bytes of what a zip says of its entries. All of it is read, and kept, before the first is told."""

SECONDS = 60.0
"""How long the headers of a tar may take to be read."""

_TAIL = 22 + 65535
"""Bytes at the end of a zip among which it says where that index is: 22 of its own, and a comment."""


class _Tar(tarfile.TarFile):
    """A tar archive that is read in bounded time."""

    until = 0.0

    def check_time(self) -> None:
        if self.until and time.monotonic() > self.until:
            raise tarfile.ReadError(f"reading what lies in it takes longer than {SECONDS:g} s")


class _Header(tarfile.TarInfo):
    """A header of a tar archive that is never followed by endless ones of its own, and never leads backwards."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        found = super().frombuf(buf, encoding, errors)
        if found.size > LONGEST_HEADER and not (found.isreg() or found.isdir()):
            raise tarfile.ReadError(f"a header in it has {found.size} bytes")
        return found

    def _block(self, count: int) -> int:
        if count < 0:  # the next header would be one that was read already, for ever (CVE-2025-8194)
            raise tarfile.ReadError(f"an entry in it has {count} bytes")
        return super()._block(count)  # type: ignore[misc,no-any-return]  # it has no public name

    def _proc_pax(self, archive: _Tar) -> tarfile.TarInfo:
        archive.check_time()
        if self.size > LONGEST_TEXTS:
            raise tarfile.ReadError(f"a header in it has {self.size} bytes of texts")
        return super()._proc_pax(archive)  # type: ignore[misc,no-any-return]  # the same

    def _no_holes(self, *_: object) -> tarfile.TarInfo:
        raise tarfile.ReadError("a file in it has holes, and their list can be endless")

    _proc_sparse = _proc_gnusparse_10 = _no_holes


@dataclass(frozen=True)
class Entry:
    """One name in an archive. `kind` is file, folder, link or other; `executable` is what its permissions say."""

    name: str
    kind: str
    size: int
    executable: bool = False


class Archive:
    """An archive that is open to read. It is `cut` where not all of its entries were looked for."""

    def __init__(self, opened: zipfile.ZipFile | _Tar) -> None:
        self._opened = opened
        self.cut = False

    def entries(self) -> Iterator[Entry]:
        """What lies in it, in its order. Of a packed tar, what comes after too much is not looked for: that has to be
        unpacked to be passed over."""
        if isinstance(self._opened, _Tar):
            packed, passed = not isinstance(self._opened.fileobj, BufferedReader), 0
            self._opened.until = time.monotonic() + SECONDS
            for member in self._opened:
                kind = "file" if member.isfile() else "folder" if member.isdir() else "other"
                kind = "link" if member.issym() or member.islnk() else kind
                yield Entry(member.name, kind, member.size, bool(member.mode & stat.S_IXUSR))
                passed += member.size
                self.cut = packed and passed > MOST_BYTES
                if self.cut:
                    return
                self._opened.check_time()
            return
        for info in self._opened.infolist():
            mode = info.external_attr >> 16
            kind = "folder" if info.is_dir() else "link" if stat.S_ISLNK(mode) else "file"
            yield Entry(info.filename, kind, info.file_size, bool(mode & stat.S_IXUSR))

    def open(self, name: str) -> IO[bytes]:
        """The content of a file in it."""
        if isinstance(self._opened, _Tar):
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


def _open_tar(file: IO[bytes]) -> _Tar:
    return _Tar.open(fileobj=file, mode="r:*", tarinfo=_Header)


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    if _index_of(file) > LONGEST_INDEX:
        raise zipfile.BadZipFile(f"it says more than {LONGEST_INDEX // 1024**2} MB of what lies in it")
    return zipfile.ZipFile(file)


def _index_of(file: IO[bytes]) -> int:
    """How many bytes a zip says that its index has: the most that any reader could make of its end (APPNOTE 4.3)."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TAIL - 76, 0))
    tail = file.read()
    said = [0]
    for mark, form, at in ((b"PK\x05\x06", "<L", 12), (b"PK\x06\x06", "<Q", 40)):
        place = tail.find(mark)
        while place >= 0 and place + at + struct.calcsize(form) <= len(tail):
            said.append(struct.unpack_from(form, tail, place + at)[0])
            place = tail.find(mark, place + 1)
    # As long as the file at most; what says 2**32 - 1 leaves it to the longer form.
    return max(min(each, size) for each in said if each != 0xFFFFFFFF)


@contextmanager
def open_archive(context: Context, path: Path) -> Iterator[Archive]:
    """An archive of the workspace. Raises SkillError where it is not there, or none."""
    name = shown(context.root, path)
    kind, _ = kind_of(name)
    try:
        with (
            open(open_beneath(context.root, path), "rb") as file,
            _open_zip(file) if kind == "zip" else _open_tar(file) as opened,
        ):
            yield Archive(opened)
    except FileNotFoundError:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SkillError(f"{name} cannot be read as an archive: {error}", "", "validation") from None
    except OSError as error:
        raise SkillError(f"{name} cannot be read: {error.strerror or error}", "", "dependency") from None
