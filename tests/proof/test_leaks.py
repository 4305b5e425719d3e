"""25 secrets that are known, told by 12 ways and in every form: nothing of them is kept, printed, shown or sent on.

After each way all that is left of it is searched: every byte of the journal, its tables, blobs and spools, logs,
recordings, what the commands and the screen showed, and what the provider of models was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proof.leaks.house import House, at_home, entries
from tests.proof.leaks.sites import SECRETS, Sites, serving
from tests.support.canaries import traces
from workflows.secrets import MASK

CHANNELS = (
    *("program", "skill", "answer", "address", "server", "model"),
    *("tool call", "file", "refusal", "approval", "input", "settings"),
)

TRACES = {name: [each for each in dict.fromkeys(traces(value)) if len(each) >= 8] for name, value in SECRETS.items()}


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with serving() as sites:
        yield sites


@pytest.mark.parametrize("name", CHANNELS)
def test_no_secret_is_left(tmp_path: Path, sites: Sites, name: str) -> None:
    sites.asked.clear()
    sites.came.clear()
    house = House(tmp_path, sites)
    channel = house.channels[name]
    house.furnish(channel)
    with at_home(house):
        house.typed("trust", "--yes")
        for command in channel.before:
            house.typed(*command)
        given = [word for each in channel.inputs for word in ("-i", each)]
        ran = house.typed("run", "flow.yaml", "--json", *given)
        assert ran.code == channel.code, ran.stderr + ran.stdout
        run = str(ran.document["run"])
        house.typed("inbox", "--json")
        house.typed("show", run, "--details")
        for command in channel.after:
            waiting = entries(house.typed("show", run, "--json").document)
            house.typed(*(word.replace("{entry}", waiting[0] if waiting else "") for word in command))
        for more in (["--json"], ["--events"], ["--details"]):
            house.typed("show", run, *more)
        house.typed("runs", "--json")
        house.typed("stats", "--json")
        house.typed("cancel", run)
        house.typed("record", run, "--to", str(house.root / "kept"))
        house.typed("rerun", run, "--json")
        house.typed("diff", run, "last", "--full")
        house.typed("diff", run, "last", "--json")
        for test in (house.root / "kept").glob("*.test.yaml"):
            house.typed("test", str(test))
        asyncio.run(house.look(run))
    left = list(house.left())
    assert {"journal.db", "journal.db-wal", "flow.recording.jsonl"} <= {where.rpartition("/")[2] for where, _ in left}
    masked = sum(text.count(MASK) for _, text in left)
    assert masked >= (25 if name != "settings" else 0), "the secrets never came there"
    assert name != "settings" or len(sites.came) >= 25
    hits = {
        f"{secret} by {name} in {where}"
        for where, text in left
        for secret, all_traces in TRACES.items()
        if any(trace in text for trace in all_traces)
    }
    assert hits == set()
