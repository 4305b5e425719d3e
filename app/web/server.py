"""Serves the screens to a browser on this machine, through textual-serve: a process of their own for each page."""

from __future__ import annotations

import asyncio
import json
import socket
import string
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import textual_serve
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from app.web.guard import Guard

OWN = Path(__file__).parent
OWN_PARTS = {"page.css": "text/css", "page.js": "text/javascript"}
THEIRS = Path(textual_serve.__file__).parent / "static"
"""textual-serve's terminal for pages, with its style and fonts."""

SCREENS = ("-P", "-m", "app.web.screens")
MOST_PAGES = 8
"""Pages that are open at once; each is a process."""

LARGEST = 1 << 20
"""Bytes of one message from a page, such as what is pasted."""


class Screens(AppService):
    """The process behind a page, started without a shell."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *SCREENS,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
        )
        assert process.stdin is not None
        self._process, self._stdin = process, process.stdin
        return process


class Server:
    """The pages of one Guard."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._pages: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        """What answers requests."""

        @web.middleware
        async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
            if not self._guard.known_host(request.host):
                raise web.HTTPMisdirectedRequest(text="This server is not called that.\n")
            response: web.StreamResponse = await handler(request)
            return response

        async def sign(request: web.Request, response: web.StreamResponse) -> None:
            response.headers.update(self._guard.headers)

        app = web.Application(middlewares=[guarded])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/socket", self._socket),
                *(web.get(f"/{name}", partial(_own, name)) for name in OWN_PARTS),
                web.static("/static", THEIRS),
            ]
        )
        app.on_response_prepare.append(sign)
        app.on_shutdown.append(self._leave)
        return app

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if (token := request.query.get("token")) is not None:
            if not self._guard.spend(token):
                raise web.HTTPForbidden(text="This address is not good any more. `understudy web` gives a new one.\n")
            # Sent on, so that the token stands in no history and no bookmark.
            sent_on = web.Response(status=303, headers={"Location": "/"})
            sent_on.set_cookie(self._guard.cookie, self._guard.session, httponly=True, samesite="Strict", path="/")
            return sent_on
        self._admit(request)
        template = string.Template((OWN / "page.html").read_text(encoding="utf-8"))
        page = template.substitute(socket=f"ws://{request.host}/socket")
        return web.Response(text=page, content_type="text/html")

    def _admit(self, request: web.Request) -> None:
        if not self._guard.admits(request.cookies.get(self._guard.cookie)):
            raise web.HTTPForbidden(text="Open the address that `understudy web` printed.\n")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        self._admit(request)
        if not self._guard.own_origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="Only a page of this server may do that.\n")
        if len(self._pages) >= MOST_PAGES:
            raise web.HTTPServiceUnavailable(text=f"{MOST_PAGES} pages are open. Close one.\n")
        page = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST)
        await page.prepare(request)
        self._pages.add(page)
        screens = Screens(
            "understudy",
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=page.close,
            download_manager=DownloadManager(),
        )
        try:
            await screens.start(_columns(request, "width", 80), _columns(request, "height", 24))
            async for message in page:
                if message.type == WSMsgType.TEXT and not await _pass_on(message.data, screens, page):
                    break
        finally:
            self._pages.discard(page)
            await screens.stop()
        return page

    async def _leave(self, app: web.Application) -> None:
        for page in tuple(self._pages):
            await page.close(code=1001, message=b"understudy web has ended")


async def _own(name: str, request: web.Request) -> web.StreamResponse:
    return web.Response(text=(OWN / name).read_text(encoding="utf-8"), content_type=OWN_PARTS[name])


def _columns(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return min(max(int(text), 10), 1000) if text.isascii() and text.isdigit() and len(text) < 6 else usual


async def _pass_on(text: str, screens: Screens, page: web.WebSocketResponse) -> bool:
    """Hand on what a page says. False where it is nothing that our page would say."""
    try:
        match json.loads(text):
            case ["stdin", str(data)]:
                await screens.send_bytes(data.encode("utf-8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await screens.set_terminal_size(min(max(width, 1), 1000), min(max(height, 1), 1000))
            case ["ping", data]:
                await page.send_json(["pong", data])
            case ["focus", *_]:
                await screens.focus()
            case ["blur", *_]:
                await screens.blur()
            case _:
                return False
    except ValueError:
        return False
    return True


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[Guard]:
    """Serve on loopback until the block ends; then every page's process has ended too. Port 0 is any that is free.

    Raises OSError where the port is taken.
    """
    listening = socket.create_server(("127.0.0.1", port))
    guard = Guard(listening.getsockname()[1])
    runner = web.AppRunner(Server(guard).application(), access_log=None, handle_signals=False, shutdown_timeout=10)
    with listening:
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield guard
        finally:
            await runner.cleanup()
