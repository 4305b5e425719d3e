"""What a released version wrote, every later one reads. A file here is never changed once its version is out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.journals import every_event
from workflows.journal.codec import decode, encode
from workflows.runs.events import EVENTS, Recorded

JOURNALS = sorted((Path(__file__).parent / "journals").glob("*.jsonl"))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.stem)
def test_a_released_journal_is_read(path: Path) -> None:
    for line in read(path):
        event = decode(line["type"], line["version"], line["body"])
        assert decode(type(event).__name__, event.version, encode(event)) == event


def test_the_newest_journal_has_every_event_as_it_is_written_today() -> None:
    newest = read(JOURNALS[-1])
    assert {line["type"] for line in newest} == set(EVENTS)
    events = [Recorded(line["seq"], line["at"], decode(line["type"], line["version"], line["body"])) for line in newest]
    assert events == every_event()
    for line, recorded in zip(newest, every_event(), strict=True):
        assert line["body"] == encode(recorded.event)
