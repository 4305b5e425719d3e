"""A file that is edited here: its text, and below it what is wrong with it since it was saved."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from app.sources import Source
from app.tui.text import QUIET, STYLES, keys, line
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.text import safe_text


class Text(TextArea):
    """Tab indents, and escape leaves."""

    @dataclass
    class Left(Message):
        """A person wants out of the text."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())


class Editor(Vertical):
    """One file at a time. Posts `Changed` as its text is typed."""

    DEFAULT_CSS = """
    Editor {
        border: round $border;
        border-title-color: $text-muted;
        &:focus-within { border: round $primary 70%; border-title-color: $primary; }
        TextArea, TextArea:focus { border: none; padding: 0; height: 1fr; background: $background; }
        #wrong { height: auto; max-height: 3; padding: 0 1; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text is another one, or is again what was read."""

        editor: Editor

    def __init__(self, ident: str) -> None:
        super().__init__(id=ident)
        self.source: Source | None = None
        self._advice = ""

    def compose(self) -> ComposeResult:
        yield Text(show_line_numbers=True, soft_wrap=False, tab_behavior="indent", highlight_cursor_line=True)
        yield Static(id="wrong", markup=False)

    @property
    def area(self) -> TextArea:
        return self.query_one(TextArea)

    @property
    def text(self) -> str:
        return self.area.text

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.source is not None and self.text != self.source.text

    def open(self, source: Source, language: str, problems: tuple[Diagnostic, ...]) -> None:
        """Show a file, at its first error."""
        self.source = source
        self.area.load_text(source.text)
        if language in self.area.available_languages:
            self.area.language = language
        self.judge(problems)
        self.area.focus()

    def advise(self, text: str) -> None:
        """Say what is to be done here, for as long as the file is open."""
        self._advice = text
        self._title()

    def close(self) -> None:
        self.source = None
        self._advice = ""
        self.area.load_text("")

    def saved(self, source: Source) -> None:
        """What is shown is what the file says now."""
        self.source = source
        self._title()

    def judge(self, problems: tuple[Diagnostic, ...]) -> None:
        """Say what is wrong with what was saved, and go to where it is."""
        if problems:
            first = problems[0]
            self.area.move_cursor((max(first.line, 1) - 1, max(first.column, 1) - 1), center=True)
        self.query_one("#wrong", Static).update(Content("\n").join(_problem(each) for each in problems[:3]))
        self._title()

    @staticmethod
    def takes(text: str) -> bool:
        """Whether a text can be edited here: nothing in it acts on a terminal, or is not what it looks like."""
        return safe_text(text, limit=None, max_line=None) == text.replace("\r\n", "\n")

    def _title(self) -> None:
        if self.source is not None:
            state = Content.styled(" · not saved", STYLES["warning"]) if self.changed else Content("")
            advice = line(f" · {self._advice}", 200, STYLES["warning"]) if self._advice else Content("")
            self.border_title = Content.assemble(line(self.source.path.name, 60, "bold"), state, advice)
            self.border_subtitle = keys(("f5", "save"), ("esc", "leave"))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._title()
        self.post_message(self.Changed(self))


def _problem(problem: Diagnostic) -> Content:
    glyph, style = ("✗", STYLES["bad"]) if problem.is_error else ("!", STYLES["warning"])
    text = line(f"{glyph} line {problem.line}: {problem.message}", 300, style)
    return Content.assemble(text, line(f"  {problem.hint}" if problem.hint else "", 200, QUIET))
