"""The screens in a browser: only for whoever has the address, only on this machine, no longer than its terminal."""

from __future__ import annotations

import asyncio
import fcntl
import http.client
import os
import re
import signal
import subprocess
import sys
import termios
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from app.web.guard import Guard
from tests.support.chromium import CHROMIUM, chromium
from tests.support.command_line import CommandLine

pytest.importorskip("textual_serve", reason="the extra `web` is not installed")

GATED = """\
name: Gated
steps:
  - {id: sure, type: approval, show: Really?}
  - {id: say, type: transform, value: "${{ 'it was ' + 'approved' }}"}
"""


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return CommandLine(tmp_path / "work", tmp_path / "home")


@dataclass(frozen=True)
class Served:
    """`understudy web`, and the address that it printed."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    @property
    def path(self) -> str:
        return "/?" + urlsplit(self.address).query

    def get(self, path: str, host: str = "", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{self.port}", **sent})
        return connection.getresponse()

    def open_socket(self, cookie: str, **headers: str) -> int:
        """The status of an attempt to open the socket behind a page."""
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Cookie": cookie}
        key = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MTIzNDU2Nzg5MDEyMzQ1Ng=="}
        return self.get("/socket", **upgrade, **key, **headers).status


@contextmanager
def served(line: CommandLine) -> Iterator[Served]:
    process = line.start("web")
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def test_only_who_has_the_address_gets_in(line: CommandLine) -> None:
    with served(line) as web:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", web.address)
        # Without the token, with a wrong one, and under another name.
        assert web.get("/").status == 403
        assert web.get("/?token=wrong").status == 403
        assert web.get(web.path, host="evil.example").status == 421
        assert web.get(web.path, host=f"evil.example:{web.port}").status == 421
        first = web.get(web.path)
        assert (first.status, first.headers["Location"]) == (303, "/")
        cookie, *rules = first.headers["Set-Cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Strict"} <= set(rules)
        # It was good once.
        assert web.get(web.path).status == 403
        page = web.get("/", Cookie=cookie)
        text = page.read().decode()
        assert page.status == 200
        assert re.findall(r"https?://[^\"' ]+", text) == [], "nothing is loaded from elsewhere"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert web.get("/", Cookie=f"{cookie.partition('=')[0]}=wrong").status == 403
        own = f"http://127.0.0.1:{web.port}"
        assert web.open_socket(cookie) == 403
        assert web.open_socket(cookie, Origin="http://evil.example") == 403
        assert web.open_socket(cookie, Origin=f"http://localhost:{web.port}") == 403
        assert web.open_socket("", Origin=own) == 403
        # Nobody from another machine: it listens on loopback only.
        listening = [each for each in psutil.Process(web.process.pid).net_connections() if each.status == "LISTEN"]
        assert [each.laddr.ip for each in listening] == ["127.0.0.1"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_as_every_command_does(line: CommandLine, number: signal.Signals) -> None:
    with served(line) as web:
        web.process.send_signal(number)
        assert web.process.wait(60) == 128 + number


def test_a_port_that_is_taken_is_said(line: CommandLine) -> None:
    with served(line) as web:
        ended = line.run("web", "--port", str(web.port))
        assert ended.code == 4
        assert f"Port {web.port} cannot be listened on" in ended.stderr
        assert "Without --port a free one is taken." in ended.stderr


def test_what_is_not_installed_is_said_with_the_command_that_does(line: CommandLine, tmp_path: Path) -> None:
    # What Python finds first is a package that is not whole, as where the extra is missing.
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['textual_serve'] = None\n", encoding="utf-8")
    ended = line.run("web", PYTHONPATH=str(hidden))
    assert ended.code == 4
    assert "pip install 'understudy[web]'" in ended.stderr


def test_the_token_is_spent_by_being_right_only() -> None:
    guard = Guard(8000)
    token = guard.token
    assert not guard.spend("")
    assert not guard.spend("ü")
    assert guard.spend(token)
    assert not guard.spend(token)
    assert not guard.spend("")
    assert guard.admits(guard.session)
    assert not guard.admits(None)
    assert not guard.admits("ü")


@pytest.mark.parametrize("ending", ["page closed", "server killed", "nonsense"])
async def test_the_screens_end_with_their_page_and_with_the_server(line: CommandLine, ending: str) -> None:
    with served(line) as web:
        cookie = web.get(web.path).headers["Set-Cookie"].partition(";")[0]
        own = f"http://127.0.0.1:{web.port}"
        address = f"ws://127.0.0.1:{web.port}/socket?width=100&height=30"
        async with (
            aiohttp.ClientSession(headers={"Cookie": cookie, "Origin": own}) as session,
            session.ws_connect(address) as socket,
        ):
            drawn = b""
            while b"No runs yet" not in drawn:
                drawn += (await socket.receive(60)).data
            (child,) = psutil.Process(web.process.pid).children()
            if ending == "server killed":
                web.process.kill()
            elif ending == "nonsense":
                await socket.send_str('["resize", {"width": "wide"}]')
            else:
                await socket.close()
            gone, alive = await asyncio.to_thread(psutil.wait_procs, [child], 30)
            assert (len(gone), alive) == (1, [])


def test_a_page_that_takes_nothing_holds_nothing_up(line: CommandLine) -> None:
    def packet(kind: bytes, body: str) -> bytes:
        return kind + len(body).to_bytes(4, "big") + body.encode()

    screens = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.web.screens"],
        cwd=line.cwd,
        env=line.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert screens.stdin is not None
        assert screens.stdout is not None
        assert screens.stdout.readline() == b"__GANGLION__\n"
        # More than this pipe holds is drawn, and nobody reads it.
        fcntl.fcntl(screens.stdout, fcntl.F_SETPIPE_SZ, 4096)
        held, before = array("i", [0]), -1
        while held[0] != before or not before:
            before = held[0]
            time.sleep(1)  # full is what takes no more for a while
            fcntl.ioctl(screens.stdout, termios.FIONREAD, held)
        screens.stdin.write(packet(b"M", '{"type": "quit"}'))
        screens.stdin.flush()
        assert screens.wait(60) == 0
    finally:
        screens.kill()
        screens.communicate()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian's package `chromium`)")
async def test_a_run_is_started_approved_and_finished_in_a_browser(line: CommandLine, tmp_path: Path) -> None:
    folder = line.cwd / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    (folder / "gated.yaml").write_text(GATED, encoding="utf-8")
    assert line.run("trust", "--yes").code == 0
    with served(line) as web:
        async with chromium(tmp_path / "browser") as tab:
            await tab.open(web.address)
            await tab.shows("gated")
            at = len(tab.written)
            await tab.type(":")
            at = await tab.shows("Search", at)
            await tab.type("gated\r")
            at = await tab.shows("ready: f5 starts it", at)
            await tab.type("r")
            at = await tab.shows("Really?", at)
            # Keys that come too soon after it was shown are no answer.
            await asyncio.sleep(1)
            await tab.type("a")
            await tab.shows("✓ done", at)
            children = psutil.Process(web.process.pid).children(recursive=True)
            assert len(children) == 1
            assert {urlsplit(address).hostname for address in tab.asked} == {"127.0.0.1"}
        (run,) = line.run("runs", "--json").document["runs"]
        assert (run["workflow"], run["status"]) == ("gated", "succeeded")
        # The page is closed with the browser, and its process ends with it.
        await asyncio.to_thread(psutil.wait_procs, children, 30)
        assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
        assert os.path.exists(f"/proc/{web.process.pid}")
