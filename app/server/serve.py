"""The server: one process, one loop, in which the calls are answered, starts are taken and runs are driven."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn

from app.desk import Desk
from app.server.address import Address, must_be_meant
from app.server.answering import announced
from app.server.api import calls
from app.server.api.guard import Guard
from app.server.api.operation import application
from app.server.backstage import Backstage, Happenings
from app.server.desks import Desks
from app.server.queue import Queue
from app.server.versions import Versions
from workflows.bus import Bus, Subscriber
from workflows.errors import UnderstudyError, fail
from workflows.records import dataclass

GRACE = 5
"""Seconds that calls have to end when the server does."""

AT_ONCE = 1000
"""Connections that are open at once."""

KEEP_ALIVE = 30
_log = logging.getLogger(__name__)


class _Web(uvicorn.Server):
    """uvicorn without a say in signals: they are the program's. `up` is set when calls are answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Any:
        yield


@dataclass(frozen=True)
class Serving:
    """A server that is up. `port` is the one it listens on."""

    host: str
    port: int
    stage: Backstage

    @property
    def url(self) -> str:
        """Where it is called."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@asynccontextmanager
async def serving(
    desk: Desk,
    address: Address,
    also: Sequence[Callable[[Backstage], Awaitable[None]]] = (),
    hear: Subscriber = lambda notice: None,
) -> AsyncIterator[Serving]:
    """Serve until the block ends; what is `also` done goes on beside, until then. Then runs stop in good order with the
    services of the desk. What happens in runs is told to `hear`.

    Raises UnderstudyError where the address cannot be listened on.
    """
    must_be_meant(address)
    services = desk.services
    with _listening(address) as listening:
        port = listening.getsockname()[1]
        async with AsyncExitStack() as stack:
            happenings = Happenings()

            def listen(bus: Bus) -> None:
                for subscriber in (happenings.hear, hear):
                    stack.callback(bus.subscribe(subscriber))

            desks = Desks(desk, stack, listen)
            versions = Versions(services.standing, desk)
            room = services.settings.execution.max_concurrent_workflows
            resumes = services.settings.serve.resume == "own"
            queue = Queue(desks, services.standing, versions, services.clock, happenings, room, resumes=resumes)
            stage = Backstage(desk, services.standing, queue, versions, services.clock, happenings)
            stage.began = services.clock.monotonic()
            hosts, rate = address.hosts(port), services.settings.serve.calls_per_second
            guard = Guard(services.standing.users, services.clock, hosts, address.origins, rate)
            app = application(calls.operations(stage), guard, calls.others(stage, guard))
            web = _Web(
                uvicorn.Config(
                    app,
                    log_config=None,
                    access_log=False,
                    lifespan="off",
                    ws="none",
                    http="h11",
                    loop="asyncio",
                    proxy_headers=False,
                    server_header=False,
                    limit_concurrency=AT_ONCE,
                    timeout_keep_alive=KEEP_ALIVE,
                    timeout_graceful_shutdown=GRACE,
                )
            )
            web_task = asyncio.create_task(web.serve([listening]), name="calls")
            beside = [asyncio.create_task(_beside(lambda _: queue.run(), stage), name="queue")]
            beside += [asyncio.create_task(_beside(each, stage), name="beside") for each in also]
            try:
                await web.up.wait()
                await stack.enter_async_context(announced(services.standing, address, port, services.clock))
                yield Serving(address.host, port, stage)
            finally:
                stage.closing.set()
                web.should_exit = True
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                with suppress(asyncio.CancelledError):
                    await web_task


async def _beside(work: Callable[[Backstage], Awaitable[None]], stage: Backstage) -> None:
    """What goes on beside the calls: one part that fails ends no other."""
    while True:
        try:
            return await work(stage)
        except UnderstudyError as error:
            _log.warning("a part of the server stopped and begins anew: %s", error)
        except Exception:  # whatever it was, runs and calls go on
            _log.exception("a part of the server failed and begins anew")
        await stage.clock.sleep(5.0)


@contextmanager
def _listening(address: Address) -> Any:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    host = "127.0.0.1" if address.host == "localhost" else address.host
    try:
        listening = socket.create_server((host, address.port), family=family, backlog=512)
    except OSError as error:
        raise fail(
            "resource",
            f"Port {address.port} of {address.host} cannot be listened on: {error.strerror or error}.",
            "Another server may be running: choose another with --port, or --port 0 for any that is free.",
        ) from error
    # An answer goes out in two pieces: the second must not wait for the first to be acknowledged, which takes 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listening:
        yield listening
