"""The servers that run: started when first needed, one of each, checked against what was accepted, ended with us.

The SDK is imported here when the first server is to start, in a thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skills.group import find
from skills.mcp import variables
from skills.mcp.config import ServerConfig
from skills.mcp.log import ServerLog
from skills.mcp.pins import Offer, Pins
from skills.outside import INSTEAD, OUTSIDE
from skills.process import environment
from workflows.effects import Effect
from workflows.errors import CallFailed, Failure, OutcomeUnknown, fail
from workflows.records import dataclass
from workflows.secrets import Redactor, Secret
from workflows.values import Json

if TYPE_CHECKING:
    from skills.mcp.server import Server

_SHORTEST_SECRET = 6
"""Characters of a variable's value from which on it is kept out of logs and answers."""

_SCRIPTS = frozenset(
    {".py", ".pyz", ".js", ".mjs", ".cjs", ".ts", ".mts", ".sh", ".bash", ".rb", ".pl", ".php", ".lua", ".jar"}
)


@dataclass(frozen=True)
class Places:
    """Where what servers leave behind is kept: their logs, and the files that their tools give."""

    logs: Path
    files: Path


class Connections:
    """Calls tools of servers. `environ` is what variables are read from; what servers get of it is little.

    Where programs have to be `confined`, no server that is one is started.

    The values that are read are told to the `redactor`, which keeps them out of answers, logs and records.
    """

    def __init__(
        self, pins: Pins, environ: Mapping[str, str], places: Places, redactor: Redactor, *, confined: bool = False
    ) -> None:
        self._confined = confined
        self._pins, self._environ, self._places, self._redactor = pins, environ, places, redactor
        self._servers: dict[str, Server] = {}
        self._leaving: set[Server] = set()
        """Those that get no more calls, and still answer one."""
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = False

    async def look(self, config: ServerConfig) -> tuple[Offer, str]:
        """Start a server and ask what it has, whatever was accepted of it; end it. Raises CallFailed.

        Returns its tools and the digest of its program.
        """
        program = await asyncio.to_thread(self._program, config)
        server = await self._start(config)
        try:
            return await self._offer(server), program
        finally:
            await server.close()

    async def call(
        self,
        config: ServerConfig,
        tool: str,
        effect: Effect,
        arguments: dict[str, Any],
        log: Callable[[str], None],
    ) -> Json:
        """Call a tool: {text, data, files, left_out}.

        A server that is gone is started again, once; after it may have heard of the call, only where a call may be
        repeated. Raises CallFailed, and OutcomeUnknown where nobody can say how the call ended.
        """
        again = False
        while True:
            server = await self._ready(config)
            from skills.mcp.faults import Lost  # it is imported by now

            try:
                result = await server.call(tool, arguments, log)
                break
            except Lost as lost:
                await self._drop(config, server)
                repeatable = not lost.asked or effect != "unsafe"
                if again or not repeatable:
                    raise (OutcomeUnknown if lost.asked else CallFailed)(lost.failure) from None
                again = True
                log(f"{lost.failure.message}; it is started again")
            finally:
                if server in self._leaving and not server.busy:
                    await self._drop(config, server)
        from skills.mcp.results import answer_of, failure_of

        answer = self._redactor.redact_json(await asyncio.to_thread(answer_of, result, self._places.files))
        if result.is_error:
            raise CallFailed(failure_of(tool, answer))
        return answer

    def _program(self, config: ServerConfig) -> str:
        """The digest of the file that is started, and of scripts that it is given (`python server.py`); empty for an
        address. Raises CallFailed. Reads the files."""
        if config.transport == "http":
            return ""
        argv, cwd, environ = self._command(config)
        files = [find(argv, cwd, environ), *(str(cwd / word) for word in argv[1:] if _is_script(cwd / word))]
        digests = []
        for name in files:
            with open(name, "rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()

    async def aclose(self) -> None:
        """End all servers."""
        self._closed = True
        servers = [*self._servers.values(), *self._leaving]
        self._servers.clear()
        await asyncio.gather(*(server.close() for server in servers), return_exceptions=True)

    async def _ready(self, config: ServerConfig) -> Server:
        """The server, running, with the tools that were accepted. Raises CallFailed."""
        pin = self._pins.read(config)
        if pin.accepted is None or pin.config != config.digest or pin.broken:
            raise _held(config, pin.why_not(config) or "nobody has accepted its tools yet")
        key = self._key(config)
        async with self._locks.setdefault(key, asyncio.Lock()):
            server = self._servers.get(key)
            if server is not None and not await server.is_well():
                await self._drop(config, server)
                server = None
            if server is None:
                program = await asyncio.to_thread(self._program, config)
                if program != pin.program:
                    raise _held(config, "the program that is started is another one than when it was accepted")
                server = await self._start(config)
                if self._closed:
                    await server.close()
                    raise fail("resource", "MCP servers can no longer be called: understudy is shutting down")
                self._servers[key] = server
            if server.changed or server.verified != pin.accepted.digest:
                await self._verify(config, server, pin.accepted)
            return server

    async def _verify(self, config: ServerConfig, server: Server, accepted: Offer) -> None:
        try:
            offer = await self._offer(server)
        except BaseException:
            await self._drop(config, server)
            raise
        await asyncio.to_thread(self._pins.note, config, offer)
        if offer.digest != accepted.digest:
            await self._drop(config, server)
            raise _held(config, "its tools have changed since they were accepted")
        server.verified = offer.digest

    async def _offer(self, server: Server) -> Offer:
        from skills.mcp.catalogue import offer_of

        tools = await server.tools()
        clean = self._redactor.redact_json  # a description is kept with every plan that names its tool
        return await asyncio.to_thread(offer_of, clean(list(tools)), clean(dict(server.about)))

    async def _start(self, config: ServerConfig) -> Server:
        """A started server. Raises CallFailed."""
        if self._confined and config.transport == "stdio":
            raise fail("denied", f"the MCP server '{config.name}' is not started: {OUTSIDE}", INSTEAD)
        await asyncio.to_thread(importlib.import_module, "skills.mcp.server")
        from skills.mcp.server import Server

        secret = {self._environ.get(name, "") for name in config.reads if name not in variables.PLAIN}
        self._redactor.learn(Secret(value) for value in secret if len(value) >= _SHORTEST_SECRET)
        log = ServerLog(self.log_of(config), self._redactor)
        if config.transport == "http":
            from skills.mcp.http import Http

            headers = {name: self._filled(config, value) for name, value in config.headers.items()}
            server = Server(config.name, Http(self._filled(config, config.url), headers, log), log)
        else:
            from skills.mcp.stdio import Stdio

            server = Server(config.name, Stdio(*self._command(config), log), log)
        await server.open()
        return server

    def log_of(self, config: ServerConfig) -> Path:
        return self._places.logs / f"{config.key}.log"

    def _command(self, config: ServerConfig) -> tuple[list[str], Path, dict[str, str]]:
        argv = [self._filled(config, text) for text in (config.command, *config.args)]
        declared = {name: self._filled(config, value) for name, value in config.env.items()}
        return argv, config.file.folder / self._filled(config, config.cwd), environment(self._environ, declared)

    def _filled(self, config: ServerConfig, text: str) -> str:
        """A text with its variables put in. Raises CallFailed where one is not set."""
        for name in variables.missing(text, self._environ):
            message = f"the MCP server '{config.name}' needs {name}, which is not set"
            raise fail("dependency", message, f"see {config.place}")
        return variables.expand(text, self._environ)

    async def _drop(self, config: ServerConfig, server: Server) -> None:
        """Give a server no more calls, and end it, once others have got their answers of it."""
        if self._servers.get(self._key(config)) is server:
            del self._servers[self._key(config)]
        if server.alive and server.busy:
            self._leaving.add(server)
        else:
            self._leaving.discard(server)
            await server.close()

    def _key(self, config: ServerConfig) -> str:
        return f"{config.file.path}\n{config.name}\n{config.digest}"


def _is_script(path: Path) -> bool:
    """Whether an argument is a program: not what a server works on, such as a database, which changes."""
    try:
        return path.suffix.lower() in _SCRIPTS and path.is_file()
    except (OSError, ValueError):
        return False


def _held(config: ServerConfig, why: str) -> CallFailed:
    hint = f"`understudy mcp show {config.name}` shows it; `understudy mcp accept {config.name}` accepts it"
    return CallFailed(Failure("denied", f"the MCP server '{config.name}' is held back: {why}", hint))
