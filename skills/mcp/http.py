"""A server that is reached over HTTP (streamable HTTP), by the SDK's transport with a client of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from http import HTTPStatus
from types import TracebackType

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from skills.mcp.log import ServerLog
from skills.process import LIMIT

LONGEST = 16 * 1024 * 1024
"""Bytes of one message."""

Heard = Callable[[str, int, bool], None]
"""Told of a refusal: in words, its HTTP status, and whether nobody was reached."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_TIMEOUT = httpx2.Timeout(30.0, read=600.0)


class Http:
    """The streams of a server at an address, as the SDK wants them. Proxies of the environment are not used.

    `why` is what the server or the network last refused, `status` the HTTP status of it, `unsent` whether nobody was
    reached.
    """

    def __init__(self, url: str, headers: Mapping[str, str], log: ServerLog) -> None:
        self._url, self._headers, self._log = url, headers, log
        self._stack = AsyncExitStack()
        self._said = ""
        self.status, self.unsent = 0, False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def why(self) -> str:
        return self._said or "closed the connection"

    def renew(self) -> None:
        """A call begins."""
        self._said, self.status, self.unsent = "", 0, False

    async def __aenter__(self) -> TransportStreams:
        wire = _Bounded(httpx2.AsyncHTTPTransport(), self._heard)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                httpx2.AsyncClient(transport=wire, headers=dict(self._headers), timeout=_TIMEOUT, trust_env=False)
            )
            streams = await stack.enter_async_context(
                streamable_http_client(self._url, http_client=client, max_sse_event_size=LONGEST)
            )
            self._stack = stack.pop_all()
        return streams

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._stack.__aexit__(kind, error, traceback)

    def _heard(self, said: str, status: int = 0, unsent: bool = False) -> None:
        self._said, self.status, self.unsent = said, status, unsent
        self._log.note(said)


class _Bounded(httpx2.AsyncBaseTransport):
    """Ends a response that does not end, and tells of refusals, which the SDK turns into one word for all."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, heard: Heard) -> None:
        self._inner, self._heard = inner, heard

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            unsent = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout))
            self._heard(f"cannot be reached at {request.url}: {error or type(error).__name__}", 0, unsent)
            raise
        if response.status_code >= 400 and response.status_code not in (404, 405):
            said = f"answered HTTP {response.status_code} {_PHRASES.get(response.status_code, '')}".strip()
            self._heard(said, response.status_code, False)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > LIMIT:
                raise httpx2.ReadError(f"it sent more than {LIMIT / 1024**2:g} MB (output limit)")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
