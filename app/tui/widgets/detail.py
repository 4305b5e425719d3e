"""One step in six tabs: output, log, tools, input, attempts, diff."""

from __future__ import annotations

from textual.content import Content

from app.tui.actions import find
from app.tui.text import QUIET, STYLES, line
from app.tui.widgets.output import Output
from app.tui.widgets.rows import Rows
from app.tui.widgets.tabbed import Tab, Tabbed
from app.tui.widgets.tail import Tail

_DIFF = {"+": STYLES["good"], "-": STYLES["bad"].removeprefix("bold "), "@": STYLES["warning"], "‖": "bold"}


def style_of_diff(text: str) -> str:
    """The colour of a line of a difference."""
    return _DIFF.get(text.lstrip()[:1], "bold" if text.startswith("from try") else "")


def style_of_tools(text: str) -> str:
    """The first line of a call stands out; what it gave and was given stands in."""
    return "bold" if text and not text.startswith(" ") else ""


class Detail(Tabbed):
    """Holds the tabs. Its title names the step, its lower edge says whether the view moves with the text."""

    DEFAULT_CSS = "Detail { border-subtitle-color: $warning; }"

    def __init__(self) -> None:
        tabs = (
            Tab("output", "Output", Output()),
            Tab("log", "Log", Tail("log-tail")),
            Tab("tools", "Tools", Tail("tools-tail", style_of_tools)),
            Tab("input", "Input", Tail("input-tail")),
            Tab("attempts", "Attempts", Rows("attempt-rows")),
            Tab("diff", "Diff", Tail("diff-tail", style_of_diff)),
        )
        super().__init__(tabs, "step")

    @property
    def output(self) -> Output:
        return self.query_one(Output)

    @property
    def log_tail(self) -> Tail:
        return self.query_one("#log-tail", Tail)

    @property
    def input_tail(self) -> Tail:
        return self.query_one("#input-tail", Tail)

    @property
    def tools_tail(self) -> Tail:
        return self.query_one("#tools-tail", Tail)

    @property
    def diff_tail(self) -> Tail:
        return self.query_one("#diff-tail", Tail)

    @property
    def attempts(self) -> Rows:
        return self.query_one("#attempt-rows", Rows)

    @property
    def text(self) -> str:
        """What the open tab shows, as it would be copied."""
        tails = {"log": self.log_tail, "tools": self.tools_tail, "input": self.input_tail, "diff": self.diff_tail}
        if self.tab == "attempts":
            return "\n".join(row.draw(120).plain.rstrip() for row in self.attempts.rows)
        return tails[self.tab].text if self.tab in tails else self.output.text

    @property
    def flowing(self) -> Tail | None:
        """The tail that is on view and grows."""
        if self.tab == "log":
            return self.log_tail
        return self.output.tail if self.tab == "output" and not self.output.is_document else None

    def name_step(self, title: str, who: str) -> None:
        parts = [line(title, 60, "bold")] + ([Content.styled(" · ", QUIET), line(who, 60, QUIET)] if who else [])
        self.border_title = Content.assemble(*parts)

    def tell_follow(self) -> None:
        """Say what the view does not show: new lines below, or lines that are no longer kept."""
        tail = self.flowing
        text = ""
        if tail is not None and not tail.following and tail.unseen:
            text = f"paused · {tail.unseen} new line{'s' * (tail.unseen != 1)} · f to follow"
        elif tail is not None:
            text = f"{tail.summary} · {find('run', 'pager').key} opens all" if tail.summary else ""
        self.border_subtitle = Content(text)
