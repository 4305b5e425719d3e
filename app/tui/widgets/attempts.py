"""The tries of a step: who, how it ended, what it cost, and the calls that each made."""

from __future__ import annotations

from textual.content import Content

from app.present.acts import act_words
from app.present.figures import cost_of, duration, tokens_of
from app.present.status import Badge, status_badge
from app.tui.text import QUIET, STYLES, cell, line
from app.tui.widgets.rows import Row
from workflows.effects import Spending
from workflows.runs.state import Attempt, Call, StepState
from workflows.secrets import hide


def attempt_rows(step: StepState, shown: int, now: float) -> list[Row]:
    """A row for each attempt, its key the number, and under it a line for each call. `shown` is the one on view."""
    rows: list[Row] = []
    for attempt in step.attempts:
        calls = [call for call in step.calls.values() if call.attempt == attempt.n]
        rows.append(_row(attempt, calls, attempt.n == shown, now))
        if attempt.failure is not None:
            rows.append(_note(attempt.failure.message, STYLES[status_badge(attempt.status).role].removeprefix("bold ")))
        rows += [_call(call) for call in calls]
    return rows


def _row(attempt: Attempt, calls: list[Call], shown: bool, now: float) -> Row:
    spent = Spending()
    for call in calls:
        spent = spent.plus(call.usage) if call.usage else spent
    badge = Badge("‖", "stood back", "quiet") if attempt.stood_back else status_badge(attempt.status)
    took = duration((attempt.ended if attempt.ended is not None else now) - attempt.started)

    def draw(width: int) -> Content:
        who = max(6, min(28, width - 44))
        return Content.assemble(
            ("▸" if shown else " ", STYLES["active"]),
            cell(f"#{attempt.n}", 4, "bold"),
            cell(attempt.performer or "–", who + 1),
            cell(str(badge), 13, STYLES[badge.role]),
            cell(took, 9, right=True),
            "  ",
            line(_spent(spent), 40, QUIET),
        )

    return Row(draw, str(attempt.n))


def _spent(spent: Spending) -> str:
    return " ".join(part for part in (tokens_of(spent), cost_of(spent)) if part != "–")


def _note(text: str, style: str) -> Row:
    return Row(lambda width: Content.assemble("     ", cell(text, width - 5, style)))


def _call(call: Call) -> Row:
    badge = status_badge(call.status)
    if call.usage is not None:
        words = f"{call.usage.model}  {_spent(Spending().plus(call.usage))}"
    else:
        words = act_words(hide(call.spec)) + (f" · {call.allowed}" if call.allowed else "")

    def draw(width: int) -> Content:
        return Content.assemble(
            "     ",
            (f"{badge.glyph} ", STYLES[badge.role]),
            cell(f"{call.key.partition('@')[0]}  {words}", width - 7, QUIET),
        )

    return Row(draw)
