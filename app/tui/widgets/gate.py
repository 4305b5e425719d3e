"""What waits for a person, always whole: what, who, facts, the content, and only then the choices."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from app.present.figures import plural
from app.present.inquiry import WHY_NOT, Card
from app.tui.actions import find, known
from app.tui.text import KEY, QUIET, STYLES, line
from app.tui.wrap import breaks
from workflows.records import dataclass
from workflows.text import one_line

LEAST = 5
"""Lines of the content that are shown at least: of what is approved, and of what failed where there is no room."""

LEAST_OF_FAILURE = 2

OFFERS = {
    "approval": ("approve", "allow_pattern", "edit", "deny"),
    "intervention": ("retry", "edit", "retry_from", "fallback", "output", "skip", "roll_back", "abort"),
    "unknown": ("happened", "again", "skip", "abort"),
    "changed": ("use_new", "abort"),
    "budget": ("raise", "proceed", "price", "retry", "fallback", "skip", "abort"),
}
"""What a person may expect to be offered; what a card does not offer is shown dimmed, where there is room."""

NAMED = ("intervention", "unknown", "changed")
"""Reasons for which also that is named which is not offered."""

KINDS = {
    "approval": ("‖ approval", "attention"),
    "question": ("‖ question", "attention"),
    "intervention": ("✗ failed", "bad"),
    "unknown": ("? it may have happened", "attention"),
    "changed": ("‖ code changed", "attention"),
    "budget": ("‖ over budget", "attention"),
}

_DIFF = {"+": STYLES["good"], "-": STYLES["bad"].removeprefix("bold "), "@": STYLES["warning"]}


@dataclass(frozen=True)
class Shown:
    """A card in its queue. `notes` are lines that this screen adds: code mended since, nobody runs it.

    `wanted` says what an answer to a question must be.
    """

    card: Card
    place: int = 1
    total: int = 1
    notes: tuple[str, ...] = ()
    wanted: str = ""


@dataclass(frozen=True)
class Layout:
    """The card's lines; `hidden` is how many of the content lie below what is shown, `deepest` how far it scrolls."""

    lines: tuple[Content, ...]
    hidden: int
    deepest: int


def lay_out(shown: Shown, width: int, height: int, scroll: int = 0) -> Layout:
    """The card in at most `height` lines, where that leaves the content its least; the choices are always there."""
    head, body = [*_head(shown, width)], _body(shown.card, width)
    least = _least(len(body), LEAST)
    # The ends of long lines are the first to go, then what cannot be chosen, then all but one line of what is known.
    for whole, dimmed, lines in ((True, True, len(body)), (False, True, least), (False, False, least)):
        choices = _choices(shown, width, whole=whole, dimmed=dimmed)
        if len(head) + len(choices) + lines <= height:
            break
    for facts in (2, 1):
        if len(head) + len(choices) + least <= height:
            break
        head = [*_head(shown, width, facts)]
        if shown.card.reason == "intervention":
            least = _least(len(body), LEAST_OF_FAILURE)
    room = max(least, height - len(head) - len(choices))
    if len(body) <= room:
        return Layout((*head, *body, *choices), 0, 0)
    room -= 1
    deepest = len(body) - room
    first = max(0, min(scroll, deepest))
    hidden = deepest - first
    marker = f"▼ {plural(hidden, 'more line')} · pgdn" if hidden else "▲ this is the end · pgup"
    edge = Content.styled(
        f"{marker} · {find('run', 'whole').key} all of it · z whole screen"[:width], f"{STYLES['attention']} on $panel"
    )
    return Layout((*head, *body[first : first + room], edge, *choices), hidden, deepest)


def _least(lines: int, wanted: int) -> int:
    """The rows that so many lines take at least, the one that says what is hidden among them."""
    return lines if lines <= wanted else wanted + 1


def _head(shown: Shown, width: int, facts: int = 3) -> list[Content]:
    card = shown.card
    lines = [*_wrapped(card.what, width, "bold")]
    if shown.card.facts:
        told = _wrapped(" · ".join(f"{key}: {text}" for key, text in card.facts), width, QUIET)
        if len(told) > facts:
            told[facts - 1] = line(f"{told[facts - 1].plain[: width - 1]}…", width, QUIET)
        lines += told[:facts]
    for note in shown.notes:
        lines += _wrapped(note, width, STYLES["warning"])
    return lines


def _body(card: Card, width: int) -> list[Content]:
    lines: list[Content] = []
    # A question of one line is its own title.
    for text in card.body.split("\n") if card.body and card.body != card.what else ():
        style = _DIFF.get(text[:1], "") if card.language == "diff" else ""
        lines += _wrapped(text, width, style)
    return lines


def _wrapped(text: str, width: int, style: str) -> list[Content]:
    return [Content.styled(text[start:end].rstrip(), style).expand_tabs(4) for start, end in breaks(text, width)]


def _choices(shown: Shown, width: int, *, whole: bool, dimmed: bool) -> list[Content]:
    """A blank line, and for each choice its key, its name, what it leads to: cut to a line, or the `whole` of it.

    With those that are not offered, `dimmed`.
    """
    card = shown.card
    offered = {choice.name: choice.meaning for choice in card.choices}
    named = {name: text for name, text in offered.items() if known("run", _action(name))}
    if card.reason == "question":
        # Its own words, where it has some, are chosen from a list.
        words = ", ".join(name for name in offered if name not in named)
        named["answer"] = shown.wanted or (f"one of: {words}" if words else named.get("answer", ""))
        named = {name: named[name] for name in ("answer", "default") if name in named}
    expected = [name for name in OFFERS.get(card.reason, ()) if name in named or (dimmed and card.reason in NAMED)]
    names = [*dict.fromkeys((*expected, *named))]
    widest = max((len(choice_label(card, name)) for name in names), default=0)
    rows = [Content("")]
    for name in names:
        dim = "" if name in named else " dim"
        # What an answer may be comes from the schema of a file, and is cleaned here.
        text = one_line(named[name], 400) if name in named else WHY_NOT.get(name, "not offered here")
        label = f"  {choice_label(card, name):<{widest}}  "
        room, style = max(1, width - len(label) - 1), f"{QUIET}{dim}"
        told = _wrapped(text, room, style) if whole else [line(text, room, style)]
        key = (find("run", _action(name)).key, f"{QUIET} dim" if dim else KEY)
        rows.append(Content.assemble(key, (label, f"{QUIET} dim" if dim else "bold"), told[0]))
        rows += [Content.assemble(" " * (len(label) + 1), more) for more in told[1:]]
    return rows


def _action(name: str) -> str:
    """The action of the table that takes a choice."""
    return "choose" if name == "answer" else name


def choice_label(card: Card, name: str) -> str:
    """What a choice is called on the screen."""
    if name == "edit" and card.reason == "approval":
        return "edit"
    return find("run", _action(name)).label


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
            key = find("run", "next_asked").key
            queue = f" {shown.place}/{shown.total}, {key} next" if shown.total > 1 else ""
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
