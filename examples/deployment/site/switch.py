"""The switch in front of the shop: a small proxy that gives each request to one of the versions that are served.

    python switch.py SITE REPORT PORT

SITE is a file: {"current": {version, port}, "canary": {version, port} or null, "weight": percent}. It is read for each
request, so whoever replaces it has switched. Of any 100 requests in a row, `weight` go to the canary. A request that
says `X-Try: current` or `X-Try: canary` goes there and is not counted; `/-/switch` is the switch itself. Port 0 is any
that is free; once it listens, it writes {pid, port} to REPORT.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PASSED_ON = ("Content-Type", "X-Version")
SECONDS = 10
OWN_PAGE = "/-/switch"


class Switch(ThreadingHTTPServer):
    """Hands on what it is asked, by the weight that holds at that moment."""

    def __init__(self, site: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Passage)
        self.site = site
        self.counted = 0
        self.lock = threading.Lock()

    def server_for(self, wanted: str) -> dict[str, Any]:
        """Where this request goes: {version, port}."""
        site = json.loads(self.site.read_text())
        canary = site["canary"]
        if canary is None or wanted == "current":
            return site["current"]
        if wanted == "canary":
            return canary
        with self.lock:
            before, self.counted = self.counted, self.counted + 1
        takes = (before + 1) * site["weight"] // 100 > before * site["weight"] // 100
        return canary if takes else site["current"]


class Passage(BaseHTTPRequestHandler):
    """One request."""

    server: Switch

    def do_GET(self) -> None:
        if self.path == OWN_PAGE:
            self.answer(200, json.dumps({"pid": os.getpid()}).encode(), {"Content-Type": "application/json"})
            return
        try:
            port = self.server.server_for(self.headers.get("X-Try", ""))["port"]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            connection.request("GET", self.path)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
            headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
            connection.close()
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            status, body, headers = 502, f"nothing is served: {error}\n".encode(), {"Content-Type": "text/plain"}
        self.answer(status, body, headers)

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    site, report, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    switch = Switch(site, port)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=switch.shutdown).start())
    written = report.with_suffix(".part")
    written.write_text(json.dumps({"pid": os.getpid(), "port": switch.server_port}))
    written.replace(report)
    switch.serve_forever(poll_interval=0.05)
    switch.server_close()


if __name__ == "__main__":
    main()
