"""What a step says: its text as it comes, then once the whole of it, laid out where an agent wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Markdown, Static

from app.tui.text import QUIET, STYLES, line
from app.tui.widgets.scrolled import Scrolled
from app.tui.widgets.tail import Tail
from workflows.text import safe_text

LARGEST = 60_000
"""Characters that are laid out as Markdown; a longer text is shown plain."""


class Document(Scrolled):
    """Finished Markdown. Links in it are text: nothing that a model wrote opens a browser."""

    def __init__(self, ident: str) -> None:
        super().__init__(id=ident)
        self.source = ""

    def compose(self) -> ComposeResult:
        yield Markdown("", open_links=False)

    def show(self, text: str) -> None:
        if text != self.source:
            self.source = text
            self.query_one(Markdown).update(safe_text(text))
            self.scroll_home(animate=False)


class Output(Vertical):
    """The label, the tail while text comes, the document when it is done."""

    DEFAULT_CSS = """
    Output {
        #about { display: none; height: auto; max-height: 3; }
        &.-about #about { display: block; }
        #label { display: none; height: 1; color: $accent; }
        &.-labelled #label { display: block; }
        #document { display: none; }
        &.-document #document { display: block; }
        &.-document #tail { display: none; }
        Markdown { padding: 0; margin: 0; background: transparent; }
        MarkdownH1 { content-align: left middle; margin: 0 0 1 0; }
        MarkdownH2, MarkdownH3 { margin: 0 0 1 0; }
        MarkdownFence { margin: 0 0 1 0; max-height: 400; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._about: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="about", markup=False)
        yield Static(id="label", markup=False)
        yield Tail("tail")
        yield Document("document")

    @property
    def tail(self) -> Tail:
        return self.query_one("#tail", Tail)

    @property
    def is_document(self) -> bool:
        return self.has_class("-document")

    @property
    def text(self) -> str:
        """What is shown, as it was written."""
        return self.query_one(Document).source if self.is_document else self.tail.text

    def label(self, text: str) -> None:
        """Say where no AI was at work."""
        self.set_class(bool(text), "-labelled")
        self.query_one("#label", Static).update(line(text, 200, STYLES["warning"]))

    def about(self, lines: Sequence[str]) -> None:
        """Say what the step is: which item, which branch, how far."""
        if (given := tuple(lines)) != self._about:
            self._about = given
            self.set_class(bool(given), "-about")
            shown = Content("\n").join(line(text, 300, QUIET) for text in given)
            self.query_one("#about", Static).update(shown)

    def renew(self, text: str) -> None:
        """Another text of the same, as far down as the view was."""
        self.remove_class("-document")
        self.tail.renew(text)

    def restart(self, text: str, before: int = 0) -> None:
        """The text so far of an attempt that goes on, or of one that is over without a result.

        `before` is how many lines of it came earlier, and are not in the text.
        """
        self.remove_class("-document")
        self.tail.clear()
        self.tail.dropped = before
        self.tail.add(text)

    def add(self, text: str) -> None:
        """More of it."""
        self.tail.add(text)

    def finish(self, text: str, *, markdown: bool) -> None:
        """The whole result, from its beginning."""
        markdown = markdown and len(text) <= LARGEST
        self.set_class(markdown, "-document")
        if markdown:
            self.query_one(Document).show(text)
        else:
            self.tail.show(text)
