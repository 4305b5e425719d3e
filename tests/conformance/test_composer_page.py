"""`docs/composer.md` is true of sets of requests: its example is read, and it names every word of the checks."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from composer.constraints import read_constraints
from composer.evaluation import checks
from composer.evaluation.areas import AREAS
from composer.evaluation.facts import FLAGS, VALUES
from composer.evaluation.requests import KEYS, NONE, SAMPLE, read_request, read_requests
from composer.evaluation.roles import ROLES
from composer.evaluation.selectors import KEYS as PICKED_BY
from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "composer.md").read_text(encoding="utf-8")
PART = PAGE.partition("## How good drafts are")[2].partition("\n## ")[0]


def test_the_example_is_a_set() -> None:
    lines = re.findall(r"```jsonl\n(.*?)```", PART, re.DOTALL)[0].splitlines()
    assert [read_request(json.loads(line)).id for line in lines] == ["one", "two", "three"]


def test_it_names_every_key_role_fact_and_area() -> None:
    prose = re.sub(r"```.*?```", "", PART, flags=re.DOTALL)
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", prose))))
    for words in (KEYS, ROLES, FLAGS, VALUES, AREAS, PICKED_BY):
        assert set(words) <= named
    source = inspect.getsource(checks)
    assert set(re.findall(r'^        "(\w+)": ', source, re.MULTILINE)) <= named


@pytest.mark.parametrize("said", re.findall(r"^\| (.*?) \| (?:a|no|steps|what) ", PAGE, re.MULTILINE))
def test_what_it_says_one_can_say_is_understood(said: str) -> None:
    for sentence in said.split(" · "):
        if "`" not in sentence and "…" not in sentence:
            assert read_constraints(sentence), sentence


def test_the_sample_has_enough_of_each() -> None:
    requests = read_requests(SAMPLE)
    assert len(requests) >= 100
    assert sum(each.category == NONE for each in requests) >= 25
    assert len({each.category for each in requests}) >= 20
    assert any(each.turns for each in requests)


def test_one_of_each_command_says_what_the_page_says(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "work", tmp_path / "home")
    line.home.mkdir()
    shutil.copytree(ROOT / "examples", line.cwd / "examples", ignore=shutil.ignore_patterns("out"))
    rows = re.findall(
        r"^\| `understudy (.+?)`(?: \(exit (\d)\))? \| (.*) \|$", PAGE.partition("## One of each")[2], re.MULTILINE
    )
    assert len(rows) > 15
    for command, code, says in rows:
        ended = line.run(*shlex.split(command))
        told = ended.stdout + ended.stderr
        assert ended.code == int(code or 0), f"{command}\n{told}"
        found = [words in told for words in re.findall("“([^”]+)”", says)]
        assert any(found) if "” or “" in says else all(found), f"{command}\n{told}"
