"""Templates for tables and files of data."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.templates import approvals, outputs_of, run_template

ORDERS = [
    {"id": 1, "customer": "Ada", "date": "2023-12-30", "amount": 5.5},
    {"id": 2, "customer": "Ada", "date": "2024-01-02", "amount": 10},
    {"id": 3, "customer": "Grace", "date": "2024-03-01", "amount": 2.5},
    {"id": 4, "customer": "Ada", "date": "2024-04-01", "amount": 1},
]


async def test_data_processing_filters_sums_and_writes(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "in").mkdir(parents=True)
    for number, part in enumerate((ORDERS[:2], ORDERS[2:])):
        (root / "in" / f"orders-{number}.json").write_text(json.dumps(part))
    state = await run_template(
        root,
        "data-processing",
        input_source="in/*.json",
        output_destination="out/totals.csv",
        processing_steps=["where date >= 2024-01-01", "sum amount by customer", "sort by amount desc"],
        required_columns=["id", "customer"],
    )
    outputs = outputs_of(state)
    assert (root / "out" / "totals.csv").read_text() == "customer,amount\nAda,11\nGrace,2.5\n"
    assert (outputs["rows_in"], outputs["rows"]) == (4, 2)
    assert approvals(state) == ["write_data"]


async def test_data_processing_writes_parquet_and_stops_at_missing_columns(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "orders.json").write_text(json.dumps(ORDERS))
    given = {"input_source": "orders.json", "processing_steps": [], "output_destination": "orders.parquet"}
    assert outputs_of(await run_template(root, "data-processing", **given))["rows"] == 4
    content = (root / "orders.parquet").read_bytes()
    assert content[:4] == content[-4:] == b"PAR1"
    state = await run_template(root, "data-processing", **given, required_columns=["country"])
    assert state.status == "failed"
    assert "there is no column 'country'" in str(state.failure)


MESSY = """\
Name,Joined,Phone
Ada  Lovelace,3/14/2024,030 1234567
"Hopper, Grace",4/3/2024,+1 202 555 0143
,,
Ada Lovelace,2024-03-14,030/1234567
"""


async def test_csv_cleanup_takes_out_what_is_double_and_mixed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "people.csv").write_text(MESSY)
    state = await run_template(root, "csv-cleanup", input="people.csv", prefix="+49")
    outputs = outputs_of(state)
    assert (outputs["file"], outputs["rows_before"], outputs["rows"]) == ("people.clean.csv", 4, 2)
    assert (root / "people.clean.csv").read_text() == (
        'Name,Joined,Phone\nAda Lovelace,2024-03-14,+49301234567\n"Hopper, Grace",2024-04-03,+12025550143\n'
    )
    assert (root / "people.csv").read_text() == MESSY
    assert approvals(state) == ["write_table"]


def make_warehouse(path: Path, *, rows: int) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table sales (id integer, amount real, day text)")
        values = [(number, number * 1.5, "2024-05-01") for number in range(rows)]
        database.executemany("insert into sales values (?, ?, ?)", values)
        database.commit()


async def test_data_quality_passes_what_is_well_and_fails_what_is_not(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    make_warehouse(root / "warehouse.db", rows=20)
    make_warehouse(root / "yesterday.db", rows=30)
    given = {"input": "warehouse.db", "rules": ["id is unique", "amount >= 0"]}
    outputs = outputs_of(await run_template(root, "data-quality", **given, output="quality.md"))
    assert (outputs["tables"], outputs["checked"], outputs["broken"]) == ([{"name": "sales", "rows": 20}], 5, [])
    assert "0 of 5 rules do not hold." in (root / "quality.md").read_text()
    state = await run_template(root, "data-quality", **given, baseline="yesterday.db", threshold=15, max_age="1d")
    assert state.status == "failed"
    broken = state.steps["check_rules"].output["broken"]
    assert [(each["rule"], each["note"]) for each in broken] == [
        ("newest within 1d", "the newest is 2024-05-01T00:00:00+00:00"),
        ("rows within 15 % of yesterday.db", "20, before 30"),
    ]


async def test_backup_is_restored_on_trial_and_can_be_put_back(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "config").mkdir(parents=True)
    (root / "config" / "app.toml").write_text("port = 80\n")
    make_warehouse(root / "shop.db", rows=3)
    outputs = outputs_of(await run_template(root, "backup-restore", output="backups/all.tar.gz"))
    assert (outputs["files"], outputs["databases"], outputs["proven"]) == (2, ["shop.db"], True)
    (root / "config" / "app.toml").write_text("broken")
    state = await run_template(root, "backup-restore", restore="backups/all.tar.gz", target="back")
    assert outputs_of(state)["restored_to"] == "back"
    assert (root / "back" / "config" / "app.toml").read_text() == "port = 80\n"
    assert approvals(state) == ["restore_files"]
    content = bytearray((root / "backups" / "all.tar.gz").read_bytes())
    content[60] ^= 1
    (root / "backups" / "all.tar.gz").write_bytes(content)
    broken = await run_template(root, "backup-restore", restore="backups/all.tar.gz", target="again")
    assert (broken.status, (root / "again").exists()) == ("failed", False)
    assert "is not what was written" in str(broken.failure)


async def test_backup_names_itself_and_leaves_earlier_ones_out(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "notes.txt").write_text("one\n")
    for _ in range(2):
        outputs = outputs_of(await run_template(root, "backup-restore", output=f"backups/{_}"))
        assert outputs["files"] == 1
        assert re.fullmatch(rf"backups/{_}/\d{{4}}-\d\d-\d\d-\d{{6}}\.tar\.gz", str(outputs["archive"]))
