"""`docs/settings.md` is true: its example loads, it has every key and no other, and says what holds without it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.settings import Execution, History, Log, Mcp, Monitoring, Resources, Serve, Settings, load_settings
from app.settings_file import GROUPS, PARTS, Top
from workflows.parts import declared

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
VALUES = {
    "execution": Execution(),
    "resources": Resources(),
    "monitoring": Monitoring(),
    "history": History(),
    "mcp": Mcp(),
    "log": Log(),
    "serve": Serve(),
}


def rows(heading: str) -> dict[str, str]:
    """The rows of a section: each key with what stands in the second column."""
    section = PAGE[PAGE.index(f"## {heading}\n") :]
    end = section.find("\n## ", 1)
    found = re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", section[: end if end > 0 else None], re.MULTILINE)
    return {key: value.strip() for cell, value in found for key in re.findall(r"`([^`]+)`", cell)}


def test_its_example_loads(tmp_path: Path) -> None:
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "settings.yaml").write_text(text)
    settings = load_settings(tmp_path, {})
    assert (settings.execution.default_timeout, settings.resources.capacities) == (300.0, {"gpu": 2})


@pytest.mark.parametrize("name", GROUPS)
def test_it_has_every_key_of_a_group_and_no_other(name: str) -> None:
    assert set(rows(name)) == set(declared(GROUPS[name]))
    for field in fields(VALUES[name]):
        value, said = getattr(VALUES[name], field.name), rows(name)[field.name]
        if isinstance(value, bool):
            assert said == str(value).lower()
        elif isinstance(value, (int, float)):
            assert re.match(rf"{value:g}\b", said)
        else:
            assert re.match(r"none|no |not |what ", said)


def test_it_has_every_other_key() -> None:
    named = {key.partition(".")[0] for key in rows("Models, hosts, channels")}
    assert named == ({*PARTS} - {*GROUPS}) | set(declared(Top))


def test_what_holds_is_what_the_settings_have() -> None:
    assert {name: getattr(Settings(), name) for name in VALUES} == VALUES
