"""An editor for YAML: tinted, with what is wrong underlined where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.errors import StyleSyntaxError
from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

from app.tui.widgets.listing import underlined
from app.tui.yaml_tint import Span, tints
from workflows.diagnostics import Diagnostic


class YamlArea(TextArea):
    """Is told what is wrong with what it holds by `mark`."""

    def __init__(self, ident: str) -> None:
        super().__init__("", show_line_numbers=True, soft_wrap=True, id=ident)
        self.indent_width = 2
        self._problems: tuple[Diagnostic, ...] = ()

    def mark(self, problems: Sequence[Diagnostic]) -> None:
        """Underline these, and nothing else."""
        if tuple(problems) != self._problems:
            self._problems = tuple(problems)
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        text = super().get_line(line_index)
        marks = (underlined(each) for each in self._problems if each.line == line_index + 1)
        spans: tuple[Span, ...] = (*tints(text.plain), *marks)
        for start, end, style in spans:
            text.stylize(self._style_of(style), start, end)
        return text

    def _style_of(self, style: str) -> Style:
        """A style of ours as Rich has it, with the theme's colours put in."""
        words = style.split()
        colours = self.app.theme_variables
        named = [colours.get(word[1:], "").removeprefix("ansi_") if word.startswith("$") else word for word in words]
        try:
            return Style.parse(" ".join(named))
        except StyleSyntaxError:
            return Style.null()  # a theme whose colour depends on what is below it: then without
