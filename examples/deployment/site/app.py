"""The shop that the canary pipeline releases: a small web server, one process for each version that is served.

    python app.py RELEASE REPORT

RELEASE is the folder of a release, with a release.json: {version, fails_every, slower_ms}. Once it listens, on a free
port of this machine, it writes {version, pid, port} to REPORT. SIGTERM ends it after the requests under way.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Shop(ThreadingHTTPServer):
    """Serves one release."""

    daemon_threads = False  # a request under way is answered before the end

    def __init__(self, release: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.version = str(release["version"])
        self.fails_every = int(release.get("fails_every", 0))
        self.slower = float(release.get("slower_ms", 0)) / 1000
        self.count = itertools.count(1)


class Page(BaseHTTPRequestHandler):
    """`/health` says how the server is; any other page is the shop's."""

    server: Shop

    def do_GET(self) -> None:
        if self.path == "/health":
            about = {"version": self.server.version, "pid": os.getpid(), "cpu_s": time.process_time()}
            self.answer(200, about)
            return
        time.sleep(self.server.slower)
        if self.server.fails_every and next(self.server.count) % self.server.fails_every == 0:
            self.answer(500, {"error": "the till is stuck"})
            return
        self.answer(200, {"shop": "Lamps and wicks", "version": self.server.version})

    def answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Version", self.server.version)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass  # the monitor counts


def main() -> None:
    folder, report = Path(sys.argv[1]), Path(sys.argv[2])
    shop = Shop(json.loads((folder / "release.json").read_text()))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=shop.shutdown).start())
    written = report.with_suffix(".part")
    written.write_text(json.dumps({"version": shop.version, "pid": os.getpid(), "port": shop.server_port}))
    written.replace(report)
    shop.serve_forever(poll_interval=0.05)
    shop.server_close()


if __name__ == "__main__":
    main()
