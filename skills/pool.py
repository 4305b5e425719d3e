"""Workers as this process sees them: started for one version of a file, lent for one call at a time, ended for good."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from skills.group import Process, start
from skills.manifest import Skill
from skills.output import Capture
from skills.perform import MAX_RESULT
from skills.process import LIMIT
from workflows.errors import CallFailed, Failure, FailureClass, OutcomeUnknown, fail
from workflows.values import Json

_LONGEST_LINE = 4 * MAX_RESULT
"""Bytes of one reply: a result in JSON's escapes. More is not an honest worker."""

_IDLE = 2
"""Workers of one version that are kept for the next call."""

_TAIL = 4000


class Worker:
    """One worker process. Not for two calls at once."""

    def __init__(self, skill: Skill, root: Path, environ: Mapping[str, str]) -> None:
        """Start the process; `open` has to follow. Raises CallFailed where it cannot be started."""
        self.digest = skill.digest
        self._skill = skill
        self._emit: Callable[[str], None] | None = None
        self._budget = LIMIT
        self.flooded = False
        ours, theirs = socket.socketpair()
        output, writer = os.pipe()
        with ExitStack() as failed, theirs:
            failed.callback(ours.close)
            failed.callback(os.close, output)
            argv = [sys.executable, "-P", "-X", "utf8", "-m", "skills.worker", str(theirs.fileno())]
            try:
                self._process: Process = start(
                    argv, cwd=root, environ=environ, stdout=writer, stderr=writer, pass_fds=(theirs.fileno(),)
                )
            finally:
                os.close(writer)
            failed.pop_all()
        self._socket = ours
        self._capture = Capture(output, head=0, tail=_TAIL, emit=self._print, more=self._count)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, emit: Callable[[str], None]) -> None:
        """Hand the code over and have it loaded. Raises CallFailed where that fails: no skill has run then."""
        self._reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=_LONGEST_LINE)
        skill = self._skill
        source = base64.b64encode(skill.source).decode()
        try:
            await self.call({"source": source, "path": str(skill.path), "digest": skill.digest}, emit)
        except OutcomeUnknown as error:
            raise CallFailed(error.failure) from None

    async def call(self, request: Json, emit: Callable[[str], None]) -> Json:
        """Make one request. Raises CallFailed for a failure it reports, OutcomeUnknown where it dies before that."""
        self._emit, self._budget = emit, LIMIT
        reply = asyncio.ensure_future(self._exchange(json.dumps(request).encode() + b"\n"))
        try:
            await asyncio.wait((reply, self._process.exited), return_when=asyncio.FIRST_COMPLETED)
            if not reply.done():
                # It has ended. A reply may be on its way; a child that has the socket must not keep us waiting.
                await self._process.end()
                await asyncio.wait((reply,), timeout=1.0)
            line = reply.result() if reply.done() else b""
            self._capture.drain()
        except (OSError, ValueError) as error:
            self._process.kill()
            raise self._died(f"sent what cannot be read ({error})") from None
        finally:
            reply.cancel()
            self._emit = None
        if not line.endswith(b"\n"):
            self._process.kill()
            raise self._died("wrote more than 50 MB" if self.flooded else "")
        return self._read(line)

    def kill(self) -> None:
        """End the process and all its descendants, now."""
        self._process.kill()
        self._capture.drain()
        self._capture.close()
        if self._writer is not None:
            self._writer.close()
        else:
            self._socket.close()

    async def _exchange(self, line: bytes) -> bytes:
        assert self._reader is not None, "open() comes first"
        assert self._writer is not None
        self._writer.write(line)
        await self._writer.drain()
        return await self._reader.readline()

    def _read(self, line: bytes) -> Json:
        try:
            reply = json.loads(line)
            if "failure" not in reply:
                return reply["result"]
            failure, definite = Failure(**reply["failure"]), reply["definite"]
        except (ValueError, TypeError, KeyError) as error:
            raise self._died(f"sent what cannot be read ({error})") from None
        raise CallFailed(failure) if definite else OutcomeUnknown(failure)

    def _died(self, why: str) -> OutcomeUnknown:
        kind: FailureClass = "resource" if self.flooded else "unknown"
        code = self._process.exit
        how = why or (f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}")
        name = self._skill.path.name if self._skill.path else self._skill.name
        message = f"the worker of {name} {how} before it answered"
        return OutcomeUnknown(Failure(kind, message, "", {"exit": code, "output": self._capture.text()}))

    def _print(self, text: str) -> None:
        if self._emit is not None:
            self._emit(text)

    def _count(self, count: int) -> None:
        self._budget -= count
        if self._budget < 0 and not self.flooded:
            self.flooded = True
            self._process.kill()


class Pool:
    """Workers by the digest of their file. `is_current` says whether a version may still be called later."""

    def __init__(self, environ: Mapping[str, str], is_current: Callable[[str], bool]) -> None:
        self._environ = environ
        self._is_current = is_current
        self._idle: dict[str, list[Worker]] = {}
        self._busy: set[Worker] = set()
        self._closed = False

    async def take(self, skill: Skill, root: Path, emit: Callable[[str], None]) -> Worker:
        """An idle worker of this version, or a new one, ready for a call. Give it back, or end it with `drop`."""
        if self._closed:
            raise fail("resource", "skills can no longer be called: understudy is shutting down")
        if idle := self._idle.get(skill.digest):
            worker = idle.pop()
            self._busy.add(worker)
            return worker
        worker = Worker(skill, root, self._environ)
        self._busy.add(worker)
        try:
            await worker.open(emit)
        except BaseException:
            self.drop(worker)
            raise
        return worker

    def give_back(self, worker: Worker) -> None:
        """Keep a worker for the next call, unless its version is old or enough of them wait already."""
        idle = self._idle.setdefault(worker.digest, [])
        if self._closed or worker not in self._busy or len(idle) >= _IDLE or not self._is_current(worker.digest):
            self.drop(worker)
            return
        self._busy.discard(worker)
        idle.append(worker)

    def drop(self, worker: Worker) -> None:
        """End a worker."""
        self._busy.discard(worker)
        worker.kill()

    def retire(self, digest: str) -> None:
        """End the idle workers of a version that is no longer current. Busy ones end after their call."""
        for worker in self._idle.pop(digest, ()):
            worker.kill()

    def close(self) -> None:
        """End all workers. Calls that are under way end with an unknown outcome."""
        self._closed = True
        for digest in tuple(self._idle):
            self.retire(digest)
        for worker in tuple(self._busy):
            self.drop(worker)
