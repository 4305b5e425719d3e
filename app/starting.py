"""How a process of the program starts: it does not look for garbage among what it has only just made."""

from __future__ import annotations

import gc
import os

SELDOM = 50_000
"""Containers that are made, and not let go of, between looks for garbage; Python's own figure is 700.

The values of a run are let go of as soon as nobody refers to them. A look finds next to nothing, and took up to a third
of the time of many runs at once.
"""


def begin_start() -> None:
    """Leave garbage alone while modules are imported and services opened: that is an eighth of the time of a start.

    Nobody's plugins are looked for among all that is installed, either: none of them may change what a workflow means.
    """
    gc.disable()
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def end_start() -> None:
    """From now on it is collected, though seldom. What is there by now stays and is not looked through again."""
    gc.freeze()
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
    gc.enable()
