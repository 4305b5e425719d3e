"""What running steps say, on a plain command line."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import pytest

from app.cli.live_text import IDLE, LINGER, LiveText
from app.cli.output import Output
from app.watch import RunWatch
from tests.support.flows import Flow, steps
from tests.support.plans import until
from tests.unit.flows.test_failures import for_ever
from workflows.journal.spool import Spool
from workflows.journal.tail import Tail


class Watched:
    """The texts of a run, without a desk."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool

    def tail(self, step: str, attempt: int, *, log: bool = False) -> Tail:
        self.spool.flush()
        return self.spool.follow("r1", step, attempt, 1000, log=log)

    def say(self, text: str) -> None:
        self.spool.write("r1", "long", 1, text)
        self.spool.flush()


async def test_lines_are_wrapped_cleaned_and_shown_at_the_latest_when_nothing_more_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start(steps("- {id: long, type: do}"))
    await until(lambda: "long" in flow.done)
    watched, said = Watched(Spool(tmp_path)), io.StringIO()
    live = LiveText(cast(RunWatch, watched), Output(plain=True, log=said))
    watched.say("before\nnot \x1b]52;c;eA==\x07at its end")
    live.attend(driver.state)
    assert live.look()
    assert said.getvalue() == "  long │ before\n"
    for _ in range(IDLE):
        live.look()
    assert said.getvalue().endswith("  long │ not \N{REPLACEMENT CHARACTER}at its end\n")
    watched.say("words that are more than fit on one line")
    live.look()
    live.attend(None)
    for _ in range(LINGER):
        live.look()
    assert said.getvalue().split("\n")[2:] == ["  long │ words that are more", "  long │ than fit on one line", ""]
    assert not live.listening
    await flow.engine.close()
