"""Lines with something beside each: a file with its numbers and what is wrong with it, or what changed in one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual

from app.tui.text import QUIET, STYLES
from app.tui.widgets.tail import LONGEST, Tail
from app.tui.wrap import TAB
from app.tui.yaml_tint import Span, tints
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.text import one_line, safe_text

WORST = {"error": STYLES["bad"], "warning": STYLES["warning"]}

CHANGED = {"+": STYLES["good"], "-": STYLES["bad"].removeprefix("bold "), "@": STYLES["active"]}
"""The colours of lines of a difference, by the sign before them."""


@dataclass(frozen=True)
class Listed:
    """A line, what stands beside it, and its style: without one it is tinted as YAML, and marked."""

    text: str
    beside: str = ""
    style: str = ""
    marked: tuple[Span, ...] = ()


class Listing(Tail):
    """Scrolled and wrapped as any text is. What is wrong is underlined, and said in a line of its own below."""

    def __init__(self, ident: str) -> None:
        super().__init__(ident)
        self._listed: tuple[Listed, ...] = ()
        self._gutter = 0

    def list_text(self, text: str, problems: Sequence[Diagnostic] = ()) -> None:
        """Show a file with what is wrong with it."""
        self._list(_numbered(text, problems))

    def list_difference(self, lines: Iterable[str], about: str) -> None:
        """Show what changed, as `diff -u` has it, below a line that says what this is about."""
        self._list(_changes(lines, about))

    def _list(self, lines: Iterable[Listed]) -> None:
        """Show these lines. The same again change nothing."""
        if (listed := tuple(lines)) == self._listed:
            return
        self._listed = listed
        self._gutter = max((len(each.beside) for each in listed), default=0) + 2
        self.show("\n".join(each.text for each in listed))

    def go_to(self, number: int) -> None:
        """Bring a line of the file into view, with a few above it."""
        place = next((at for at, each in enumerate(self._listed) if each.beside.strip() == str(number)), 0)
        row = self._rows()[place] if self._listed and self.size.width else place
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
        beside = listed.beside if not first else ""
        gutter = Content.styled(f"{beside:>{self._gutter - 2}}  ", listed.style or QUIET)
        whole = Content.assemble(gutter, content.expand_tabs(TAB))
        strip = Visual.to_strips(self, whole, width, 1, self.visual_style, pad=True, apply_selection=False)[0]
        return strip.apply_offsets(first - self._gutter, line)


def _numbered(text: str, problems: Sequence[Diagnostic]) -> Iterator[Listed]:
    lines = safe_text(text, max_line=None).rstrip("\n").split("\n")
    below: dict[int, list[Diagnostic]] = {}
    for problem in problems:
        below.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    for number, line in enumerate(lines, 1):
        here = below.get(number, ())
        yield Listed(_short(line), f"{number:>2}", "", tuple(map(underlined, here)))
        for each in here:
            glyph = "✗" if each.is_error else "!"
            hint = f" · {each.hint}" if each.hint else ""
            yield Listed(one_line(f"{glyph} {each.message}{hint}", 600), "", WORST[each.severity])


def underlined(problem: Diagnostic) -> Span:
    """The mark of a problem in its line."""
    return problem.column - 1, max(problem.end_column - 1, problem.column), f"underline {WORST[problem.severity]}"


def _changes(lines: Iterable[str], about: str) -> Iterator[Listed]:
    yield Listed(one_line(about, 200), "", QUIET)
    for line in lines:
        sign = line[:1].strip()
        text = line if sign == "@" else line[1:]
        yield Listed(_short(safe_text(text, max_line=None)), "" if sign == "@" else sign, CHANGED.get(sign, ""))


def _short(line: str) -> str:
    """The line, where it is too long for one its beginning: nothing after it may lose its place."""
    return line if len(line) < LONGEST else line[: LONGEST - 2] + "…"


def _coloured(listed: Listed) -> Content:
    content = Content(listed.text)
    if listed.style:
        return content.stylize(listed.style)
    for start, end, style in (*tints(listed.text), *listed.marked):
        content = content.stylize(style, start, end)
    return content
