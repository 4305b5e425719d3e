"""The one gate that every call passes before anything is looked at. What is not let in here is not let in.

It is asked by the operation that was found, never by a URL's path: a Host that is no host can change what a path looks
like. A page of another site can make a browser send requests here, and a name of its own can lead here (DNS
rebinding): so Host and Origin come first. There are no cookies, so a browser adds no right of its own to a request.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from starlette.requests import Request

from app.server.api.problems import Problem
from app.server.tokens import digest_of
from workflows.clock import Clock
from workflows.records import dataclass
from workflows.unattended.values import User

Role: TypeAlias = Literal["viewer", "operator", "admin"]
RANKS: Mapping[str, int] = {"viewer": 1, "operator": 2, "admin": 3}
"""What each may do, one includes the one before: look; start, answer and steer; publish, schedule, name users."""

LARGEST = 1 << 20
"""Bytes that the body of a call may have."""

PATIENCE = 10.0
"""Seconds in which a body has to come."""

KNOWN_FOR = 1.0
"""Seconds for which users are known without looking again: so soon does it count that one was removed."""

STRANGERS = 20.0
"""Calls a second from one address whose token is not known; then they are not even looked at."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,200}")


@dataclass(frozen=True)
class Caller:
    """Who calls. `own` says that only what they caused themselves is theirs to see."""

    name: str
    role: Role
    own: bool = True

    def may(self, role: Role) -> bool:
        return RANKS[self.role] >= RANKS[role]


@dataclass
class Allowance:
    """So many a second, and as many at once as gather in two seconds."""

    each_second: float
    left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, who: str, now: float) -> float:
        """Take one; the seconds to wait where there is none left."""
        most = max(self.each_second * 2, 1.0)
        had, since = self.left.get(who, (most, now))
        had = min(most, had + (now - since) * self.each_second)
        if len(self.left) > 10_000:
            self.left.clear()  # addresses can be made up; what is forgotten is only how often they called
        if had < 1:
            self.left[who] = had, now
            return (1 - had) / self.each_second
        self.left[who] = had - 1, now
        return 0.0


class Guard:
    """The rules of one server. `hosts` are what it may be called, with its port; `origins` whose pages may call."""

    def __init__(
        self,
        users: Callable[[], Awaitable[Sequence[User]]],
        clock: Clock,
        hosts: Sequence[str],
        origins: Sequence[str] = (),
        calls_each_second: float = 500.0,
    ) -> None:
        self._users = users
        self._clock = clock
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origins)
        self._known: tuple[tuple[User, ...], float] | None = None
        self._strangers = Allowance(STRANGERS)
        self._callers = Allowance(calls_each_second)

    def meets(self, request: Request, *, own_pages: bool = False) -> None:
        """Whether a request is meant for this server, and comes from no page of another site. Raises Problem.

        With `own_pages` it may come from a page that this server showed itself, under the name it is called by now.
        """
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise Problem(
                *(400, "wrong-host", "This server is not called that."),
                "Call it by the address it said at its start, or start it with --name HOST:PORT.",
                where="header Host",
            )
        own = {f"{scheme}://{hosts[0].lower()}" for scheme in ("http", "https")} if own_pages else set()
        for origin in request.headers.getlist("origin"):
            if origin not in self._origins and origin.lower() not in own:
                raise Problem(
                    *(403, "wrong-origin", "Pages of that site may not call this server."),
                    "Start it with --origin where they should.",
                    where="header Origin",
                )

    async def admit(self, request: Request) -> Caller:
        """Who calls, by their token. Raises Problem."""
        self.meets(request)
        address, now = request.client.host if request.client else "", self._clock.monotonic()
        given = request.headers.getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        user = await self._user(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            if wait := self._strangers.take(address, now):
                raise _too_often(wait)
            raise Problem(
                *(401, "unauthorized", "This needs a token." if not given else "This token is not known."),
                "Send `Authorization: Bearer TOKEN`; `understudy user add NAME --role operator` makes one.",
                where="header Authorization",
                headers={"WWW-Authenticate": 'Bearer realm="understudy"'},
            )
        if wait := self._callers.take(user.name, now):
            raise _too_often(wait)
        return Caller(user.name, user.role, own=user.role != "admin" and user.sees != "all")

    def stranger(self, request: Request, *, own_pages: bool = False) -> None:
        """One call of somebody without a token, who shows in another way who they are. Raises Problem if too many."""
        self.meets(request, own_pages=own_pages)
        address = request.client.host if request.client else ""
        if wait := self._callers.take(f"address {address}", self._clock.monotonic()):
            raise _too_often(wait)

    def forget(self) -> None:
        """Look at the users again: they were changed just now, here."""
        self._known = None

    async def _user(self, token: str) -> User | None:
        """Whose token it is. All are compared, whichever it is, so that the time tells nothing."""
        if not _TOKEN.fullmatch(token):
            return None
        now = self._clock.monotonic()
        if self._known is None or now - self._known[1] >= KNOWN_FOR:
            self._known = tuple(await self._users()), now
        digest, found = digest_of(token).encode(), None
        for user in self._known[0]:
            if hmac.compare_digest(digest, user.token_digest.encode()):
                found = user
        return found


def must_be(caller: Caller, role: Role) -> None:
    """Raises Problem where somebody may not do what needs this role."""
    if not caller.may(role):
        raise Problem(
            *(403, "forbidden", f"{caller.name} is {caller.role}; this needs {role}."),
            f"An admin can change it: `understudy user role {caller.name} {role}`.",
        )


async def body_of(request: Request, largest: int = LARGEST) -> bytes:
    """The body of a call, as it came. Raises Problem where it is too large; what is more is not kept."""
    declared = request.headers.get("content-length", "")
    pieces, size = [], 0
    too_large = declared.isdigit() and int(declared) > largest
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.stream():
                size += len(piece)
                too_large = too_large or size > largest
                if too_large and size > 4 * largest:
                    break  # who sends so much more does not hear the answer
                if not too_large:
                    pieces.append(piece)
    except TimeoutError:
        if not too_large:
            raise Problem(408, "too-slow", f"The body did not come within {PATIENCE:g} s.", "Send it again.") from None
    if too_large:
        said = f"The body has more than {largest // 1024} KiB."
        raise Problem(413, "too-large", said, "Send less.", headers={"Connection": "close"})
    return b"".join(pieces)


def must_be_json(request: Request) -> None:
    """Raises Problem where what is sent is not said to be JSON: a form of another site's page never is."""
    given = request.headers.getlist("content-type")
    media = given[0].partition(";")[0].strip().lower() if len(given) == 1 else ""
    if media != "application/json":
        raise Problem(
            *(415, "wrong-content-type", "What changes something is sent as JSON."),
            "Send `Content-Type: application/json`, with `{}` where there is nothing to say.",
            where="header Content-Type",
        )


def _too_often(wait: float) -> Problem:
    seconds = str(int(wait) + 1)
    return Problem(
        429, "too-often", "There are too many calls.", f"Come back in {seconds} s.", headers={"Retry-After": seconds}
    )
