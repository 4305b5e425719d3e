"""The text of a draft: to be read with what is wrong with it, or to be edited in place."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from app.tui.text import QUIET, STYLES, keys, line
from app.tui.widgets.listing import Listing
from workflows.diagnostics import Diagnostic

SHOWN = 3
"""Problems that are told below the editor; those nearest to the cursor."""


class DraftText(Vertical):
    """Shows a listing, or while it is edited, the editor and what is wrong with what it holds."""

    DEFAULT_CSS = """
    DraftText {
        #edited, #problems { display: none; }
        &.-editing #edited, &.-editing #problems { display: block; }
        &.-editing #draft-listing { display: none; }
        TextArea, TextArea:focus { border: none; padding: 0; height: 1fr; background: transparent; }
        #problems { height: auto; max-height: 6; padding: 1 0 0 0; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Listing("draft-listing")
        yield TextArea("", show_line_numbers=True, soft_wrap=False, id="edited")
        yield Static(id="problems", markup=False)

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    @property
    def editor(self) -> TextArea:
        return self.query_one(TextArea)

    @property
    def editing(self) -> bool:
        return self.has_class("-editing")

    def show(self, text: str, problems: Sequence[Diagnostic]) -> None:
        self.listing.list_text(text, problems)

    def edit(self, text: str, problems: Sequence[Diagnostic]) -> None:
        """Put the text into the editor, with the cursor at the first problem."""
        self.editor.text = text
        self.add_class("-editing")
        if problems:
            self.editor.move_cursor((problems[0].line - 1, problems[0].column - 1))
        self.judge(problems)
        self.editor.focus()

    def stop(self) -> str:
        """What the editor holds; from now on there is the listing."""
        self.remove_class("-editing")
        self.listing.focus()
        return self.editor.text

    def judge(self, problems: Sequence[Diagnostic]) -> None:
        """Say what is wrong with what the editor holds."""
        here = self.editor.cursor_location[0] + 1
        nearest = sorted(problems, key=lambda each: (not each.is_error, abs(each.line - here)))
        lines = [
            line(
                f"{'✗' if each.is_error else '!'} line {each.line}, column {each.column}: {each.message}"
                + (f" · {each.hint}" if each.hint else ""),
                300,
                STYLES["bad" if each.is_error else "warning"],
            )
            for each in nearest[:SHOWN]
        ]
        if len(problems) > SHOWN:
            lines.append(line(f"and {len(problems) - SHOWN} more", 40, QUIET))
        done = keys(("f5", "take this text"), ("esc", "take it too; u undoes it"))
        good = [] if problems else [line("✓ nothing is wrong with it", 60, STYLES["good"])]
        self.query_one("#problems", Static).update(Content("\n").join([*good, *lines, done]))
