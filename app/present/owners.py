"""Which process has a run, and what became of what was wished of it, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.present.figures import duration, plural
from workflows.journal.port import Summary

if TYPE_CHECKING:
    from app.steering import Steered

SILENT = 20.0
"""Seconds without a sign after which an owner is said to be silent: it was stopped, or hangs. It gives one every 5."""


def silence(summary: Summary, now: float) -> float:
    """For how long the run's owner, a process that still exists, has given no sign; 0 where it does."""
    if not summary.owner or summary.heard is None or now - summary.heard < SILENT:
        return 0.0
    return now - summary.heard


def silence_words(summary: Summary, now: float) -> str:
    """That the owner gives no sign, and for how long; empty where it does."""
    silent = silence(summary, now)
    return f"has not been heard of for {duration(silent)}; {summary.owner} still exists" if silent else ""


def silence_hint(summary: Summary) -> str:
    """What to do about an owner that is there and does nothing."""
    pid = number.group() if (number := re.search(r"\d+$", summary.owner)) else "PID"
    return (
        f"It may be stopped (`kill -CONT {pid}` lets it go on) or hang: `kill -KILL {pid}` ends it, "
        f"then `understudy resume {summary.run_id}` goes on from here."
    )


def owner_lines(summary: Summary, now: float) -> Iterator[tuple[str, str]]:
    """Which living process has the run, and that it gives no sign where it does not; each with a colour's role."""
    if not summary.owner:
        return
    if words := silence_words(summary, now):
        yield f"! {summary.owner} has it, and {words}", "warning"
        yield f"  {silence_hint(summary)}", ""
    else:
        yield f"{summary.owner} has it", ""


def steered_lines(steered: Steered, now: float) -> Iterator[str]:
    """What a wish about a run came to, for people."""
    state, summary, run = steered.state, steered.summary, steered.run_id
    if steered.became == "asked for":
        words = {"pause": "pauses", "continue": "goes on with", "hurry": "hurries"}.get(steered.what, "ends")
        yield f"Asked for. {summary.owner} {words} run {run} as soon as it can."
        if silent := silence_words(summary, now):
            yield f"  It {silent}. {silence_hint(summary)}"
        return
    already = " already" if steered.became == "so already" else ""
    match steered.what:
        case "pause" | "continue" if state.over:
            yield f"Run {run} is over: it {'was cancelled' if state.status == 'cancelled' else state.status}."
            yield f"  look at it: understudy show {run}"
        case "pause" if state.top.then == "cancel":
            yield f"Run {run} is being cancelled, so it is not paused."
            yield f"  watch it: understudy attach {run}"
        case "pause":
            running = sum(step.status == "running" and not step.planned.holds_steps for step in state.steps.values())
            goes = f", and {plural(running, 'step')} under way {'goes' if running == 1 else 'go'} on"
            going = goes if running and summary.owner else ""
            yield f"Run {run} is paused{already}: no new step starts{going}."
            yield f"  go on with: understudy resume {run}"
        case "continue":
            yield f"Run {run} goes on{already}, in {summary.owner}."
            if silent := silence_words(summary, now):
                yield f"  It {silent}. {silence_hint(summary)}"
            yield f"  watch it: understudy attach {run}"
        case _ if state.over:
            yield f"Run {run} is cancelled{already}." if state.status == "cancelled" else f"Run {run} {state.status}."
        case _:
            at_once = steered.what == "cancel_now"
            finish = ": its `finally` is still done" if state.top.plan.finally_ and not at_once else ""
            yield f"Run {run} is being cancelled{already}, by {summary.owner}{finish}."
            yield f"  watch it: understudy attach {run}"
            if finish:
                yield f"  leave that out too: understudy cancel {run} --now"
