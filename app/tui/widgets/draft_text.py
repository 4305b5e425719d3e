"""The text of a draft: to be read with what is wrong with it, or to be edited in place."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.tui.text import QUIET, STYLES, keys, line
from app.tui.widgets.listing import Listing
from app.tui.widgets.yaml_area import YamlArea
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

    def __init__(self, ident: str) -> None:
        super().__init__(id=ident)
        self._problems: tuple[Diagnostic, ...] = ()

    def compose(self) -> ComposeResult:
        yield Listing("draft-listing")
        yield YamlArea("edited")
        yield Static(id="problems", markup=False)

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    @property
    def editor(self) -> YamlArea:
        return self.query_one(YamlArea)

    @property
    def editing(self) -> bool:
        return self.has_class("-editing")

    def show(self, text: str, problems: Sequence[Diagnostic]) -> None:
        self.listing.list_text(text, problems)

    def edit(self, text: str, problems: Sequence[Diagnostic]) -> None:
        """Put the text into the editor, with the cursor at the first problem."""
        self.editor.text = text
        self.add_class("-editing")
        self.judge(problems)
        self.go_to_problem()
        self.editor.focus()

    def go_to_problem(self) -> None:
        """Put the cursor where the next thing is that is wrong, after the last one where the first is."""
        here = (self.editor.cursor_location[0] + 1, self.editor.cursor_location[1] + 1)
        found = sorted(self._problems, key=lambda each: (each.place <= here, each.place))
        if found:
            self.editor.move_cursor((found[0].line - 1, found[0].column - 1), center=True)

    def stop(self) -> str:
        """What the editor holds; from now on there is the listing."""
        self.remove_class("-editing")
        self.listing.focus()
        return self.editor.text

    def judge(self, problems: Sequence[Diagnostic]) -> None:
        """Say what is wrong with what the editor holds."""
        self._problems = tuple(problems)
        self.editor.mark(problems)
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
        jump = [("f8", "next problem")] if problems else []
        done = keys(("f5", "take this text"), ("esc", "take it too; u undoes it"), *jump)
        good = [] if problems else [line("✓ nothing is wrong with it", 60, STYLES["good"])]
        self.query_one("#problems", Static).update(Content("\n").join([*good, *lines, done]))
