"""One connection to a server: its start, its tools, its calls, its end.

This is where the SDK is used, which takes half a second to import: import this module only when a server is to start,
and in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from mcp import Client
from mcp.client._transport import Transport
from mcp.client.session import IncomingMessage
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
    CallToolResult,
    EmptyResult,
    Implementation,
    LoggingMessageNotificationParams,
    PingRequest,
    ToolListChangedNotification,
)

from skills.mcp.log import ServerLog
from workflows.errors import CallFailed, Failure, FailureClass, OutcomeUnknown
from workflows.text import one_line
from workflows.values import Json

START_SECONDS = 60.0
"""From its start to its first answer: `npx` and `uvx` may have to fetch it first."""

CALL_SECONDS = 600.0
"""The longest call. A step's own `timeout`, and that of an agent's tools, is mostly shorter."""

PING_SECONDS = 3.0
MOST_PAGES = 50
MOST_PROGRESS = 200
"""Lines of the step's log that one call can make."""

CLOSE_SECONDS = 5.0

_OUR_TIMEOUT = "Request 'tools/call' timed out"
"""What the SDK says of a deadline of ours: a server may send an error of the same number."""

_LOST = ("Connection closed", "SSE stream ended", "SSE stream failed")
"""Beginnings of what the SDK says of a connection that was lost: servers use its number for errors of their own."""

_NO_ANSWER = ("Unexpected content type", "server answered a request with 202")
"""Beginnings of what the SDK says of answers over HTTP that are none, though the server took the request."""

TOOL_FIELDS = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
"""What of a tool is looked at, shown and accepted."""


class Wire(Transport, Protocol):
    """A transport that can say what became of it.

    `over` is done when no more can come, `why` says what was the matter. `status` is that of the last HTTP answer
    that was a refusal, `unsent` that the last request did not reach the server.
    """

    over: asyncio.Future[None]
    status: int
    unsent: bool

    @property
    def why(self) -> str: ...

    def renew(self) -> None: ...


class Lost(Exception):
    """The connection ended while something was asked. `asked` is false where the server cannot have heard of it."""

    def __init__(self, failure: Failure, *, asked: bool) -> None:
        super().__init__(failure.message)
        self.failure, self.asked = failure, asked


class Server:
    """A connection. `open` it before anything else, and `close` it in the end.

    `changed` is set when the server says that its tools have changed. `verified` is for whoever has looked at its
    tools: the digest of what was found. `busy` is how many calls are under way.
    """

    def __init__(self, name: str, wire: Wire, log: ServerLog) -> None:
        self.name, self.log = name, log
        self.changed = False
        self.verified = ""
        self.busy = 0
        self._wire = wire
        self._client: Client | None = None
        self._stop = asyncio.Event()
        self._fault: BaseException | None = None
        self._doubtful = False
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether it may still answer."""
        return self._task is not None and not self._task.done() and not self._wire.over.done()

    async def open(self, seconds: float = START_SECONDS) -> None:
        """Start it and agree on a protocol. Raises CallFailed: `dependency`, `timeout` or `authentication`."""
        self._task = asyncio.create_task(self._live(), name=f"mcp {self.name}")
        try:
            await asyncio.wait((self._task, self._ready), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            await self.close()
            raise
        if self._ready.done():
            return
        in_time = self._task.done()
        await self.close()
        if in_time:
            if isinstance(self._fault, CallFailed):
                raise self._fault
            kind: FailureClass = "authentication" if self._keyless else "dependency"
            raise CallFailed(self._failure(kind, "did not start", self._how()))
        message = f"did not answer within {seconds:g} s of its start"
        raise CallFailed(self._failure("timeout", message, ""))

    async def close(self) -> None:
        """End the connection, and the server where it is a program of ours."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=CLOSE_SECONDS)
            if not self._task.done():
                self._task.cancel()
                await asyncio.wait((self._task,), timeout=CLOSE_SECONDS)
        self.log.close()

    @property
    def about(self) -> dict[str, Json]:
        """What it says it is."""
        info = self._client.server_info if self._client else None
        return {"name": info.name, "version": info.version} if info else {}

    async def tools(self, seconds: float = START_SECONDS) -> list[dict[str, Json]]:
        """All its tools, as it describes them. Raises CallFailed where it does not say."""
        assert self._client is not None
        self.changed = False
        found: list[dict[str, Json]] = []
        cursor: str | None = None
        try:
            async with asyncio.timeout(seconds):
                for _ in range(MOST_PAGES):
                    page = await self._client.list_tools(cursor=cursor)
                    told = (tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools)
                    found += ({key: tool[key] for key in TOOL_FIELDS if key in tool} for tool in told)
                    cursor = page.next_cursor
                    if not cursor:
                        return found
        except TimeoutError:
            raise CallFailed(self._failure("timeout", "did not list its tools", "it took too long")) from None
        except Exception as error:  # whatever the library makes of what a server says
            raise CallFailed(self._failure("dependency", "did not list its tools", self._words(error))) from None
        raise CallFailed(self._failure("dependency", "did not list its tools", f"more than {MOST_PAGES} pages"))

    async def is_well(self) -> bool:
        """Whether it answers. Asked only where a call of it was given up: it may hang."""
        if not self._doubtful or not self.alive:
            return self.alive
        assert self._client is not None
        try:
            session = self._client.session
            await session.send_request(PingRequest(), EmptyResult, request_read_timeout_seconds=PING_SECONDS)
        except MCPError as error:
            if error.code in (REQUEST_TIMEOUT, CONNECTION_CLOSED):
                return False
        except Exception:  # an answer that nobody can read is no sign of health
            return False
        self._doubtful = False
        return True

    async def call(self, tool: str, arguments: dict[str, Any], heard: Callable[[str], None]) -> CallToolResult:
        """Call a tool, at most CALL_SECONDS. Raises Lost, CallFailed for what it refuses, else OutcomeUnknown."""
        if not self.alive or self._client is None:
            raise Lost(self._failure("transient", "is gone", self._how()), asked=False)
        self._wire.renew()
        told = 0

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            nonlocal told
            told += 1
            if told > MOST_PROGRESS:
                return
            of = f"{progress:g}/{total:g}" if total else f"{progress:g}"
            heard(one_line(f"{self.name}: {of} {message or ''}".strip(), 200))

        self.busy += 1
        try:
            return await self._client.call_tool(tool, arguments, CALL_SECONDS, tell)
        except asyncio.CancelledError:
            self._doubtful = True
            raise
        except MCPError as error:
            raise self._refused(tool, error) from None
        except Exception as error:  # whatever the library makes of what a server says
            said = self._words(error)
            raise OutcomeUnknown(self._failure("unknown", f"answered {tool} with what is no answer", said)) from None
        finally:
            self.busy -= 1

    def _refused(self, tool: str, error: MCPError) -> Exception:
        if error.code == REQUEST_TIMEOUT and error.message == _OUR_TIMEOUT:
            self._doubtful = True
            return OutcomeUnknown(self._failure("timeout", f"did not answer {tool} within {CALL_SECONDS:g} s", ""))
        if self._keyless:
            return CallFailed(self._failure("authentication", f"refused {tool}", f"it {self._wire.why}"))
        if self._is_lost(error) and self._wire.unsent:
            return Lost(self._failure("transient", "is gone", self._how()), asked=False)
        if self._is_lost(error):
            return Lost(self._failure("unknown", f"was lost during {tool}", self._how()), asked=True)
        if error.code == INVALID_REQUEST and error.message == "Session terminated":
            self._stop.set()  # a server over HTTP that was started anew knows nothing of us
            return Lost(self._failure("transient", "has forgotten this session", ""), asked=False)
        if error.code == PARSE_ERROR or error.message.startswith(_NO_ANSWER):
            return OutcomeUnknown(self._failure("unknown", f"answered {tool} with what is no answer", error.message))
        return CallFailed(self._failure(self._kind_of(error), f"refused {tool}", self._words(error)))

    def _kind_of(self, error: MCPError) -> FailureClass:
        if status := self._wire.status:
            return "rate_limited" if status == 429 else "transient" if status >= 500 else "business"
        kinds: dict[int, FailureClass] = {INVALID_PARAMS: "validation", METHOD_NOT_FOUND: "dependency"}
        return kinds.get(error.code, "business")

    def _is_lost(self, error: MCPError) -> bool:
        closed = self._wire.over.done() or error.message.startswith(_LOST)
        return error.code == CONNECTION_CLOSED and closed

    @property
    def _keyless(self) -> bool:
        """Whether the last that was heard is that a key is missing or wrong."""
        return self._wire.status in (401, 403)

    async def _live(self) -> None:
        """The connection, from its start to its end: the SDK wants both in one task."""
        try:
            async with Client(
                self._wire,
                client_info=Implementation(name="understudy", version="1"),
                logging_callback=self._log_line,
                message_handler=self._hear,
                cache=None,
            ) as client:
                self._client = client
                if not self._ready.done():
                    self._ready.set_result(None)
                stop = asyncio.create_task(self._stop.wait())
                try:
                    await asyncio.wait((stop, self._wire.over), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    stop.cancel()
        except Exception as error:  # whatever the library or the server does, it ends this connection only
            self._fault = _cause(error)
            self.log.note(f"the connection ended: {self._words(self._fault)}")

    async def _log_line(self, params: LoggingMessageNotificationParams) -> None:
        self.log.note(f"{params.level}: {one_line(str(params.data)[:2000], 400)}")

    async def _hear(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.changed = True

    def _how(self) -> str:
        """How the connection ended, in words."""
        wire = self._wire
        if isinstance(self._fault, RuntimeError | ValueError):  # what it said at its start is not as MCP says
            return self._words(self._fault)
        if wire.over.done() or wire.unsent or wire.status or self._fault is None or isinstance(self._fault, MCPError):
            said = self.log.last_words() if wire.over.done() else ""
            return f"it {wire.why}" + (f", and said: {one_line(said, 200)}" if said else "")
        return self._words(self._fault)

    def _words(self, error: BaseException) -> str:
        if isinstance(error, MCPError):
            ended = self._wire.status or self._is_lost(error)
            return f"it {self._wire.why}" if ended else error.message
        details = getattr(error, "errors", None)
        if isinstance(error, ValueError) and callable(details):  # what the SDK's models say of a message
            first = details(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            return f"what it sent is not as MCP says: {where}: {first['msg']}"
        return str(error) or type(error).__name__

    def _failure(self, kind: FailureClass, what: str, why: str) -> Failure:
        said, last = self.log.tail(), self.log.last_words()
        hint = f"`understudy mcp check {self.name}` starts it by itself"
        if said:
            told = not last or one_line(last, 200) in why
            hint = f"all that it said is in {self.log.path}" + ("" if told else f"; at last: {one_line(last, 200)}")
        if kind == "authentication":
            hint = f"check its headers: `understudy mcp show {self.name}`"
        elif kind == "timeout" and not self._ready.done():
            hint = "npx and uvx may still have been fetching it: try again, or start it once by hand"
        message = f"the MCP server '{self.name}' {what}" + (f": {one_line(why, 600)}" if why else "")
        clean = self.log.redactor
        return Failure(kind, clean.redact(message), hint, {"server": self.name, "stderr": said} if said else None)


def _cause(error: BaseException) -> BaseException:
    """What is behind a group of errors: the first that is one by itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
