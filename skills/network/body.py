"""A body as it comes: unpacked within bounds, counted, and kept up to a limit."""

from __future__ import annotations

import zlib

KEPT = 1024 * 1024
"""Bytes of a body that are kept."""

LIMIT = 50 * 1024 * 1024
"""Bytes of a body, unpacked, after which reading ends."""

_PIECE = 64 * 1024
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class TooLong(Exception):
    """The body is longer than anybody should read."""


class Intake:
    """Takes a body in, piece by piece. `size` is how long it is so far, unpacked; `kept` is its beginning.

    `encoding` is the response's Content-Encoding. One that is not known is not unpacked, and `readable` is false.
    """

    def __init__(self, encoding: str = "", *, keep: int = KEPT, limit: int = LIMIT) -> None:
        self._keep = keep
        self._limit = limit
        self._kept = bytearray()
        self._received = 0
        self.size = 0
        encoding = encoding.strip().lower()
        self.readable = encoding in _PACKED | {"", "identity"}
        # 15 bits of window, and 32 to tell gzip and zlib apart by their headers.
        self._unpack = zlib.decompressobj(15 + 32) if encoding in _PACKED else None

    @property
    def kept(self) -> bytes:
        return bytes(self._kept)

    def take(self, data: bytes) -> None:
        """Raises TooLong beyond the limit; a few bytes that unpack to gigabytes never take more memory than a piece."""
        self._received += len(data)
        if self._received > self._limit:
            raise TooLong
        if self._unpack is None:
            self._count(data)
            return
        try:
            while data and not self._unpack.eof:
                self._count(self._unpack.decompress(data, _PIECE))
                data = self._unpack.unconsumed_tail
        except zlib.error:
            self._unpack, self.readable = None, False

    def end(self) -> None:
        """Nothing comes any more."""
        if self._unpack is not None and self._received:
            self._count(self._unpack.flush())
            self.readable = self._unpack.eof

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise TooLong
        room = self._keep - len(self._kept)
        if room > 0:
            self._kept += data[:room]
