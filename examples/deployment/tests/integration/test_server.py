"""The server, asked over HTTP."""

import json
import socket
import tempfile
import threading
import unittest
from pathlib import Path
from urllib.request import Request, urlopen

from teashop.server import Handler, Server


class Quiet(Handler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


class ServerTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = Server(socket.create_server(("127.0.0.1", 0)), Path(folder.name, "shop.db"))
        server.RequestHandlerClass = Quiet
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"

    def test_an_order_from_the_door_to_the_book(self) -> None:
        order = Request(f"{self.endpoint}/orders", json.dumps({"tea": "assam", "cups": 3}).encode())
        with urlopen(order, timeout=10) as answer:
            self.assertEqual(answer.status, 201)
        with urlopen(f"{self.endpoint}/orders", timeout=10) as answer:
            self.assertEqual(json.load(answer), {"orders": [{"tea": "assam", "cups": 3}]})
        with urlopen(f"{self.endpoint}/health", timeout=10) as answer:
            self.assertEqual(json.load(answer)["status"], "ok")


if __name__ == "__main__":
    unittest.main()
