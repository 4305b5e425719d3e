"""The row that is always there: which run, how it stands, what it took. Too narrow, it drops what matters least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from app.present.figures import NOTHING, duration, tokens_of
from app.present.labels import cached_of, models_of, run_label
from app.present.money import spent_of
from app.present.status import run_badge, unwinding
from app.tui.text import STYLES, line
from workflows.records import dataclass
from workflows.runs.state import ENDED, RunState
from workflows.text import one_line

SEPARATOR = "  "
BAR = " │ "

STATE = 2
"""The place of the run's state in its line."""

WIDEST = 200
"""Columns of one item, at most."""

NO_COST = "no cost"
"""Said where models cost nothing, and where none was asked."""


@dataclass(frozen=True)
class Item:
    """A part of the line. One that is `kept` is never dropped; `bar` sets it off from what stands before it."""

    text: str
    style: str = ""
    kept: bool = False
    bar: bool = False


def run_items(state: RunState, now: float, *, status: str = "", following: bool | None = None) -> list[Item]:
    """The line of a run. `status` is the run's as its list knows it, where that differs (its owner is gone)."""
    needs = 0 if state.over else len(state.open_inquiries)
    shown = run_badge(status or state.status, needs)
    done = sum(count for status, count in state.counts.items() if status in ENDED and status != "blocked")
    failed = state.counts.get("failed", 0)
    models = [model for step in state.steps.values() for model in models_of(step)]
    label = run_label(state)
    items = [
        Item(one_line(state.title or state.workflow, 40), "bold"),
        Item(state.run_id, STYLES["quiet"]),
        Item(str(shown), STYLES[shown.role]),
        Item(duration((state.ended or now) - state.started)),
        Item(f"{done}/{len(state.steps)} steps"),
    ]
    if (doing := unwinding(state)) is not None:
        items.append(Item(str(doing), STYLES[doing.role], kept=True))
    if needs:
        items.append(Item(f"‖ {needs}", STYLES["attention"], kept=True))
    if (left := _countdown(state, now)) is not None:
        items.append(Item(left, STYLES["warning"]))
    if failed:
        items.append(Item(f"✗ {failed}", STYLES["bad"]))
    if (tokens := tokens_of(state.spent, cached_of(state))) != NOTHING:
        items.append(Item(tokens, bar=True))
    price = spent_of(state)
    items.append(Item(NO_COST if price == NOTHING else price, kept=True, bar=tokens == NOTHING))
    if models and not label:
        items.append(Item(one_line(models[-1], 40), STYLES["quiet"], bar=True))
    if label:
        items.append(Item(label, STYLES["warning"], kept=True, bar=True))
    if following is not None:
        items.append(Item("following" if following else "not following", STYLES["quiet"], bar=True))
    return items


def _countdown(state: RunState, now: float) -> str | None:
    """How long it is until the next try of a step, or the end of a wait, where one is waited for."""
    if state.over or not (state.counts.get("waiting") or state.counts.get("running")):
        return None
    waiting = [step for step in state.steps.values() if step.status in ("waiting", "running")]
    tries = [step.retry_at for step in waiting if step.retry_at is not None and step.retry_at > now]
    ends = [until for step in waiting for until in step.timers.values() if until > now]
    asked = (inquiry.asked.until for inquiry in state.open_inquiries)
    ends += [until for until in asked if until is not None and until > now]  # then a default is taken
    if tries:
        return f"↻ in {duration(min(tries) - now)}"
    return f"◌ {duration(min(ends) - now)}" if ends else None


def fit(items: Sequence[Item], width: int) -> list[Item]:
    """The items that fit, dropped from right to left, but never those that are kept. The first one stays too."""
    left = list(items)
    while len(left) > 1 and _length(left) > width:
        droppable = [place for place, item in enumerate(left) if place and not item.kept]
        if not droppable:
            break
        del left[droppable[-1]]
    if left and (over := _length(left) - width) > 0:
        room = max(1, cell_len(left[0].text) - over)
        left[0] = Item(one_line(left[0].text, room), left[0].style, left[0].kept)
    return left


def _length(items: Sequence[Item]) -> int:
    return sum(cell_len(item.text) for item in items) + sum(len(_gap(item)) for item in items[1:])


def _gap(item: Item) -> str:
    return BAR if item.bar else SEPARATOR


class StatusLine(Widget):
    """Draws the items it was given last."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        dock: top;
        padding: 0 1;
        background: $panel;
        color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Item, ...] = ()

    def show(self, items: Sequence[Item]) -> None:
        """Show these. What they say may be from anywhere: only its characters are shown."""
        if (given := tuple(replace(item, text=line(item.text, WIDEST).plain) for item in items)) != self._items:
            self._items = given
            self.refresh()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for place, item in enumerate(fit(self._items, self.content_size.width)):
            if place:
                parts.append((_gap(item), STYLES["quiet"]))
            parts.append((item.text, item.style))
        return Content.assemble(*parts)
