"""Every key under `monitoring:` of the reference settings has its effect on what is watched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.container import open_services
from app.monitoring.facts import Facts
from app.monitoring.rules import causes
from app.monitoring.terms import terms_of
from app.paths import Paths
from app.settings import Settings, load_settings
from workflows.engine.limits import Load
from workflows.journal.pulse import Lately, UnderWay

REFERENCE = Path(__file__).parents[2] / "conformance" / "settings.yaml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "config").mkdir()
    shutil.copy(REFERENCE, tmp_path / "config")
    return load_settings(tmp_path / "config", {})


def found(settings: Settings, lately: Lately, tries: int = 0, load: Load | None = None) -> set[str]:
    terms = terms_of(settings.monitoring, settings.resources)
    run = UnderWay("r", "build", "running", 0.0, 1, 0, 9, 1, tries)
    facts = Facts(1.0, {300.0: lately}, (run,), load=load or Load())
    return {cause.rule for cause in causes(facts, {name: each.limit for name, each in terms.items()})}


def test_five_failed_tries_of_a_run(settings: Settings) -> None:
    assert found(settings, Lately(), tries=4) == set()
    assert found(settings, Lately(), tries=5) == {"tries"}


def test_more_than_ten_percent_of_errors(settings: Settings) -> None:
    assert found(settings, Lately({}, 100, 10, 100, 90)) == set()
    assert found(settings, Lately({}, 100, 11, 100, 90)) == {"error-rate"}


def test_fewer_than_ninety_percent_at_once(settings: Settings) -> None:
    assert found(settings, Lately({}, 100, 10, 100, 89)) == {"degradation"}


def test_the_limits_of_the_machine(settings: Settings) -> None:
    assert found(settings, Lately(), load=Load(80, 70, 85, 60)) == set()
    assert found(settings, Lately(), load=Load(81, 71, 86, 61)) == {"cpu", "machine-memory", "storage", "network"}


async def test_it_is_looked_every_thirty_seconds(settings: Settings, tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "log", tmp_path)
    async with open_services(paths, {"PATH": "/usr/bin:/bin"}) as services:
        assert services.watching is not None
        assert services.watching.interval == settings.monitoring.check_interval == 30
