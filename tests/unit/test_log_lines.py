"""A line of the log as JSON holds no secret, however it would be escaped, and files are put aside at their size."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import RUNS, keep_out_of_log, shape_log, start_log
from workflows.secrets import Redactor, Secret

SECRET = 'pa"ss\\word-1234'


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    path = start_log(tmp_path / "log")
    assert path is not None
    yield path
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger(RUNS).setLevel(logging.NOTSET)


def test_no_secret_stands_in_a_line(log: Path) -> None:
    keep_out_of_log(Redactor([Secret(SECRET)]))
    shape_log(as_json=True, runs=True, size=1_000_000, keep=1)
    fields = {"run": "r1", "step": "a", "error_message": f"it said {SECRET}"}
    logging.getLogger(RUNS).info("step failed %s", SECRET, extra={"fields": fields})
    (line,) = log.read_text().splitlines()
    assert "ss\\\\word" not in line
    found = json.loads(line)
    assert (found["run"], found["step"], found["level"]) == ("r1", "a", "info")


def test_files_are_put_aside_at_their_size(log: Path) -> None:
    shape_log(as_json=True, runs=False, size=2_000, keep=2)
    for n in range(60):
        logging.getLogger("x").warning("line %d %s", n, "." * 80)
    assert sorted(path.name for path in log.parent.iterdir()) == [log.name, f"{log.name}.1", f"{log.name}.2"]
    assert all(path.stat().st_size <= 2_000 and path.stat().st_mode & 0o077 == 0 for path in log.parent.iterdir())
