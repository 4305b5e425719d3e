"""NO_COLOR (https://no-color.org): what is not empty means no colour; programs that steps start are told so too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

NAME = "NO_COLOR"


@contextmanager
def no_color() -> Iterator[bool]:
    """Whether no colour is wanted.

    Textual takes the variable out of the environment, whatever it says: it is put back.
    """
    given = os.environ.get(NAME)
    if given == "":
        del os.environ[NAME]
    try:
        yield bool(given)
    finally:
        if given is not None:
            os.environ[NAME] = given
