"""What is told of a journal that cannot be written for a while, and of one that a command cannot use at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.cli.narrator import Narrator
from app.cli.output import Output
from workflows.bus import Stuck
from workflows.journal.sqlite.mishaps import translate


def test_only_a_run_that_waits_is_said_to_go_on_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    refused = translate(OSError(errno.ENOSPC, "No space left on device", "/disk/journal.db"), Path("/disk/journal.db"))
    assert (refused.message, refused.hint) == (
        "There is no room left for /disk/journal.db.",
        "Free some space on that disk.",
    )
    narrator = Narrator(Output(plain=True))
    for _ in range(2):  # the journal is tried again and again: it is said once
        narrator(Stuck("r1", refused.message, refused.hint))
    assert capsys.readouterr().err == (
        "‖ There is no room left for /disk/journal.db.\n"
        "  next: Free some space on that disk. The run waits, and goes on by itself.\n"
    )
