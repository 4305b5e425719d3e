"""Tables: steps and rules that are written as words, values in their many forms, Parquet."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from skills import SkillError
from skills.library.data import _rules, _steps
from skills.library.data._parquet import parquet
from skills.library.data._rules import check_rule
from skills.library.data._steps import Stage, apply_step
from skills.library.data._values import as_date, as_number, as_phone, day_first

PEOPLE: list[dict[str, Any]] = [
    {"id": "1", "name": " Ada  Lovelace", "born": "10.12.1815", "paid": "1.234,50", "phone": "030 1234567", "town": ""},
    {"id": "2", "name": "Grace", "born": "1906-12-09", "paid": "10", "phone": "+1 (202) 555-0143", "town": "NY"},
    {"id": "2", "name": "Grace", "born": "1906-12-09", "paid": "10", "phone": "+1 (202) 555-0143", "town": "NY"},
    {"id": "", "name": "", "born": "", "paid": "", "phone": "", "town": ""},
]


def after(*steps: str, rows: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    given = PEOPLE if rows is None else rows
    table = Stage(tuple(given[0]), given)
    for step in steps:
        table = apply_step(step, table)
    assert all(set(row) >= set(table.columns) for row in table.rows)
    return table.rows


def test_steps_do_what_they_say() -> None:
    rows = after(
        "trim", "drop empty rows", "drop duplicates by ID", "dates", "numbers", "phones +49", "fill town with ?"
    )
    assert rows == [
        {
            "id": "1",
            "name": "Ada Lovelace",
            "born": "1815-12-10",
            "paid": "1234.5",
            "phone": "+49301234567",
            "town": "?",
        },
        {"id": "2", "name": "Grace", "born": "1906-12-09", "paid": "10", "phone": "+12025550143", "town": "NY"},
    ]
    assert after("where born >= 1900 and town = NY", "keep id, name") == [{"id": "2", "name": "Grace"}] * 2
    assert after("count by town", "sort by count desc", "first 1") == [{"town": "", "count": 2}]
    assert after("sum paid by name", "where name = Grace") == [{"name": "Grace", "paid": 20}]
    assert after("rename paid to amount", "set double = amount * 2", "keep double", "first 1") == [{"double": 2469}]
    assert after("where town is empty", "drop phone, born", "upper name", "keep name", "first 1") == [
        {"name": " ADA  LOVELACE"}
    ]


@pytest.mark.parametrize("step", _steps.EXAMPLES)
def test_every_example_of_a_step_is_one(step: str) -> None:
    row = dict.fromkeys(("id", "notes", "old", "country", "email", "price", "amount", "customer"), "1")
    assert after(step, rows=[{**row, "date": "2024-05-01"}])


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("make it nice", "'make it nice' is no step that a table can go through"),
        ("keep id, nmae", "there is no column 'nmae'"),
        ("where id", "'id' is no condition"),
        ("rename id", "'rename id' does not say what becomes what"),
    ],
)
def test_what_is_no_step_is_said(step: str, message: str) -> None:
    with pytest.raises(SkillError, match=message) as caught:
        after(step)
    assert caught.value.hint


def test_dates_that_could_be_two_are_left() -> None:
    assert [as_date("3/4/2024"), as_date("3/4/2024", True), as_date("3/4/2024", False)] == [
        None,
        "2024-04-03",
        "2024-03-04",
    ]
    assert day_first(["3/4/2024", "13/4/2024"]) is True
    assert day_first(["3/4/2024", "3/14/2024"]) is False
    assert [as_date(text) for text in ("3. Januar 2024", "Jan 3, 2024", "2024/1/3 10:00", "31.02.2024", "soon")] == [
        "2024-01-03",
        "2024-01-03",
        "2024-01-03T10:00",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", 1234.56),
        ("1,234.5", 1234.5),
        ("1,234", 1234),
        ("0,234", 0.234),
        ("12 €", 12),
        ("1 000", 1000),
        ("12,5", 12.5),
        ("1.5", 1.5),
        ("-3", -3),
        ("v1.5", None),
        ("", None),
        ("1.2.3", None),
    ],
)
def test_numbers_as_people_write_them(text: str, number: float | None) -> None:
    assert as_number(text) == number


def test_telephone_numbers() -> None:
    assert as_phone("0049 30 1234567", "+1") == as_phone("030/1234567", "+49") == as_phone("(030) 123-45-67", "49")
    assert as_phone("call me", "+49") is None


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("id is unique", (2, 3)),
        ("id, name are not empty", (4,)),
        ("paid <= 100", (1,)),
        ("paid between 100 and 2000", (2, 3)),
        ("town in NY, LA", ()),
        ("born is a date", ()),
        ("name is a number", (1, 2, 3)),
        ("name is an email", (1, 2, 3)),
    ],
)
def test_rules_find_the_rows_that_break_them(rule: str, rows: tuple[int, ...]) -> None:
    kept = check_rule(rule, list(PEOPLE[0]), PEOPLE, datetime(2024, 1, 1, tzinfo=UTC))
    assert (kept.rows, kept.broken) == (rows, bool(rows))


def test_rules_of_a_whole_table() -> None:
    now = datetime(1906, 12, 10, tzinfo=UTC)
    columns = list(PEOPLE[0])
    assert [check_rule(rule, columns, PEOPLE, now).broken for rule in ("rows >= 4", "rows > 4")] == [False, True]
    assert [check_rule(f"newest within {age}", columns, PEOPLE, now).broken for age in ("2d", "1h")] == [False, True]
    row = dict.fromkeys(("id", "email", "amount", "share", "status", "date", "price"), "1")
    for rule in _rules.EXAMPLES:
        check_rule(rule, list(row), [row], now)
    with pytest.raises(SkillError, match="is no rule"):
        check_rule("be good", columns, PEOPLE, now)


def test_parquet_has_its_parts_where_the_format_says() -> None:
    rows = [{"n": 1, "x": 1.5, "t": "ä", "b": True}, {"n": None, "x": 2, "t": None, "b": None}]
    content = parquet(["n", "x", "t", "b"], rows)
    (length,) = struct.unpack("<I", content[-8:-4])
    footer = content[-8 - length : -8]
    assert content[:4] == content[-4:] == b"PAR1"
    assert footer.startswith(b"\x15\x02\x19")  # version 1, then the list of the schema
    assert all(name in footer for name in (b"\x01n", b"\x01x", b"\x01t", b"\x01b"))
    # The page of `n`: 4 bytes of length, two runs of one level each, and the one value that is there.
    assert struct.pack("<I", 4) + b"\x02\x01\x02\x00" + struct.pack("<q", 1) in content
