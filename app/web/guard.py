"""Who may talk to the server: whoever was given its address with the token, from a page of its own, and nobody else.

A page of another site can make a browser send requests here, and a name of its own can lead here (DNS rebinding): so
Host and Origin are checked before anything else, and the token becomes a cookie that no other site's requests carry.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import field

from workflows.records import dataclass

POLICY = (
    *("default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"),
    *("font-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What every answer says: nothing from elsewhere is loaded, nobody frames it, no address with a token is passed on."""

NAMES = ("127.0.0.1", "localhost")
"""What the server may be called. It listens on loopback only."""


@dataclass
class Guard:
    """The rules of one server on a port. The token is good once; then whoever has the cookie is the person."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """The cookie's name. Browsers share cookies among the ports of a host, so the port is in it."""
        return f"understudy-{self.port}"

    @property
    def address(self) -> str:
        """What is opened in a browser, once."""
        return f"http://{NAMES[0]}:{self.port}/?token={self.token}"

    @property
    def headers(self) -> dict[str, str]:
        sockets = " ".join(f"ws://{name}:{self.port}" for name in NAMES)
        return {**HEADERS, "Content-Security-Policy": "; ".join((*POLICY, f"connect-src 'self' {sockets}"))}

    def known_host(self, host: str) -> bool:
        """Whether a request is meant for this server, by its Host."""
        return host in {f"{name}:{self.port}" for name in NAMES}

    def own_origin(self, origin: str | None, host: str) -> bool:
        """Whether a socket is opened by a page of this server, under the same name."""
        return self.known_host(host) and origin == f"http://{host}"

    def spend(self, token: str) -> bool:
        """Whether this is the token, which is of no use from then on."""
        if not self.token or not hmac.compare_digest(token.encode(), self.token.encode()):
            return False
        self.token = ""
        return True

    def admits(self, cookie: str | None) -> bool:
        """Whether this is the cookie of whoever spent the token."""
        return cookie is not None and hmac.compare_digest(cookie.encode(), self.session.encode())
