"""What went wrong with a server: how it is told, and what it means for the call that it happened in."""

from __future__ import annotations

import asyncio
from typing import Protocol

from mcp.client._transport import Transport
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
)

from skills.mcp.log import ServerLog
from workflows.errors import CallFailed, Failure, FailureClass, OutcomeUnknown
from workflows.text import one_line

CALL_SECONDS = 600.0
"""The longest call. A step's own `timeout`, and that of an agent's tools, is mostly shorter."""

FORGOTTEN = "Session terminated"
"""What the SDK says where a server over HTTP knows nothing of us any more."""

_OUR_TIMEOUT = "Request 'tools/call' timed out"
"""What the SDK says of a deadline of ours: a server may send an error of the same number."""

_LOST = ("Connection closed", "SSE stream ended", "SSE stream failed")
"""Beginnings of what the SDK says of a connection that was lost: servers use its number for errors of their own."""

_NO_ANSWER = ("Unexpected content type", "server answered a request with 202")
"""Beginnings of what the SDK says of answers over HTTP that are none, though the server took the request."""


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


class Faults:
    """Tells what went wrong with one server. `fault` is what its connection ended in, `ready` whether it ever began."""

    def __init__(self, name: str, wire: Wire, log: ServerLog) -> None:
        self.name, self.wire, self.log = name, wire, log
        self.fault: BaseException | None = None
        self.ready = False

    def refused(self, tool: str, error: MCPError) -> Exception:
        """What to raise where a call of a tool ended in an error: Lost, CallFailed or OutcomeUnknown."""
        if error.code == REQUEST_TIMEOUT and error.message == _OUR_TIMEOUT:
            return OutcomeUnknown(self.failure("timeout", f"did not answer {tool} within {CALL_SECONDS:g} s", ""))
        if self.keyless:
            return CallFailed(self.failure("authentication", f"refused {tool}", f"it {self.wire.why}"))
        if self._is_lost(error) and self.wire.unsent:
            return Lost(self.failure("transient", "is gone", self.how()), asked=False)
        if self._is_lost(error):
            return Lost(self.failure("unknown", f"was lost during {tool}", self.how()), asked=True)
        if error.code == INVALID_REQUEST and error.message == FORGOTTEN:
            return Lost(self.failure("transient", "has forgotten this session", ""), asked=False)
        if error.code == PARSE_ERROR or error.message.startswith(_NO_ANSWER):
            return OutcomeUnknown(self.failure("unknown", f"answered {tool} with what is no answer", error.message))
        return CallFailed(self.failure(self._kind_of(error), f"refused {tool}", self.words(error)))

    def _kind_of(self, error: MCPError) -> FailureClass:
        if status := self.wire.status:
            return "rate_limited" if status == 429 else "transient" if status >= 500 else "business"
        kinds: dict[int, FailureClass] = {INVALID_PARAMS: "validation", METHOD_NOT_FOUND: "dependency"}
        return kinds.get(error.code, "business")

    def _is_lost(self, error: MCPError) -> bool:
        closed = self.wire.over.done() or error.message.startswith(_LOST)
        return error.code == CONNECTION_CLOSED and closed

    @property
    def keyless(self) -> bool:
        """Whether the last that was heard is that a key is missing or wrong."""
        return self.wire.status in (401, 403)

    def how(self) -> str:
        """How the connection ended, in words."""
        wire = self.wire
        if isinstance(self.fault, RuntimeError | ValueError):  # what it said at its start is not as MCP says
            return self.words(self.fault)
        if wire.over.done() or wire.unsent or wire.status or self.fault is None or isinstance(self.fault, MCPError):
            said = self.log.last_words() if wire.over.done() else ""
            return f"it {wire.why}" + (f", and said: {one_line(said, 200)}" if said else "")
        return self.words(self.fault)

    def words(self, error: BaseException) -> str:
        """What the library, or the server, says of an error."""
        if isinstance(error, MCPError):
            ended = self.wire.status or self._is_lost(error)
            return f"it {self.wire.why}" if ended else error.message
        details = getattr(error, "errors", None)
        if isinstance(error, ValueError) and callable(details):  # what the SDK's models say of a message
            first = details(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            return f"what it sent is not as MCP says: {where}: {first['msg']}"
        return str(error) or type(error).__name__

    def failure(self, kind: FailureClass, what: str, why: str) -> Failure:
        """A failure in words, with the end of what the server wrote to stderr."""
        said, last = self.log.tail(), self.log.last_words()
        hint = f"`understudy mcp check {self.name}` starts it by itself"
        if said:
            told = not last or one_line(last, 200) in why
            hint = f"all that it said is in {self.log.path}" + ("" if told else f"; at last: {one_line(last, 200)}")
        if kind == "authentication":
            hint = f"check its headers: `understudy mcp show {self.name}`"
        elif kind == "timeout" and not self.ready:
            hint = "npx and uvx may still have been fetching it: try again, or start it once by hand"
        message = f"the MCP server '{self.name}' {what}" + (f": {one_line(why, 600)}" if why else "")
        clean = self.log.redactor
        return Failure(kind, clean.redact(message), hint, {"server": self.name, "stderr": said} if said else None)
