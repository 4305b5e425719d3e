"""Templates for tables and files of data."""

from __future__ import annotations

import json
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
