"""What holds for all tests: those of properties try the same examples everywhere, and take the time that they take.

UNDERSTUDY_RANDOM=1 lets them look for other examples, each time anew.

The tests' own process looks for garbage as seldom as the program does: with Python's own figures it took a quarter of
the time of every test of a screen. A test about garbage looks for it itself.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from app.starting import end_start

settings.register_profile(
    "understudy",
    derandomize=not os.environ.get("UNDERSTUDY_RANDOM"),
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=(HealthCheck.too_slow,),
)
settings.load_profile("understudy")

LONG = (
    "tests/conformance/test_composer_page.py",
    "tests/conformance/test_seeds_page.py",
    "tests/integration/signals/",
    "tests/proof/test_crash.py",
    "tests/proof/test_mutations.py",
    "tests/proof/test_prefixes.py",
    "tests/proof/test_storage.py",
    "tests/property/runs/test_random_flows.py",
    "tests/property/test_language.py",
    "tests/tui/test_fuzz.py",
)
"""Files with tests of five seconds and more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones come first: one that begins last would be waited for by processes with nothing left to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Compile the files once, also where Python is told to write no bytecode: it takes every process ten seconds."""
    told, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    gc.disable()
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode = told
        end_start()
