"""What a program writes, read as it comes and kept within bounds: its head, its tail, and how much there was."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
from collections.abc import Callable

CHUNK = 64 * 1024

_LEFT_OUT = re.compile(r"\n… \d+ bytes left out …\n")


def is_excerpt(text: str) -> bool:
    """Whether this is what `Capture.text` gave of more than it kept."""
    return _LEFT_OUT.search(text) is not None


class Capture:
    """Reads one pipe whenever the running loop finds it ready, and closes it at its end.

    Keeps the first `head` and the last `tail` bytes. Every chunk goes to `emit` as text at once. `more(count)` hears
    how many bytes came. UTF-8; what is not becomes U+FFFD.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        head: int,
        tail: int,
        emit: Callable[[str], None] | None = None,
        more: Callable[[int], None] | None = None,
    ) -> None:
        self.total = 0
        self._descriptor = descriptor
        self._head_size, self._tail_size = head, tail
        self._head, self._tail = bytearray(), bytearray()
        self._emit, self._more = emit, more
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    @property
    def truncated(self) -> bool:
        return self.total > self._head_size + self._tail_size

    def text(self) -> str:
        """What was kept, with a line that says how much was left out between head and tail."""
        if not self.truncated:
            return bytes(self._head + self._tail).decode("utf-8", "replace")
        # A character may have been cut in two at either side of the gap: its pieces go.
        tail = bytes(self._tail[-self._tail_size :]) if self._tail_size else b""
        while tail and 0x80 <= tail[0] < 0xC0:
            tail = tail[1:]
        head = codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._head))
        left_out = self.total - self._head_size - self._tail_size
        return f"{head}\n… {left_out} bytes left out …\n{tail.decode('utf-8', 'replace')}"

    def drain(self) -> None:
        """Take what is in the pipe already, and no more than a pipe can hold."""
        for _ in range(32):
            if self._descriptor < 0 or not self._read():
                break

    def close(self) -> None:
        """Stop reading. What is still in the pipe is lost."""
        if self._descriptor >= 0:
            self._end()

    def _read(self) -> bool:
        """Take one chunk. False where there is none for now."""
        try:
            chunk = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return False
        self._keep(chunk)
        if not chunk:
            self._end()
        if self._emit and (text := self._decoder.decode(chunk, final=not chunk)):
            self._emit(text)
        if self._more:
            self._more(len(chunk))
        return bool(chunk)

    def _keep(self, chunk: bytes) -> None:
        self.total += len(chunk)
        room = self._head_size - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._tail += chunk[max(room, 0) :]
        if len(self._tail) > 2 * self._tail_size + CHUNK:
            del self._tail[: len(self._tail) - self._tail_size]

    def _end(self) -> None:
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
