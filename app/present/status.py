"""The status alphabet: a glyph, a word and a colour's role for each status. Never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from workflows.planning.ready import waits_for
from workflows.records import dataclass
from workflows.runs.state import ENDED, RunState, StepState
from workflows.runs.tree import held_by

Role = Literal["quiet", "active", "attention", "good", "bad", "warning"]
"""What a colour means. Each front end has its own colour for it."""


JOINTS = ("[", ">", "~")
"""What stands in an address between a step and what it holds, or what is done about it."""


@dataclass(frozen=True)
class Badge:
    """How a status is shown."""

    glyph: str
    word: str
    role: Role

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}"


NOT_BEGUN = Badge("○", "todo", "quiet")
QUEUED = Badge("◌", "queued", "quiet")
RUNNING = Badge("●", "running", "active")
WAITING = Badge("◌", "waiting", "quiet")
NEEDS_YOU = Badge("‖", "needs you", "attention")
FALLBACK = Badge("◆", "fallback", "warning")
UNKNOWN = Badge("?", "unknown", "attention")
UNDOING = Badge("↶", "undoing", "warning")
INTERRUPTED = Badge("!", "interrupted", "warning")
STOPPING = Badge("■", "stopping", "warning")

_BADGES: Mapping[str, Badge] = {
    "pending": NOT_BEGUN,
    "running": RUNNING,
    "started": RUNNING,
    "waiting": WAITING,
    "succeeded": Badge("✓", "done", "good"),
    "failed": Badge("✗", "failed", "bad"),
    "timed_out": Badge("✗", "timed out", "bad"),
    "skipped": Badge("↷", "skipped", "quiet"),
    "cancelled": Badge("■", "cancelled", "quiet"),
    "paused": Badge("‖", "paused", "attention"),
    "interrupted": INTERRUPTED,
    "blocked": Badge("…", "blocked", "quiet"),
    "undone": Badge("↶", "undone", "quiet"),
    "unknown": UNKNOWN,
}


def status_badge(status: str) -> Badge:
    """The badge of a status word of a run, step, attempt or call."""
    return _BADGES.get(status, Badge("?", status, "warning"))


def run_badge(status: str, needs_you: int) -> Badge:
    """The badge of a run. `needs_you` is how many entries of it wait for a person."""
    if needs_you and status in ("running", "waiting"):
        return NEEDS_YOU
    return QUEUED if status == "pending" else status_badge(status)


def unwinding(state: RunState) -> Badge | None:
    """What a run does besides its own steps, and how far it is: undoing, rolling back, finishing. Or that it stops."""
    words = {"undo": "undoing", "rollback": "rolling back", "finally": "finishing"}
    for scope in reversed(tuple(state.scopes.values())):
        if scope.open and scope.kind in words and not state.over:
            total = sum(scope.counts.values())
            over = sum(scope.counts.get(status, 0) for status in ENDED)
            where = f" in {scope.owner}" if scope.owner else ""
            glyph = RUNNING.glyph if scope.kind == "finally" else UNDOING.glyph
            return Badge(glyph, f"{words[scope.kind]} {over}/{total}{where}", "warning")
    return STOPPING if state.top.aborting and not state.over else None


def step_badge(state: RunState, step_id: str) -> Badge:
    """The badge of a step: of a waiting one what it waits for, of a running one whether its understudy performs.

    Where the run is known to be interrupted, what it says that it runs does so no longer.
    """
    step = state.steps[step_id]
    if state.status == "interrupted" and step.status == "running":
        return INTERRUPTED
    if step.status == "waiting":
        return _waiting(state, step)
    if step.status == "pending" and not (state.over or state.queued) and not waits_for(state, step_id):
        return QUEUED
    if _waits_for_a_place(state, step):
        return QUEUED
    if step.status == "running" and step.understudied:
        return FALLBACK
    return status_badge(step.status)


def _waits_for_a_place(state: RunState, step: StepState) -> bool:
    """Whether a step has begun and its next try has not: there is no place for it yet."""
    if step.status != "running" or step.planned.holds_steps or state.over:
        return False
    under_way = step.last is not None and step.last.status == "started"
    return not under_way and not any(scope.open for scope in held_by(state, step))


def _waiting(state: RunState, step: StepState) -> Badge:
    reasons = {
        state.inquiries[entry].asked.reason
        for entry in step.inquiries
        if entry in state.inquiries and state.inquiries[entry].open
    }
    within = False
    if step.planned.holds_steps:
        # It waits because all that is under way in it does.
        inside = tuple(f"{step.id}{joint}" for joint in JOINTS)
        within = any(each.asked.step.startswith(inside) for each in state.open_inquiries)
    if "unknown" in reasons:
        return UNKNOWN
    if reasons or within:
        return NEEDS_YOU
    if step.retry_at is not None:
        tries = sum(attempt.counts for attempt in step.attempts) - step.retry_base
        return Badge("↻", f"retrying {tries + 1}/{max(step.planned.retry.attempts, tries + 1)}", "warning")
    return WAITING
