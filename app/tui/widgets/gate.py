"""What waits for a person, always whole: what, who, facts, the content, and only then the choices."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from app.present.figures import plural
from app.present.inquiry import Card
from app.tui.actions import find
from app.tui.text import KEY, QUIET, STYLES, line
from app.tui.wrap import breaks

LEAST = 5
"""Lines of the content that are shown at least."""

OFFERS = {
    "approval": ("approve", "deny"),
    "intervention": ("retry", "edit", "skip", "abort"),
    "unknown": ("happened", "again", "skip", "abort"),
    "changed": ("use_new", "abort"),
}
"""What a person may expect to be offered; what a card does not offer is shown dimmed."""

KINDS = {
    "approval": ("‖ approval", "attention"),
    "question": ("‖ question", "attention"),
    "intervention": ("✗ failed", "bad"),
    "unknown": ("? it may have happened", "attention"),
    "changed": ("‖ code changed", "attention"),
}

_DIFF = {"+": STYLES["good"], "-": STYLES["bad"].removeprefix("bold "), "@": STYLES["warning"]}


@dataclass(frozen=True)
class Shown:
    """A card in its queue. `notes` are lines that this screen adds: code mended since, nobody runs it."""

    card: Card
    place: int = 1
    total: int = 1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The card's lines; `hidden` is how many of the content lie below what is shown, `deepest` how far it scrolls."""

    lines: tuple[Content, ...]
    hidden: int
    deepest: int


def lay_out(shown: Shown, width: int, height: int, scroll: int = 0) -> Layout:
    """The card in at most `height` lines, where that leaves the content its five; the choices are always there."""
    head, choices = [*_head(shown, width)], [*_choices(shown.card, width)]
    body = _body(shown.card, width)
    room = max(min(LEAST, len(body)), height - len(head) - len(choices))
    if len(body) <= room:
        return Layout((*head, *body, *choices), 0, 0)
    room = max(LEAST, room - 1)
    deepest = len(body) - room
    first = max(0, min(scroll, deepest))
    hidden = deepest - first
    marker = f"▼ {plural(hidden, 'more line')} · pgdn" if hidden else "▲ this is the end · pgup"
    edge = Content.styled(f"{marker} · z whole screen"[:width], f"{STYLES['attention']} on $panel")
    return Layout((*head, *body[first : first + room], edge, *choices), hidden, deepest)


def _head(shown: Shown, width: int) -> list[Content]:
    card = shown.card
    lines = [*_wrapped(card.what, width, "bold")]
    if shown.card.facts:
        facts = " · ".join(f"{key}: {text}" for key, text in card.facts)
        lines += _wrapped(facts, width, QUIET)[:3]
    for note in shown.notes:
        lines += _wrapped(note, width, STYLES["warning"])
    return lines


def _body(card: Card, width: int) -> list[Content]:
    lines: list[Content] = []
    for text in card.body.split("\n") if card.body else ():
        style = _DIFF.get(text[:1], "") if card.language == "diff" else ""
        lines += _wrapped(text, width, style)
    return lines


def _wrapped(text: str, width: int, style: str) -> list[Content]:
    return [Content.styled(text[start:end].rstrip(), style).expand_tabs(4) for start, end in breaks(text, width)]


def _choices(card: Card, width: int) -> list[Content]:
    offered = {choice.name: choice for choice in card.choices}
    names = [*dict.fromkeys((*OFFERS.get(card.reason, ()), *offered))] if card.reason != "question" else []
    rows = [Content("")]
    if card.reason == "question":
        label = f"answer: {', '.join(offered)}" if offered else "answer"
        return [*rows, Content.assemble((find("run", "choose").key, KEY), "  ", line(label, width))]
    widest = max(len(_label(name)) for name in names)
    for name in names:
        choice = offered.get(name)
        text = choice.meaning if choice else "not offered here"
        label = f"  {_label(name):<{widest}}  "
        rows.append(
            Content.assemble(
                (find("run", name).key, KEY if choice else f"{QUIET} dim"),
                (label, "bold" if choice else f"{QUIET} dim"),
                line(text, max(1, width - len(label) - 1), QUIET if choice else f"{QUIET} dim"),
            )
        )
    return rows


def _label(name: str) -> str:
    return find("run", name).label


class Gate(Widget, can_focus=False):
    """Draws a card and scrolls its content. Keys are the screen's; here nothing can be answered by accident."""

    DEFAULT_CSS = """
    Gate {
        height: auto;
        padding: 0 1;
        border: round $warning;
        border-title-color: $warning;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        background: $surface;
        &.-failed { border: round $error; border-title-color: $error; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: Shown | None = None
        self.most = 14
        """Lines that the card may take, its border left out."""
        self._scroll = 0
        self.display = False

    def show(self, shown: Shown | None, most: int) -> None:
        """Show this card, or none."""
        if shown == self.shown and most == self.most:
            return
        if shown is None or self.shown is None or shown.card.entry != self.shown.card.entry:
            self._scroll = 0
        self.shown, self.most, self.display = shown, most, shown is not None
        if shown is not None:
            word, role = KINDS.get(shown.card.reason, KINDS["question"])
            self.set_class(role == "bad", "-failed")
            queue = f" {shown.place}/{shown.total}" if shown.total > 1 else ""
            self.border_title = Content.assemble(f"{word}{queue} · ", line(shown.card.headline, 60))
            self.border_subtitle = line(shown.card.who, 60)
        self.refresh(layout=True)

    def _layout(self, width: int, height: int) -> Layout:
        assert self.shown is not None
        return lay_out(self.shown, max(width, 10), height, self._scroll)

    def wanted(self, width: int) -> int:
        """Rows that the card takes on a screen of this width, its border with it."""
        return len(self._layout(width - 4, self.most).lines) + 2 if self.shown else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._layout(width, self.most).lines) if self.shown else 0

    def render(self) -> Content:
        if self.shown is None:
            return Content("")
        size = self.content_size
        return Content("\n").join(self._layout(size.width, size.height).lines)

    def scroll_body(self, by: int) -> bool:
        """Move the content by this many lines. False where there is nothing more that way."""
        if self.shown is None:
            return False
        size = self.content_size
        deepest = self._layout(size.width, size.height).deepest
        before, self._scroll = self._scroll, max(0, min(self._scroll + by, deepest))
        self.refresh()
        return self._scroll != before

    @property
    def page(self) -> int:
        """Lines that a page has."""
        return max(1, self.content_size.height - 6)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_body(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_body(-3)
