"""What was looked at, and what was found, in two columns: `environment   no key`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from app.tui.text import QUIET, cell, line
from app.tui.wrap import breaks
from workflows.text import one_line

NAMES = 14
"""Columns of the names."""


class Findings(Static):
    """Words that are too long go on below themselves; on a low screen they are cut."""

    def __init__(self, ident: str) -> None:
        super().__init__(id=ident, markup=False)
        self._lines: Sequence[str] = ()

    def show(self, lines: Sequence[str]) -> None:
        """Lines of `name: words`; one without a name has the whole width."""
        self._lines = lines
        self._lay()

    def on_resize(self, event: events.Resize) -> None:
        self._lay()

    def _lay(self) -> None:
        self.update(Content("\n").join(row for text in self._lines for row in self._rows(text)))

    def _rows(self, text: str) -> Iterator[Content]:
        name, colon, words = one_line(text, 400).partition(": ")
        width = self.size.width
        if not colon:
            yield line(text, 400, QUIET)
        elif self.screen.has_class("-low") or width <= 2 * NAMES:
            yield Content.assemble(cell(name, NAMES), line(words, 400, QUIET))
        else:
            for place, (begin, end) in enumerate(breaks(words, width - NAMES)):
                yield Content.assemble(cell("" if place else name, NAMES), line(words[begin:end].strip(), 400, QUIET))
