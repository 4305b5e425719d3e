"""The text of a file with the numbers of its lines, and below a line what is wrong with it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual

from app.tui.text import KEY, QUIET, STYLES
from app.tui.widgets.tail import LONGEST, Tail
from app.tui.wrap import TAB
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.text import one_line, safe_text

COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
NAME = re.compile(
    r"^(\s*(?:- )*)([\w.$-]+|\"[^\"]*\"|'[^']*')(?=:(?:\s|$))|(?<=[{,] )([\w.-]+)(?=: )|(?<=\{)([\w.-]+)(?=: )"
)
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")

WORST = {"error": STYLES["bad"], "warning": STYLES["warning"]}


@dataclass(frozen=True)
class Listed:
    """A line as it is listed: its number, or 0 where it is a note; the style of a note; what is marked in it."""

    text: str
    number: int = 0
    style: str = ""
    marked: tuple[tuple[int, int, str], ...] = ()


class Listing(Tail):
    """Scrolled and wrapped as any text is. What is wrong is underlined, and said in a line of its own below."""

    def __init__(self, ident: str) -> None:
        super().__init__(ident)
        self._listed: list[Listed] = []
        self._gutter = 4
        self._given: tuple[str, tuple[Diagnostic, ...]] = ("", ())

    def list_text(self, text: str, problems: Sequence[Diagnostic] = ()) -> None:
        """Show this text with what is wrong with it. The same again changes nothing."""
        if (given := (text, tuple(problems))) == self._given:
            return
        self._given = given
        self._listed = list(_listed(text, problems))
        self._gutter = max(4, len(str(text.count("\n") + 1)) + 2)
        self.show("\n".join(each.text for each in self._listed))

    def go_to(self, number: int) -> None:
        """Bring a line into view, with a few above it."""
        place = next((at for at, each in enumerate(self._listed) if each.number == number), 0)
        row = self._rows()[min(place, len(self._listed) - 1)] if self._listed and self.size.width else place
        self.scroll_to(y=max(0, row - 3), animate=False, force=True)

    @property
    def _width(self) -> int:
        return max(1, super()._width - self._gutter)

    def render_line(self, y: int) -> Strip:
        row, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        rows = self._rows()
        if row >= rows[-1]:
            return Strip.blank(self.size.width, self.rich_style)
        line = bisect_right(rows, row) - 1
        first, last = self._parts[line][row - rows[line]]
        listed = self._listed[line + self.dropped]
        content = _coloured(listed)[first:last].rstrip()
        if (selection := self.text_selection) is not None and (span := selection.get_span(line)) is not None:
            start, end = span[0], span[1] if span[1] != -1 else len(listed.text)
            marked = self.screen.get_visual_style("screen--selection")
            content = content.stylize(marked, max(0, start - first), max(0, min(end, last) - first))
        number = str(listed.number) if listed.number and not first else ""
        gutter = Content.styled(f"{number:>{self._gutter - 2}}  ", QUIET)
        whole = Content.assemble(gutter, content.expand_tabs(TAB))
        strip = Visual.to_strips(self, whole, width, 1, self.visual_style, pad=True, apply_selection=False)[0]
        return strip.apply_offsets(first - self._gutter, line)


def _listed(text: str, problems: Sequence[Diagnostic]) -> Iterator[Listed]:
    lines = safe_text(text, max_line=None).rstrip("\n").split("\n")
    below: dict[int, list[Diagnostic]] = {}
    for problem in problems:
        below.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    for number, line in enumerate(lines, 1):
        here = below.get(number, ())
        marked = tuple((each.column - 1, max(each.end_column - 1, each.column), each.severity) for each in here)
        shown = line if len(line) < LONGEST else line[: LONGEST - 2] + "…"
        yield Listed(shown, number, "", marked)
        for each in here:
            glyph = "✗" if each.is_error else "!"
            hint = f" · {each.hint}" if each.hint else ""
            yield Listed(one_line(f"{glyph} {each.message}{hint}", 600), 0, WORST[each.severity])


def _coloured(listed: Listed) -> Content:
    """YAML as far as a glance needs it: names, comments, expressions."""
    content = Content(listed.text)
    if listed.style:
        return content.stylize(listed.style)
    for found in NAME.finditer(listed.text):
        start, end = found.span(found.lastindex or 0)
        content = content.stylize(STYLES["active"], start, end)
    for found in EXPRESSION.finditer(listed.text):
        content = content.stylize(KEY.removeprefix("bold "), *found.span())
    if (found_comment := COMMENT.search(listed.text)) is not None:
        content = content.stylize(QUIET, found_comment.start())
    for start, end, severity in listed.marked:
        content = content.stylize(f"underline {WORST[severity]}", start, end)
    return content
