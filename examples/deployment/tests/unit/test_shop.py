"""What the shop answers."""

import io
import json
import socket
import tempfile
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from types import SimpleNamespace

from teashop.server import Handler
from teashop.shop import open_database, respond
from teashop.version import VERSION


class ShopTest(unittest.TestCase):
    def setUp(self) -> None:
        self.database = open_database(Path(":memory:"))
        self.addCleanup(self.database.close)

    def ask(self, path: str, version: str = VERSION) -> tuple:
        return respond("GET", path, b"", self.database, version)

    def order(self, body: object) -> tuple:
        return respond("POST", "/orders", json.dumps(body).encode(), self.database, VERSION)

    def test_it_says_which_version_it_is(self) -> None:
        self.assertEqual(self.ask("/", "1.1.0"), (200, {"shop": "tea", "version": "1.1.0"}))

    def test_orders_are_kept(self) -> None:
        self.assertEqual(self.order({"tea": "sencha", "cups": 2}), (201, {"order": 1}))
        self.assertEqual(self.ask("/orders"), (200, {"orders": [{"tea": "sencha", "cups": 2}]}))

    def test_what_is_no_order_is_refused(self) -> None:
        for body in ({}, [], {"tea": "sencha", "cups": "many"}, {"tea": "sencha", "cups": 0}):
            self.assertEqual(self.order(body)[0], 400, body)

    def test_its_health(self) -> None:
        self.assertEqual(self.ask("/health", "1.1.0"), (200, {"version": "1.1.0", "orders": 0, "status": "ok"}))
        self.assertEqual(self.ask("/health/database"), (200, {"database": "ok"}))

    def test_a_missing_table_is_told(self) -> None:
        self.database.execute("DROP TABLE orders")
        status, told = self.ask("/health")
        self.assertEqual((status, told["status"]), (503, "failing"))

    def test_points_are_counted_where_there_is_a_table(self) -> None:
        self.database.execute("CREATE TABLE loyalty (points INTEGER)")
        self.assertEqual(self.ask("/health", "1.2.0")[0], 200)

    def test_there_is_no_such_page(self) -> None:
        self.assertEqual(self.ask("/coffee")[0], 404)


class HandlerTest(unittest.TestCase):
    """One request and its answer, without a network."""

    def ask(self, request: str) -> tuple:
        with tempfile.TemporaryDirectory() as folder:
            server = SimpleNamespace(database=Path(folder, "shop.db"))
            ours, theirs = socket.socketpair()
            with ours, theirs, redirect_stderr(io.StringIO()):
                ours.sendall(request.encode())
                Handler(theirs, ("nobody", 0), server)
                theirs.shutdown(socket.SHUT_WR)
                head, _, body = b"".join(iter(lambda: ours.recv(65536), b"")).partition(b"\r\n\r\n")
            return head.split(b"\r\n", 1)[0].decode(), json.loads(body)

    def test_a_page(self) -> None:
        self.assertEqual(self.ask("GET /orders HTTP/1.0\r\n\r\n"), ("HTTP/1.0 200 OK", {"orders": []}))

    def test_an_order(self) -> None:
        order = '{"tea": "oolong", "cups": 1}'
        status, told = self.ask(f"POST /orders HTTP/1.0\r\nContent-Length: {len(order)}\r\n\r\n{order}")
        self.assertEqual((status, told), ("HTTP/1.0 201 Created", {"order": 1}))


if __name__ == "__main__":
    unittest.main()
