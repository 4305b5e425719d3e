"""A server of ours over loopback, real in all its parts, and calls to it byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.container import open_services
from app.desk import Desk
from app.paths import Paths
from app.server.address import Address
from app.server.serve import Serving, serving
from app.server.signatures import new_secret
from app.server.tokens import digest_of, new_token
from workflows.unattended.values import Role, Trigger, User, Version
from workflows.values import Json, digest

ONE_STEP = """
name: One step
description: Gives back what it was given
parameters:
  - {name: word, type: string, default: tea}
steps:
  - {id: say, type: transform, value: "${{ parameters.word }}"}
outputs: {said: "${{ steps.say.output }}"}
"""

GATED = """
name: Gated
steps:
  - {id: ask, type: approval, show: Really?, timeout: 1h, default: deny}
  - {id: done, type: transform, value: 1}
"""

SLOW = """
name: Slow
steps:
  - {id: wait, type: delay, for: 1h}
"""


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Somebody who calls, with a token. Each call is a connection of its own."""

    port: int
    token: str = ""
    host: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    async def call(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str | None
    ) -> Said:
        """Send a call. A header that is None is left out; `_` in a name is `-`."""
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent: dict[str, str | None] = {
            "host": self.host or f"127.0.0.1:{self.port}",
            "authorization": f"Bearer {self.token}" if self.token else None,
            "connection": "close",
            "content-length": str(len(content)),
            "content-type": "application/json" if method != "GET" else None,
        }
        sent |= {**self.more, **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in sent.items() if value is not None),
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        return parsed(answer)

    async def get(self, path: str, **headers: str | None) -> Said:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str | None) -> Said:
        return await self.call("POST", path, {} if body is None else body, **headers)


def parsed(answer: bytes) -> Said:
    """The bytes of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        whole = b""
        while body:
            size, _, rest = body.partition(b"\r\n")
            length = int(size, 16)
            whole, body = whole + rest[:length], rest[length + 2 :]
        body = whole
    return Said(int(first.split(" ")[1]), headers, body)


@dataclass
class Served:
    """A server that is up, and how it is called."""

    server: Serving
    desk: Desk
    tokens: dict[str, str]

    def as_(self, name: str) -> Client:
        return Client(self.server.port, self.tokens[name])

    @property
    def nobody(self) -> Client:
        return Client(self.server.port)

    async def publish(self, name: str, text: str) -> Version:
        """A version of a workflow, as publishing keeps it."""
        version = Version(name, 0, digest(text), text, published=1.0, root="", path=f"/nowhere/{name}.yaml")
        return await self.desk.services.standing.publish(version)

    async def hook(self, name: str, workflow: str, **more: Json) -> tuple[Trigger, str]:
        """A trigger that signed deliveries fire, and its secret."""
        secret, kept = new_secret(), f"WEBHOOK_{name.upper()}"
        self.desk.services.secrets.set(kept, secret)
        trigger = Trigger(name, workflow, "webhook", {"secret": kept, **more}, created=1.0, by="ada")
        return await self.desk.services.standing.put_trigger(trigger), secret


USERS: Mapping[str, tuple[Role, str]] = {
    "vera": ("viewer", "all"),
    "oscar": ("operator", "own"),
    "olga": ("operator", "own"),
    "ada": ("admin", "all"),
}


@asynccontextmanager
async def served(folder: Path, address: Address | None = None, settings: str = "") -> AsyncIterator[Served]:
    """A server in a folder of its own, which four people may call."""
    paths = Paths(folder / "config", folder / "data", folder / "log", folder / "work")
    paths.root.mkdir(parents=True, exist_ok=True)
    if settings:
        paths.config.mkdir(parents=True, exist_ok=True)
        (paths.config / "settings.yaml").write_text(settings)
    async with open_services(paths, {"PATH": "/usr/bin:/bin"}) as services:
        tokens = {}
        for name, (role, sees) in USERS.items():
            tokens[name] = new_token()
            made = User(name, role, digest_of(tokens[name]), 1.0, "test", "all" if sees == "all" else "own")
            await services.standing.put_user(made)
        desk = Desk(services)
        async with serving(desk, address or Address(port=0)) as server:
            yield Served(server, desk, tokens)
