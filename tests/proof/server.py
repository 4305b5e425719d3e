"""The outside as http steps reach it: every request leaves a line in a case's ledger."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.proof.reference.skills.outside import note


class Outside:
    """A server for the cases of one folder, until it is closed."""

    def __init__(self, case: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                what = self.path.strip("/")
                note(case, self.headers["Idempotency-Key"], what, "unsafe")
                body = json.dumps({"did": what}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # whoever asked was killed

            def log_message(self, *_: object) -> None:
                """Say nothing: the ledger does."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it, and every answer that is under way."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
