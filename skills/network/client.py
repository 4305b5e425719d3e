"""Sends requests and follows redirects, with everything checked anew at each hop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from skills.network.addresses import allowed_hosts
from skills.network.port import Answer, Request, Resolve, look_up
from skills.network.target import Target
from workflows.errors import CallFailed, Failure, OutcomeUnknown, fail

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "idempotency-key", "user-agent"})
"""Headers that another origin may see. A key can stand in any other one, not only in Authorization and Cookie."""

ABOUT_BODY = frozenset({"content-type", "content-encoding", "content-language"})


class Client:
    """Reaches the public internet, and of the rest only `allow_hosts` (`host` or `host:port`).

    `resolve` looks names up; `connector` (an httpcore network backend) makes connections to addresses; `tls` replaces
    the certificates of the system. Raises UnderstudyError for an entry that is no host.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        resolve: Resolve = look_up,
        connector: Any = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = allowed_hosts(allow_hosts)
        self._resolve = resolve
        self._connector = connector
        self._tls = tls

    def allows(self, target: Target) -> bool:
        """Whether the settings allow this host by name."""
        return self._allowed.covers(target.host, target.port)

    async def send(self, request: Request, *, stay: bool = False) -> Answer:
        """The answer, whatever its status, after at most 5 redirects; with `stay` only such as lead to the same host.

        Raises CallFailed where the request is known to have had no effect (nothing was sent; the address is refused;
        an endless redirect), and OutcomeUnknown where it may have had one.
        """
        acted = False
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = await self._exchange(request)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return replace(answer, acted=acted)
                following = _following(request, answer)
                if stay and _site(following.target) != _site(request.target):
                    message = f"{request.target.authority} redirects to another host: {following.target.url}"
                    raise fail("denied", message, "Ask for that address itself, if it is meant.")
                acted = acted or (request.method not in SAFE and following.method in SAFE)
                request = following
            raise fail("business", f"{request.target.authority} redirects more than {MAX_REDIRECTS} times")
        except CallFailed as error:
            if acted:
                raise OutcomeUnknown(arrived(error.failure)) from None
            raise

    async def _exchange(self, request: Request) -> Answer:
        # Imported here: it takes 90 ms, and most runs send nothing.
        from skills.network.wire import exchange

        if self._tls is None and request.target.scheme == "https":
            self._tls = await asyncio.to_thread(_certificates)
        return await exchange(request, self._resolve, self._allowed, self._tls, self._connector)


def _site(target: Target) -> str:
    """The host, which is the same with and without `www.`."""
    return target.host.removeprefix("www.")


def arrived(failure: Failure) -> Failure:
    """The failure of what came after a request that had its effect."""
    return replace(failure, message=f"the request was answered with a redirect, and then: {failure.message}")


def _certificates() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _following(request: Request, answer: Answer) -> Request:
    """The request that a redirect asks for (RFC 9110, 15.4; which methods become GET: Fetch, 4.4).

    Another origin gets only harmless headers, and no body that holds a secret.
    """
    try:
        target = request.target.join(answer.headers["location"])
    except ValueError as error:
        message = f"{request.target.authority} redirects to a URL that {error}"
        raise fail("business", message, "Ask for the final URL.") from None
    method, body, headers = request.method, request.body, request.headers
    if (answer.status == 303 and method != "HEAD") or (answer.status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = tuple((name, value) for name, value in headers if name.lower() not in ABOUT_BODY)
    if not target.same_origin(request.target):
        headers = tuple((name, value) for name, value in headers if name.lower() in HARMLESS)
        if body is not None and request.secret:
            message = f"{request.target.authority} redirects a body that holds a secret to {target.authority}"
            raise fail("denied", message, "Ask for the final URL, if that is who should have it.")
    return Request(method, target, headers, body, request.secret and body is not None)
