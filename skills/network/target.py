"""Where a request goes: a URL taken apart in one place, for checks, for the plan and for the request itself."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit

from workflows.records import dataclass

PORTS = {"http": 80, "https": 443}

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
_KEPT = "%/:=&?~#+!$,;'@()*[]"
"""Characters of a path or query that stay as they are; `%` too, because what is escaped is not escaped again."""


@dataclass(frozen=True)
class Target:
    """`host` is lower case and ASCII, an IPv6 address without brackets; `path` is what is asked for, with its query."""

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def authority(self) -> str:
        """The host, and the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def same_origin(self, other: Target) -> bool:
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def join(self, location: str) -> Target:
        """Where a redirect to `location` leads. Raises ValueError as `target_of` does."""
        return target_of(urljoin(self.url, location))


def target_of(url: str) -> Target:
    """Take a URL apart. Raises ValueError with words that complete "the URL …"."""
    # urlsplit would drop these without a word, so that what is checked is not what was written.
    if bad := re.search(r"[\x00-\x20\x7f\\]", url.strip()):
        raise ValueError(
            f"has a character that cannot stand in it (U+{ord(bad[0]):04X}); write it as %{ord(bad[0]):02X}"
        )
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError(f"cannot be read: {error}") from None
    if parts.scheme not in PORTS:
        raise ValueError("must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password; put it in a header, from a secret")
    if port == 0:
        raise ValueError("has the port 0, which is none")
    path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Target(parts.scheme, _host(parts.hostname or ""), port or PORTS[parts.scheme], path)


def constant_host(url: str) -> str:
    """The host (and port) of a URL with expressions in it, where no expression is part of it; else empty."""
    written, expression, _ = url.partition("${{")
    if expression and not re.match(r"\w+://[^/?#]+[/?#]", written):
        return ""
    try:
        return target_of(re.split(r"[?#]", written)[0].replace(" ", "%20")).authority
    except ValueError:
        return ""


def _host(host: str) -> str:
    host = host.removesuffix(".")
    if not host:
        raise ValueError("names no host")
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed if "%" not in host else _refused(host)
        except ValueError:
            return _refused(host)
    if not host.isascii():
        import idna  # here: its tables take time to load, and few hosts need them

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return _refused(host)
    return host if _NAME.fullmatch(host) else _refused(host)


def _refused(host: str) -> str:
    raise ValueError(f"has the host '{host}', which is none")
