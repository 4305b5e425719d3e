"""The small form of the storage proof, with a few writes; `./dev proof storage` refuses every one, with both errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.conftest import with_strace
from tests.proof.lanes import Lane
from tests.proof.points import sample
from tests.proof.storage import ERRORS, places, play, why_no_mount

ROOT = Path(__file__).parents[2]

NO_MOUNT = why_no_mount()


@with_strace
def test_a_run_waits_for_its_disk_and_goes_on(lane: Lane) -> None:
    clean, strikes = places(lane)
    assert len(strikes) > 300
    results = [play(lane, strike, ERRORS[n % 2], clean) for n, strike in enumerate(sample(strikes, 10))]
    assert [result for result in results if result.violations] == []
    assert sum(result.waited or result.in_words for result in results) >= 5


@pytest.mark.skipif(bool(NO_MOUNT), reason=f"no file system can be mounted here: {NO_MOUNT}")
def test_a_real_file_system_that_is_full_is_waited_for() -> None:
    command = [sys.executable, "-m", "tests.proof.storage", "--part", "filled", "--every", "16", "--lanes", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "VIOLATED" in done.stderr) == (0, False), done.stderr
    assert "| a full file system |" in done.stdout
