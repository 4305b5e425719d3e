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
