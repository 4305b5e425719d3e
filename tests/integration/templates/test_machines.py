"""Templates about the files of a folder, a database, and the machine."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.templates import approvals, outputs_of, run_template


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "heap").mkdir(parents=True)
    for name, text in {"a.png": "1", "b.pdf": "22", "c.PNG": "1", "notes.csv": "333", "odd": "4"}.items():
        (root / "heap" / name).write_text(text)
        os.utime(root / "heap" / name, (1_700_000_000, 1_700_000_000))
    return root


async def test_todo_report_lists_comments_and_tasks(root: Path) -> None:
    (root / "shop.py").write_text("x = 1  # TODO: count the tea\n\n# FIXME this is wrong\n")
    (root / "plan.md").write_text("# Plan\n\n- [x] one\n- [ ] two\n")
    outputs = outputs_of(await run_template(root, "todo-report", output="TODO.md"))
    assert outputs["count"] == 2
    assert (root / "TODO.md").read_text() == (
        "# Left to do\n\n2 comments.\n\n## shop.py\n\n"
        "- line 1: **TODO** count the tea\n- line 3: **FIXME** this is wrong\n"
        "\n## Tasks in documents\n\n- `plan.md`: 1 of 2 open\n"
    )


async def test_dead_code_lists_what_nothing_names(root: Path) -> None:
    (root / "shop.py").write_text(
        "import os\nimport json\n\n\ndef used():\n    return json\n\n\ndef lost():\n    pass\n\n\nclass Shop:\n"
        "    def sell(self):\n        pass\n\n    def by_text(self):\n        pass\n"
    )
    (root / "main.py").write_text("from shop import Shop, used\n\nprint(used, getattr(Shop(), 'by_text'))\n")
    outputs = outputs_of(await run_template(root, "dead-code"))
    found = outputs["unused"]
    assert isinstance(found, list)
    assert [(each["line"], each["kind"], each["name"]) for each in found] == [
        (1, "import", "os"),
        (9, "function", "lost"),
        (14, "method", "sell"),
    ]
    assert "- `shop.py:9` function `lost`" in str(outputs["report"])
    assert "No AI wrote or checked this text." in str(outputs["report"])


async def test_disk_usage_names_the_largest(root: Path) -> None:
    (root / "heap" / "deep").mkdir()
    (root / "heap" / "deep" / "large.bin").write_bytes(b"x" * 50_000)
    outputs = outputs_of(await run_template(root, "disk-usage", limit=2))
    assert outputs["bytes"] == 50_008
    assert outputs["folders"] == [
        {"path": "heap", "bytes": 50_008, "files": 6},
        {"path": "heap/deep", "bytes": 50_000, "files": 1},
    ]
    assert "| `heap/deep` | 50.0 KB | 1 |" in str(outputs["report"])
    assert "% full" in str(outputs["report"])


async def test_duplicates_go_only_after_a_yes(root: Path) -> None:
    assert outputs_of(await run_template(root, "duplicate-files"))["copies"] == ["heap/c.PNG"]
    denied = await run_template(root, "duplicate-files", remove=True, answer="deny")
    assert (denied.status, (root / "heap" / "c.PNG").exists()) == ("failed", True)
    state = await run_template(root, "duplicate-files", remove=True)
    assert outputs_of(state)["removed"] == 1
    assert approvals(state) == ["ask"]
    assert sorted(each.name for each in (root / "heap").iterdir()) == ["a.png", "b.pdf", "notes.csv", "odd"]


@pytest.mark.parametrize(
    ("by", "places"),
    [
        ("kind", ["documents/b.pdf", "images/a.png", "images/c.PNG", "other/odd", "tables/notes.csv"]),
        ("month", [f"2023-11/{name}" for name in ("a.png", "b.pdf", "c.PNG", "notes.csv", "odd")]),
    ],
)
async def test_files_are_sorted_after_all_moves_were_seen(root: Path, by: str, places: list[str]) -> None:
    state = await run_template(root, "file-organiser", input="heap", by=by)
    assert outputs_of(state)["moved"] == 5
    (asked,) = (inquiry.asked for inquiry in state.inquiries.values())
    assert f"- `heap/a.png` to `heap/{'images' if by == 'kind' else '2023-11'}/a.png`" in asked.body
    found = [path.relative_to(root / "heap").as_posix() for path in (root / "heap").rglob("*") if path.is_file()]
    assert sorted(found) == places


async def test_database_report_describes_its_tables(root: Path) -> None:
    with closing(sqlite3.connect(root / "shop.db")) as database:
        database.execute("create table tea (id integer primary key, name text not null)")
        database.execute("insert into tea values (1, 'Assam')")
        database.execute('create table "odd ""name" (x)')
        database.commit()
    outputs = outputs_of(await run_template(root, "database-report", input="shop.db", output="SCHEMA.md"))
    assert outputs["tables"] == ['odd "name', "tea"]
    schema = (root / "SCHEMA.md").read_text()
    assert (
        "## tea\n\n1 rows.\n\n| column | type | |\n|---|---|---|\n| id | INTEGER | key |\n| name | TEXT | required |\n"
        in schema
    )
    assert "- id = 1, name = Assam\n" in schema


async def test_system_report_tells_of_this_machine(root: Path) -> None:
    outputs = outputs_of(await run_template(root, "system-report"))
    report = str(outputs["report"])
    assert report.startswith("# This machine\n")
    assert "## What takes the memory\n\n- " in report
    assert isinstance(outputs["disk_free"], int)
