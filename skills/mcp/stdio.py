"""A server that is a program: started below our keeper, spoken to in lines of JSON over its stdin and stdout.

The SDK's own transport reads lines of any length, lets stderr through to the terminal, and ends a process group where
we end all that the program left behind. So this one is ours, and gives the SDK the streams that it asks for.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import anyio
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

from skills.group import GRACE, Process, start
from skills.mcp.log import ServerLog
from skills.output import Capture
from skills.process import LIMIT
from workflows.text import one_line

LONGEST = 16 * 1024 * 1024
"""Bytes of one message."""

MOST_NOISE = 1000
"""Lines on stdout that are no messages, after which it is no server."""

_SECONDS_TO_LEAVE = 1.0
"""How long it may take to end by itself once its stdin is closed."""


class Stdio:
    """A started server's streams, as the SDK wants them, for as long as the block lasts. Nothing of it is left after.

    `over` is done when no more can come from it, and `why` says what was the matter then.
    """

    def __init__(self, argv: Sequence[str], cwd: Path, environ: Mapping[str, str], log: ServerLog) -> None:
        self._argv, self._cwd, self._environ, self._log = argv, cwd, environ, log
        self._room = LIMIT
        self._why = ""
        self._noise = 0
        self.status, self.unsent = 0, False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def why(self) -> str:
        if self._why:
            return self._why
        if not self._process.exited.done():
            return "closed its stdout"
        code = self._process.exit
        if self._process.not_run:
            return f"cannot be run: {self._process.not_run}"
        return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def renew(self) -> None:
        """A call begins: what may be said until the next one is counted from here."""
        self._room = LIMIT

    async def __aenter__(self) -> TransportStreams:
        with ExitStack() as theirs, ExitStack() as ours:
            pipes = [os.pipe() for _ in range(3)]
            (stdin, to_it), (from_it, stdout), (said, stderr) = pipes
            for end in (stdin, stdout, stderr):
                theirs.callback(os.close, end)
            for end in (to_it, from_it, said):
                ours.callback(os.close, end)
            self._process: Process = start(
                self._argv, cwd=self._cwd, environ=self._environ, stdin=stdin, stdout=stdout, stderr=stderr
            )
            ours.pop_all()
        self._capture = Capture(said, head=0, tail=0, emit=self._log.write)
        # From here on `__aexit__` would put things away, but it is not called where this fails.
        try:
            loop = asyncio.get_running_loop()
            self._reader = asyncio.StreamReader(limit=LONGEST)
            protocol = asyncio.StreamReaderProtocol(self._reader)
            self._incoming, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(from_it, "rb", 0))
            transport, writing = await loop.connect_write_pipe(
                lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(to_it, "wb", 0)
            )
            self._writer = asyncio.StreamWriter(transport, writing, None, loop)
        except BaseException:
            self._process.kill()
            self._capture.close()
            raise
        self._to_us, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        sent, self._to_it = anyio.create_memory_object_stream[SessionMessage](0)
        self._streams = (received, sent)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        return received, sent

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._writer.close()
            if not self._why:
                await asyncio.wait((self._process.exited,), timeout=_SECONDS_TO_LEAVE)
            await self._process.end(GRACE)
        finally:
            self._process.kill()
            for task in self._tasks:
                task.cancel()
            self._incoming.close()
            self._capture.drain()
            self._capture.close()
            for stream in (*self._streams, self._to_us, self._to_it):
                stream.close()
            self._end()

    async def _read(self) -> None:
        """Pass on its messages until there are no more. Whatever else it writes is noted in its log."""
        try:
            while True:
                line = await self._reader.readuntil(b"\n")
                self._room -= len(line)
                if self._room < 0:
                    return self._give_up(f"wrote more than {LIMIT / 1024**2:g} MB (output limit)")
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError:  # not JSON, or no message
                    self._note_noise(line)
                    if self._noise > MOST_NOISE:
                        return self._give_up(f"wrote {MOST_NOISE} lines to stdout that are no messages")
                    if (asked := _answered(line)) is None:
                        continue
                    wrong = ErrorData(code=PARSE_ERROR, message="what it sent is not as MCP says")
                    message = JSONRPCError(jsonrpc="2.0", id=asked, error=wrong)
                await self._to_us.send(SessionMessage(message))
        except asyncio.LimitOverrunError:
            self._give_up(f"wrote a message of more than {LONGEST / 1024**2:g} MB (output limit)")
        except (asyncio.IncompleteReadError, OSError):
            await asyncio.wait((self._process.exited,), timeout=_SECONDS_TO_LEAVE)  # to say how it ended
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass  # nobody listens any more
        finally:
            self._end()

    async def _write(self) -> None:
        try:
            async for sent in self._to_it:
                text = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
                self._writer.write(text.encode("utf-8", "surrogatepass") + b"\n")
                await self._writer.drain()
        except OSError:
            await asyncio.wait((self._process.exited,), timeout=_SECONDS_TO_LEAVE)
            self._end()
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass

    def _note_noise(self, line: bytes) -> None:
        if line.strip():
            self._noise += 1
            self._log.note(f"stdout, no message: {one_line(line[:400].decode('utf-8', 'replace'), 200)}")

    def _give_up(self, why: str) -> None:
        self._why = why
        self._log.note(why)
        self._process.kill()

    def _end(self) -> None:
        """No more can come: whoever waits for an answer hears of it."""
        self._to_us.close()
        if not self.over.done():
            self.over.set_result(None)


def _answered(line: bytes) -> str | int | None:
    """The id of the request that a line answers which is no message: nobody is to wait for a better answer."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    asked = said.get("id") if isinstance(said, dict) and "method" not in said else None
    return asked if isinstance(asked, str | int) and not isinstance(asked, bool) else None
