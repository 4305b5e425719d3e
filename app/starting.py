"""How a process of the program starts: it does not look for garbage among what it has only just made."""

from __future__ import annotations

import gc
import os


def begin_start() -> None:
    """Leave garbage alone while modules are imported and services opened: that is an eighth of the time of a start.

    Nobody's plugins are looked for among all that is installed, either: none of them may change what a workflow means.
    """
    gc.disable()
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def end_start() -> None:
    """From now on it is collected. What is there by now stays until the end, and is not looked through again."""
    gc.freeze()
    gc.enable()
