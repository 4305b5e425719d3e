"""Structured files as data: what is in them, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"items": [{"name": "é", "n": 1.5}, null], "on": true}'),
        ("a.yaml", "items:\n  - {name: é, n: 1.5}\n  - null\non: true\n"),
        ("a.toml", 'on = true\nitems = [{name = "é", n = 1.5}]\n'),
    ],
)
async def test_files_that_say_the_same_are_read_the_same(call: Caller, name: str, text: str) -> None:
    (call.root / name).write_text(text)
    read = await call("data.read", path=name)
    assert read["value"]["on"] is True
    assert read["value"]["items"][0] == {"name": "é", "n": 1.5}
    assert (await call("data.read", path=name, select="items[0].name"))["value"] == "é"


async def test_a_wrong_place_says_what_there_is(call: Caller) -> None:
    (call.root / "a.json").write_text('{"items": [1, 2]}')
    assert (await call.failure("data.read", path="a.json", select="itms")).hint == "it has items"
    assert "has 2 items" in (await call.failure("data.read", path="a.json", select="items[5]")).message
    assert "items is a list" in (await call.failure("data.read", path="a.json", select="items.x")).message
    assert "from character 6" in (await call.failure("data.read", path="a.json", select="items[x]")).message


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{\n  oops}", "line 2, column 3"),
        ("a.jsonl", '{"a": 1}\n{"a": }\n', "line 2"),
        ("a.yaml", "a: &x [1]\nb: *x\n", "line 1"),
        ("a.toml", "a = \n", "line 1"),
        ("a.txt", "a", "does not say by its name"),
    ],
)
async def test_what_cannot_be_read_says_where(call: Caller, name: str, text: str, message: str) -> None:
    (call.root / name).write_text(text)
    failure = await call.failure("data.read", path=name)
    assert (failure.kind, message in failure.message) == ("validation", True), failure.message


async def test_json_lines_are_written_and_read_again(call: Caller) -> None:
    value = [{"n": n, "é": None} for n in range(3)]
    written = await call("data.write", path="a.jsonl", value=value)
    assert (call.root / "a.jsonl").read_text().count("\n") == 3
    assert (await call("data.read", path="a.jsonl", limit=2)) == {
        "path": "a.jsonl",
        "kind": "jsonl",
        "value": value[:2],
        "count": 3,
        "truncated": True,
    }
    await call("file.restore", backup=written["backup"])
    await call("data.write", path="a.json", value={"b": [1], "a": "é"}, sort_keys=True)
    assert json.loads((call.root / "a.json").read_text()) == {"a": "é", "b": [1]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_a_table_is_written_and_read_again(call: Caller, delimiter: str) -> None:
    rows = [
        {"name": 'a "quoted", and;\nparted', "n": 1, "share": -0.5, "ok": True, "none": None, "code": "007"},
        {"name": "", "n": 12345678901234567890, "share": 2, "ok": False, "none": None, "code": "1e5"},
    ]
    await call("csv.write", path="t.csv", rows=rows, delimiter=delimiter)
    read = await call("csv.read", path="t.csv")
    assert read["delimiter"] == delimiter
    assert read["rows"][0] == rows[0]
    assert read["rows"][1] == {**rows[1], "name": None, "n": "12345678901234567890"}  # more than a number can hold


async def test_what_is_no_field_of_a_table_is_named(call: Caller) -> None:
    failure = await call.failure("csv.write", path="t.csv", rows=[{"a": 1}, {"a": 1, "b": [2]}])
    assert failure.message.startswith("row 2 has a list in 'b': ")


async def test_a_table_of_others_is_read_as_far_as_it_can_be(call: Caller) -> None:
    (call.root / "t.csv").write_bytes("\ufeffname;name;\nMüller;1;x\nMeier;2\nSchulz;3;y;z\n".encode())
    read = await call("csv.read", path="t.csv", columns=["name", "column3"])
    assert (read["columns"], read["count"], read["ragged"]) == (["name", "column3"], 3, 2)
    assert read["rows"][1] == {"name": "Meier", "column3": None}
    failure = await call.failure("csv.read", path="t.csv", columns=["nam"])
    assert (failure.message, failure.hint) == ("t.csv has no column 'nam'", "it has name, name_2, column3")
    assert (await call("csv.read", path="t.csv", start=2, limit=1))["rows"][0]["name_2"] == 2
    (call.root / "bad.csv").write_text('a,b\n"x" y,z\n')
    assert "is no table" in (await call.failure("csv.read", path="bad.csv")).message


async def test_what_is_odd_about_a_table_is_found(call: Caller) -> None:
    rows = [{"id": n, "price": 10 + n % 3, "unit": "kg", "when": "2024"} for n in range(20)]
    rows[3] |= {"price": 9000}
    rows[4] |= {"price": "n/a"}
    rows[5] |= {"when": None}
    rows.append(rows[0])
    found = await call("table.profile", rows=rows, unique_by=["id"])
    assert {(each["column"], each["kind"]): each["rows"] for each in found["findings"]} == {
        ("when", "missing"): [6],
        ("when", "constant"): [],
        ("price", "mixed"): [5],
        ("price", "outliers"): [4],
        ("unit", "constant"): [],
        ("", "duplicates"): [21],
        ("id", "key"): [21],
    }
    price = next(column for column in found["columns"] if column["name"] == "price")
    assert (price["type"], price["min"], price["max"], price["types"]) == (
        "number",
        10,
        9000,
        {"number": 20, "text": 1},
    )
    assert await call("table.profile", rows=[]) == {"rows": 0, "columns": [], "duplicates": 0, "findings": []}


@pytest.fixture
def database(call: Caller) -> str:
    connection = sqlite3.connect(call.root / "shop.db")
    connection.execute("create table goods (name text, price real, picture blob)")
    connection.executemany("insert into goods values (?, ?, ?)", [("tea", 3.5, b"\0\1"), ("cup", None, None)])
    connection.commit()
    connection.close()
    return "shop.db"


async def test_a_database_is_asked(call: Caller, database: str) -> None:
    asked = await call("sqlite.query", path=database, sql="select * from goods where name <> ?", parameters=["cup"])
    assert asked["rows"] == [{"name": "tea", "price": 3.5, "picture": {"bytes": 2}}]
    assert (await call("sqlite.query", path=database, sql="select 1 from goods", limit=1))["truncated"] is True
    schema = await call("sqlite.query", path=database, sql="select name from sqlite_schema")
    assert schema["rows"] == [{"name": "goods"}]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from goods",
        "update goods set price = 0",
        "drop table goods",
        "attach database '/etc/hosts' as other",
        "attach database 'new.db' as other",
        "pragma journal_mode = delete",
        "pragma user_version = 7",
        "create temp table t (a)",
        "insert into goods values (1, 2, 3) returning *",
        "vacuum into 'copy.db'",
        "select load_extension('x')",
    ],
)
async def test_nothing_but_reading_is_done(call: Caller, database: str, sql: str) -> None:
    before = (call.root / database).read_bytes()
    failure = await call.failure("sqlite.query", path=database, sql=sql)
    assert failure.kind in ("denied", "validation"), failure
    assert (call.root / database).read_bytes() == before
    assert [path.name for path in call.root.iterdir()] == [database]


async def test_a_wrong_query_and_a_wrong_file_say_so(call: Caller, database: str) -> None:
    assert (
        "no such column: nam"
        in (await call.failure("sqlite.query", path=database, sql="select nam from goods")).message
    )
    (call.root / "no.db").write_text("hello, I am a text and no database at all")
    assert (
        await call.failure("sqlite.query", path="no.db", sql="select 1 from t")
    ).message == "no.db is no SQLite database"
    assert (await call.failure("sqlite.query", path="nix.db", sql="select 1")).kind == "dependency"
    assert not (call.root / "nix.db").exists()
