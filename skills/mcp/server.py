"""One connection to a server: its start, its tools, its calls, its end.

This is where the SDK is used, which takes half a second to import: import this module only when a server is to start,
and in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mcp import Client
from mcp.client.session import IncomingMessage
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    REQUEST_TIMEOUT,
    CallToolResult,
    EmptyResult,
    Implementation,
    LoggingMessageNotificationParams,
    PingRequest,
    ToolListChangedNotification,
)

from skills.mcp.faults import CALL_SECONDS, FORGOTTEN, Faults, Lost, Wire
from skills.mcp.log import ServerLog
from workflows.errors import CallFailed, FailureClass, OutcomeUnknown
from workflows.text import one_line
from workflows.values import Json

START_SECONDS = 60.0
"""From its start to its first answer: `npx` and `uvx` may have to fetch it first."""

PING_SECONDS = 3.0
MOST_PAGES = 50
MOST_PROGRESS = 200
"""Lines of the step's log that one call can make."""

CLOSE_SECONDS = 5.0

TOOL_FIELDS = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
"""What of a tool is looked at, shown and accepted."""


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
        self._faults = Faults(name, wire, log)
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
            if isinstance(self._faults.fault, CallFailed):
                raise self._faults.fault
            kind: FailureClass = "authentication" if self._faults.keyless else "dependency"
            raise CallFailed(self._faults.failure(kind, "did not start", self._faults.how()))
        message = f"did not answer within {seconds:g} s of its start"
        raise CallFailed(self._faults.failure("timeout", message, ""))

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
            raise CallFailed(self._faults.failure("timeout", "did not list its tools", "it took too long")) from None
        except Exception as error:  # whatever the library makes of what a server says
            raise CallFailed(
                self._faults.failure("dependency", "did not list its tools", self._faults.words(error))
            ) from None
        raise CallFailed(self._faults.failure("dependency", "did not list its tools", f"more than {MOST_PAGES} pages"))

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
            raise Lost(self._faults.failure("transient", "is gone", self._faults.how()), asked=False)
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
            raised = self._faults.refused(tool, error)
            if isinstance(raised, OutcomeUnknown) and raised.failure.kind == "timeout":
                self._doubtful = True
            if error.message == FORGOTTEN:
                self._stop.set()  # a server over HTTP that was started anew knows nothing of us
            raise raised from None
        except Exception as error:  # whatever the library makes of what a server says
            said = self._faults.words(error)
            raise OutcomeUnknown(
                self._faults.failure("unknown", f"answered {tool} with what is no answer", said)
            ) from None
        finally:
            self.busy -= 1

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
                    self._faults.ready = True
                stop = asyncio.create_task(self._stop.wait())
                try:
                    await asyncio.wait((stop, self._wire.over), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    stop.cancel()
        except Exception as error:  # whatever the library or the server does, it ends this connection only
            self._faults.fault = _cause(error)
            self.log.note(f"the connection ended: {self._faults.words(self._faults.fault)}")

    async def _log_line(self, params: LoggingMessageNotificationParams) -> None:
        self.log.note(f"{params.level}: {one_line(str(params.data)[:2000], 400)}")

    async def _hear(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.changed = True


def _cause(error: BaseException) -> BaseException:
    """What is behind a group of errors: the first that is one by itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
