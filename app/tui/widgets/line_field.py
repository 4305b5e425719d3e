"""A field of one line. What it holds may be from a file: characters that act on a terminal are shown as a mark."""

from __future__ import annotations

import unicodedata

from rich.text import Text
from textual.widgets import Input

from workflows.text import MARK, is_clean

ACTING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that act, hide, or are none."""


class LineField(Input):
    """An input that keeps its value as it is, and draws a character of it for each."""

    @property
    def _value(self) -> Text:
        if self.password or is_clean(self.value):
            return super()._value
        drawn = "".join(MARK if unicodedata.category(each) in ACTING else each for each in self.value)
        return Text(drawn, no_wrap=True, overflow="ignore", end="")
