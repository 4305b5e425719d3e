"""Each broken file gives exactly the diagnostics that it says."""

from __future__ import annotations

import pytest

from tests.support.broken_files import BrokenFile, Expected, broken_files
from tests.support.catalogue import small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse


def test_there_are_enough_of_them() -> None:
    files = broken_files()
    assert len(files) >= 30
    assert all(file.expected for file in files), "a broken file says what is wrong in it"


@pytest.mark.parametrize("file", broken_files(), ids=lambda file: file.path.stem)
def test_broken_file(file: BrokenFile) -> None:
    parsed = parse(file.path.read_bytes(), file.path.name, all_kinds(), small_catalogue())
    found = tuple(Expected(d.line, d.column, d.code, d.severity, d.message, d.hint) for d in parsed.diagnostics)
    assert found == file.expected
    assert not parsed.valid
