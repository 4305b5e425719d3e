"""An MCP server over streamable HTTP that answers as a test wants it: sessions, refusals, floods, lost connections."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.web import Came, Says

Answer = Callable[[Came, dict[str, Any]], Awaitable[Says] | Says]


def result(message: dict[str, Any], value: Any, **headers: str) -> Says:
    body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": value}).encode()
    return Says(200, body, {"content-type": "application/json", **headers})


@dataclass
class HttpServer:
    """Answers what the protocol asks; `call` answers the calls of its one tool, `echo`. `token` is wanted, if any."""

    call: Answer
    token: str = ""
    session: str = "one"
    calls: int = 0
    seen: list[Came] = field(default_factory=list)

    async def behave(self, came: Came) -> Says:
        self.seen.append(came)
        if self.token and came.headers.get("authorization") != f"Bearer {self.token}":
            return Says(401)
        if came.method != "POST":
            return Says(405)
        message = json.loads(came.body)
        method = message.get("method")
        if method == "initialize":
            about = {"name": "web", "version": "1"}
            told = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}}
            return result(message, {**told, "serverInfo": about}, **{"mcp-session-id": self.session})
        if "id" not in message:
            return Says(202)
        if method != "server/discover" and came.headers.get("mcp-session-id") != self.session:
            return Says(404)
        if method == "tools/list":
            return result(message, {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]})
        if method == "tools/call":
            self.calls += 1
            said = self.call(came, message)
            return said if isinstance(said, Says) else await said
        error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}}
        return Says(200, json.dumps(error).encode(), {"content-type": "application/json"})
