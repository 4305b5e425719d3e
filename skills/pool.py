"""Workers as this process sees them: started for one version of a file, lent for one call at a time, ended for good."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from skills.declare import Context
from skills.group import Process, start
from skills.manifest import Skill
from skills.output import Capture
from skills.perform import MAX_RESULT
from skills.process import LIMIT
from skills.wire import OurEnd
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
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[bytes] | None = None
        self._capture = Capture(output, head=0, tail=_TAIL, emit=self._print, more=self._count)

    @property
    def clean(self) -> bool:
        """Whether it is there and has sent nothing that nobody asked for."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False  # bytes, or the end

    async def open(self, context: Context) -> None:
        """Hand the code over and have it loaded. Raises CallFailed where that fails: no skill has run then."""
        skill = self._skill
        source = base64.b64encode(skill.source).decode()
        try:
            await self.call({"source": source, "path": str(skill.path), "digest": skill.digest}, context)
        except OutcomeUnknown as error:
            raise CallFailed(error.failure) from None

    async def call(self, request: dict[str, Json], context: Context) -> Json:
        """Make one request; what the code says and waits for meanwhile goes through `context`.

        Raises CallFailed for a failure it reports, OutcomeUnknown where it dies before that. OutcomeUnknown too where
        what comes back is not the one answer to this request: the code can write to our socket.
        """
        self._emit, self._budget = context.emit, LIMIT
        identity = secrets.token_hex(8)
        line = json.dumps({**request, "id": identity}).encode() + b"\n"
        end = OurEnd(self._socket, identity, context, self._count)
        self._reply = reply = asyncio.ensure_future(end.exchange(line, _LONGEST_LINE))
        try:
            await asyncio.wait((reply, self._process.exited), return_when=asyncio.FIRST_COMPLETED)
            if not reply.done():
                # It has ended. A reply may be on its way; a child that has the socket must not keep us waiting.
                await self._process.end()
                await asyncio.wait((reply,), timeout=1.0)
            answer = reply.result() if reply.done() and not reply.cancelled() else b""
            self._capture.drain()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._unread(error) from None
        finally:
            reply.cancel()
            self._emit = None
        answer, whole, more = answer.partition(b"\n")
        if not whole:
            self._process.kill()
            raise self._died("wrote more than 50 MB before it answered" if self.flooded else "")
        return self._read(answer, identity, alone=not more)

    def kill(self) -> None:
        """End the process and all its descendants, now."""
        self._process.kill()
        self._capture.drain()
        self._capture.close()
        if self._reply is not None:
            self._reply.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    def _read(self, line: bytes, identity: str, *, alone: bool) -> Json:
        try:
            reply = json.loads(line)
            asked = reply["id"] == identity
            failure = Failure(**reply["failure"]) if "failure" in reply else None
            result, definite = (None, reply["definite"]) if failure else (reply["result"], True)
        except (ValueError, TypeError, KeyError) as error:
            raise self._unread(error) from None
        if not asked or not alone or not (self.clean or self._process.exited.done()):
            self._process.kill()
            hint = "the skill writes to a descriptor that is not its own"
            raise self._died("sent what was not the answer", hint)
        if failure is not None:
            raise CallFailed(failure) if definite else OutcomeUnknown(failure)
        return result

    def _unread(self, error: Exception) -> OutcomeUnknown:
        self._process.kill()
        return self._died(f"sent what cannot be read ({error})")

    def _died(self, why: str, hint: str = "") -> OutcomeUnknown:
        kind: FailureClass = "resource" if self.flooded else "unknown"
        code = self._process.exit
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        name = self._skill.path.name if self._skill.path else self._skill.name
        message = f"the worker of {name} {why or f'{how} before it answered'}"
        return OutcomeUnknown(Failure(kind, message, hint, {"exit": code, "output": self._capture.text()}))

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

    async def take(self, skill: Skill, context: Context, *, fresh: bool = False) -> Worker:
        """An idle worker of this version, or a new one, ready for a call. Give it back, or end it with `drop`.

        With `fresh` it is a new one that nothing has run in.
        """
        if self._closed:
            raise fail("resource", "skills can no longer be called: understudy is shutting down")
        idle = [] if fresh else self._idle.get(skill.digest, [])
        while idle:
            worker = idle.pop()
            if worker.clean:
                self._busy.add(worker)
                return worker
            worker.kill()  # it has ended, or says what nobody asked
        worker = Worker(skill, context.root, self._environ)
        self._busy.add(worker)
        try:
            await worker.open(context)
        except BaseException:
            self.drop(worker)
            raise
        return worker

    def give_back(self, worker: Worker, *, keep: bool = True) -> None:
        """Keep a worker for the next call, unless its version is old or enough of them wait already."""
        idle = self._idle.setdefault(worker.digest, [])
        if (
            not keep
            or self._closed
            or worker not in self._busy
            or len(idle) >= _IDLE
            or not self._is_current(worker.digest)
        ):
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
