"""What is asked of the network and what it answers: plain values, and who looks names up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

from skills.network.target import Target
from workflows.records import dataclass

CONNECT = 10.0
"""Seconds to find a name, and again to connect to it."""

IDLE = 300.0
"""Seconds that the other side may say nothing. A step's own timeout comes first where it is shorter."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as texts. Raises OSError where there are none."""


@dataclass(frozen=True)
class Request:
    """`headers` are sent in this order, besides Host, Connection and Content-Length. `secret` says that the body holds
    a secret: it is then never sent on to another origin."""

    method: str
    target: Target
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    secret: bool = False


@dataclass(frozen=True)
class Answer:
    """`headers` have lower-case names. `body` is unpacked, and only its beginning where `size` is greater.

    Where not `readable`, it is packed in a way that nobody here knows. `target` is who answered at last. `acted` says
    that a request that changes things was answered, and that this is the answer to a GET it redirected to.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int
    readable: bool
    target: Target
    acted: bool = False


async def look_up(host: str, port: int) -> Sequence[str]:
    """The system's own answer, all of it: also for the short and odd forms of addresses (`127.1`, `0x7f000001`)."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
