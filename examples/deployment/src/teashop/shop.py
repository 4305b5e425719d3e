"""What the shop answers. A pure function of the request, the database and the version."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

LOYALTY_SINCE = (1, 2)
"""From this version on points are counted. Nobody thought of making their table: 1.2.0 is broken, on purpose."""

Answer = tuple[int, dict[str, Any]]


def open_database(path: Path) -> sqlite3.Connection:
    """The shop's database, made where it is not there yet."""
    database = sqlite3.connect(path, timeout=5)
    columns = "id INTEGER PRIMARY KEY, tea TEXT NOT NULL, cups INTEGER NOT NULL"
    database.execute(f"CREATE TABLE IF NOT EXISTS orders ({columns})")
    return database


def respond(method: str, path: str, body: bytes, database: sqlite3.Connection, version: str) -> Answer:
    """Status and JSON for a request."""
    match method, path:
        case "GET", "/":
            return 200, {"shop": "tea", "version": version}
        case "GET", "/health":
            return _health(database, version)
        case "GET", "/health/database":
            (word,) = database.execute("PRAGMA quick_check").fetchone()
            return (200 if word == "ok" else 503), {"database": word}
        case "GET", "/orders":
            rows = database.execute("SELECT tea, cups FROM orders ORDER BY id").fetchall()
            return 200, {"orders": [{"tea": tea, "cups": cups} for tea, cups in rows]}
        case "POST", "/orders":
            return _order(body, database)
    return 404, {"error": f"there is no {method} {path}"}


def _health(database: sqlite3.Connection, version: str) -> Answer:
    told: dict[str, Any] = {"version": version}
    try:
        (told["orders"],) = database.execute("SELECT count(*) FROM orders").fetchone()
        if tuple(int(part) for part in version.split(".")[:2]) >= LOYALTY_SINCE:
            (told["points"],) = database.execute("SELECT sum(points) FROM loyalty").fetchone()
    except sqlite3.Error as error:
        return 503, {**told, "status": "failing", "error": str(error)}
    return 200, {**told, "status": "ok"}


def _order(body: bytes, database: sqlite3.Connection) -> Answer:
    try:
        order = json.loads(body)
        tea, cups = str(order["tea"]), int(order["cups"])
    except (ValueError, TypeError, KeyError):
        return 400, {"error": 'an order is {"tea": …, "cups": …}'}
    if cups < 1:
        return 400, {"error": "at least one cup"}
    with database:
        number = database.execute("INSERT INTO orders (tea, cups) VALUES (?, ?)", (tea, cups)).lastrowid
    return 201, {"order": number}
