"""One request on one connection of its own. The only file that imports httpcore: late, because that takes 90 ms.

Nothing of the environment is read: no proxies, no `.netrc`, no cookies. The name is resolved once, every address that
it resolves to is checked, and the connection is made to one of those very addresses; TLS and the Host header keep the
name.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from skills.network.addresses import AllowedHosts, refusal
from skills.network.body import Intake, TooLong
from skills.network.port import CONNECT, IDLE, Answer, Request, Resolve
from workflows.errors import Failure, OutcomeUnknown, fail
from workflows.text import one_line


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only. The name is looked up here and nowhere else."""

    def __init__(self, resolve: Resolve, allowed: AllowedHosts, inner: httpcore.AsyncNetworkBackend) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises CallFailed: denied where an address may not be connected to, transient where there is none."""
        end = time.monotonic() + CONNECT
        addresses = await self._addresses(host, port)
        if not self._allowed.covers(host, port):
            for address in addresses:
                if why := refusal(address):
                    hint = f"If it is meant: `network: {{allow_hosts: ['{host}:{port}']}}` in the settings."
                    where = f" ({address})" if address != host else ""
                    raise fail("denied", f"nothing is sent to {host}{where}: it is {why}", hint, host=host)
        for place, address in enumerate(addresses):
            share = max(0.1, (end - time.monotonic()) / (len(addresses) - place))
            try:
                return await self._inner.connect_tcp(address, port, timeout=share, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses) - 1:
                    raise
        raise AssertionError("there was no address")  # _addresses never gives none

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(CONNECT):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            raise fail("transient", f"{host} was not found within {CONNECT:g} s", "Check the network.") from None
        except (OSError, UnicodeError) as error:
            raise fail(
                "transient", f"{host} was not found: {_words(error)}", "Check the name and the network."
            ) from None
        if not addresses:
            raise fail("transient", f"{host} has no address", "Check the name and the network.")
        return list(dict.fromkeys(addresses))


async def exchange(
    request: Request,
    resolve: Resolve,
    allowed: AllowedHosts,
    tls: ssl.SSLContext | None,
    inner: httpcore.AsyncNetworkBackend | None = None,
) -> Answer:
    """Send the request and read the answer, without following it.

    Raises CallFailed where nothing was sent, and OutcomeUnknown where something may have been and no whole answer came.
    """
    target = request.target
    connection = httpcore.AsyncHTTPConnection(
        httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port),
        ssl_context=tls,
        network_backend=Guarded(resolve, allowed, inner or httpcore.AnyIOBackend()),
    )
    wired = httpcore.Request(
        request.method,
        httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        ),
        headers=_headers(request),
        content=request.body or b"",
        extensions={"timeout": {"connect": CONNECT, "read": IDLE, "write": IDLE}},
    )
    try:
        response = await connection.handle_async_request(wired)
        headers = _fields(response.headers)
        intake = Intake(headers.get("content-encoding", "") if request.method != "HEAD" else "")
        async for piece in response.aiter_stream():
            intake.take(piece)
        intake.end()
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        words = _words(error) or f"no answer within {CONNECT:g} s"
        message = f"no connection to {target.authority}: {words}"
        raise fail("transient", message, "Nothing was sent. Check the address and the network.") from None
    except httpcore.LocalProtocolError as error:
        raise fail("validation", f"the request cannot be sent: {_words(error)}", "Check its headers.") from None
    except httpcore.TimeoutException:
        message = f"{target.authority} said nothing for {IDLE:g} s"
        raise OutcomeUnknown(Failure("timeout", message, "What was sent may have arrived.")) from None
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        message = f"the connection to {target.authority} was lost: {_words(error) or type(error).__name__}"
        raise OutcomeUnknown(Failure("transient", message, "What was sent may have arrived.")) from None
    except TooLong:
        message = f"{target.authority} answers with more than can be read (50 MB)"
        raise OutcomeUnknown(Failure("resource", message, "What was sent has arrived.")) from None
    finally:
        await connection.aclose()
    return Answer(response.status, headers, intake.kept, intake.size, intake.readable, target)


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    own = [("Host", request.target.authority), ("Connection", "close")]
    if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
        own.append(("Content-Length", str(len(request.body or b""))))
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in (*own, *request.headers)]


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header fields by lower-case name; several of one name become one (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _words(error: BaseException) -> str:
    while error.__cause__ is not None:  # the first cause: `Connection refused`, not `all attempts failed`
        error = error.__cause__
    if isinstance(error, OSError) and error.errno and not isinstance(error, (ssl.SSLError, socket.gaierror)):
        return os.strerror(error.errno)  # asyncio's own words are of calls and tuples
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return one_line(text.partition(" (_ssl.c")[0], 200)
