"""What a worker and the process it works for say to each other: a JSON line each, on a socket of their own.

A request has an id, and so has its one reply. While a call runs, the worker may log (`{"log": text, "id": …}`) and ask
for what only we can do: `{"ask": number, "for": "sleep", "given": seconds, "id": …}` waits, with the run's journal, and
`"for": "launch"` starts a service. It hears `{"answer": number}` with a `result` or a `failure`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue

from skills.declare import Context, Service
from skills.waiting import seconds_of
from workflows.errors import CallFailed, Failure, UnderstudyError, fail
from workflows.values import Json

_MEANWHILE = (b'{"log":', b'{"ask":')
"""How the lines begin that are no reply."""


class WorkerEnd:
    """The worker's end. Requests come out of it one by one; a thread reads, so that many may wait at once."""

    def __init__(self, channel: socket.socket) -> None:
        self._lines = channel.makefile("rwb")
        self._requests: SimpleQueue[Json] = SimpleQueue()
        self._asked: dict[int, Future[Json]] = {}
        self._count = 0
        self._writing = threading.Lock()
        self._current: str | None = None
        threading.Thread(target=self._receive, daemon=True).start()

    def __iter__(self) -> Iterator[Json]:
        while (request := self._requests.get()) is not None:
            self._current = request["id"]
            yield request

    def reply(self, identity: str, reply: dict[str, Json]) -> None:
        """Answer the request. What its code says afterwards, in a thread it left behind, is not sent."""
        with self._writing:
            self._current = None
            self._send({**reply, "id": identity})

    def log(self, identity: str, text: str) -> None:
        with self._writing:
            if self._current == identity:
                self._send({"log": text, "id": identity})

    def sleep(self, identity: str, seconds: float) -> Future[Json]:
        """Ask to be woken."""
        return self._ask(identity, "sleep", seconds)

    def launch(self, identity: str, service: Service) -> int:
        """Have a service started, and return its process id."""
        given = {**vars(service), "cwd": str(service.cwd), "output": str(service.cwd / service.output)}
        pid: int = self._ask(identity, "launch", {**given, "environ": dict(service.environ)}).result()
        return pid

    def _ask(self, identity: str, what: str, given: Json) -> Future[Json]:
        future: Future[Json] = Future()
        with self._writing:
            if self._current != identity:
                raise fail("validation", "the call is over, so nothing is done in it", "end threads before you return")
            self._count += 1
            self._asked[self._count] = future
            self._send({"ask": self._count, "for": what, "given": given, "id": identity})
        return future

    def _send(self, message: dict[str, Json]) -> None:
        self._lines.write(json.dumps(message, allow_nan=False).encode() + b"\n")
        self._lines.flush()

    def _receive(self) -> None:
        try:
            for line in self._lines:
                message = json.loads(line)
                if "answer" in message:
                    self._settle(self._asked.pop(message["answer"]), message)
                else:
                    self._requests.put(message)
        finally:
            self._requests.put(None)

    def _settle(self, asked: Future[Json], answer: Json) -> None:
        if asked.set_running_or_notify_cancel():
            if "failure" in answer:
                asked.set_exception(CallFailed(Failure(**answer["failure"])))
            else:
                asked.set_result(answer["result"])


class OurEnd:
    """Our end of one call: what the worker says meanwhile is done until there is a reply."""

    def __init__(self, channel: socket.socket, identity: str, context: Context, count: Callable[[int], None]) -> None:
        """`count` is told the length of what is logged."""
        self._socket, self._identity, self._context, self._count = channel, identity, context, count
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()

    async def exchange(self, line: bytes, longest: int) -> bytes:
        """Send a request, and receive its reply with whatever came behind it; less than a line at the end of it all.

        Raises ValueError for what no honest worker says, such as a line of more than `longest` bytes.
        """
        loop = asyncio.get_running_loop()
        received = bytearray()
        try:
            await self._send(line)
            while chunk := await loop.sock_recv(self._socket, 262_144):
                received += chunk
                while b"\n" in chunk and received.startswith(_MEANWHILE):
                    said, end, rest = received.partition(b"\n")
                    if not end:
                        break
                    self._hear(json.loads(said), len(said))
                    received = rest
                if b"\n" in received:
                    break
                if len(received) > longest:
                    raise ValueError("a line without an end")
            return bytes(received)
        finally:
            for task in self._tasks:
                task.cancel()

    def _hear(self, message: Json, size: int) -> None:
        if message["id"] != self._identity:
            raise ValueError("a word of another call")
        if "log" in message:
            self._count(size)
            self._context.log(str(message["log"]))
            return
        task = asyncio.create_task(self._answer(message["ask"], message["for"], message["given"]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: Json, what: str, given: Json) -> None:
        answer: dict[str, Json] = {"answer": number}
        try:
            answer["result"] = await self._do(what, given)
        except UnderstudyError as error:
            failure = error.failure if isinstance(error, CallFailed) else Failure("unknown", error.message, error.hint)
            answer["failure"] = asdict(failure)
        try:
            await self._send(json.dumps(answer).encode() + b"\n")
        except OSError:
            pass  # it has ended, and whoever receives learns of it

    async def _do(self, what: str, given: Json) -> Json:
        if what == "sleep":
            return await self._context.sleep(seconds_of(given))
        try:
            paths = {name: Path(given[name]) for name in ("cwd", "output")}
            service = Service(**{**given, **paths, "argv": tuple(given["argv"])})
        except (TypeError, KeyError):
            raise fail("validation", "that is no service") from None
        from skills.services import start_aside  # here: a worker has no use for it

        return await start_aside(self._context.launch, service)

    async def _send(self, line: bytes) -> None:
        async with self._sending:
            await asyncio.get_running_loop().sock_sendall(self._socket, line)
