"""Where the server listens, and what it may be called."""

from __future__ import annotations

from workflows.errors import fail
from workflows.records import dataclass

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Address:
    """Where the server listens, and by which further names and from which sites' pages it may be called."""

    host: str = "127.0.0.1"
    port: int = 8787
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    exposed: bool = False

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK

    def hosts(self, port: int) -> tuple[str, ...]:
        """What a request may say it is for: these names with the port, and nothing that only looks like them."""
        own = ("127.0.0.1", "localhost", "[::1]") if self.loopback else (self.host,)
        named = (*own, *self.names)
        # Behind a proxy it is called by the proxy's port, which is not said where it is the usual one.
        bare = named if port == 80 else self.names
        return tuple(name if _has_port(name) else f"{name}:{port}" for name in named) + bare

    def url(self, port: int) -> str:
        """Where people outside call it: by its first further name, which stands for a proxy with TLS, else directly."""
        if self.names:
            return f"https://{self.names[0]}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}"


def _has_port(name: str) -> bool:
    return name.rpartition(":")[2].isdigit() and not name.endswith("]") and name.count(":") in (1, 8)


def must_be_meant(address: Address) -> None:
    """Raises UnderstudyError where others could reach it and nobody said that they should."""
    if not address.loopback and not address.exposed:
        raise fail(
            "validation",
            f"{address.host} can be reached by other machines, and calls are not encrypted.",
            "Put a proxy with TLS before it, then say --exposed, and --name for what it is called there.",
        )
