"""The probe says what the machine says: real figures, and none where there are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.machine import Machine

pytest.importorskip("psutil")


def test_it_measures_the_machine(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "not" / "made" / "yet", network_speed=1000)
    first, second = machine.look(), machine.look()
    assert first.cpu is None
    assert first.network is None
    assert second.cpu is not None
    for figure in (second.memory, second.storage, second.cpu):
        assert figure is not None
        assert 0 <= figure <= 100
    assert second.network is None or second.network >= 0


def test_psutil_is_loaded_only_when_it_is_asked() -> None:
    code = "import sys, app.container; from app.machine import Machine; sys.exit('psutil' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], cwd=Path(__file__).parents[3]).returncode == 0
