"""The shop's server. Run as `python -m teashop.server --database FILE [--listen DESCRIPTOR]`."""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from teashop.shop import open_database, respond
from teashop.version import VERSION


class Server(ThreadingHTTPServer):
    """Serves on a socket that listens already: whoever keeps that open loses no caller while versions change."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, database: Path) -> None:
        super().__init__(listening.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.database = database
        open_database(database).close()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with closing(open_database(self.server.database)) as database:
            status, told = respond(self.command, self.path, body, database, VERSION)
        content = json.dumps(told).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--listen", type=int, help="the descriptor of a socket that listens")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    own = given.listen is None
    listening = socket.create_server(("127.0.0.1", 0)) if own else socket.socket(fileno=given.listen)
    server = Server(listening, given.database)
    host, port = listening.getsockname()[:2]
    print(f"teashop {VERSION} serves http://{host}:{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
