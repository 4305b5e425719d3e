"""A run as one JSON document, and as the lines of `show`. What no AI wrote says so in both."""

from __future__ import annotations

from collections.abc import Iterable

from app.present.figures import cost_of, duration, plural, seconds_at_work, timestamp, tokens_of
from app.present.inquiry import Card, inquiry_document, present_inquiry
from app.present.labels import models_of, run_label, step_label
from app.present.status import run_badge, step_badge
from workflows.errors import Failure
from workflows.journal.port import PostedAnswer, Summary
from workflows.runs.state import RunState, Spending, StepState
from workflows.secrets import hide
from workflows.text import one_line, safe_json
from workflows.values import Json

SCHEMA_VERSION = 1
"""Rises when a key of a document goes or changes its meaning; new keys may come at any time."""


def waiting_cards(state: RunState) -> tuple[Card, ...]:
    """Everything that waits for a person in this run, oldest first."""
    return () if state.over else tuple(present_inquiry(state, inquiry) for inquiry in state.open_inquiries)


def run_document(state: RunState, answers: Iterable[PostedAnswer] = ()) -> Json:
    """The run as JSON. Times are ISO 8601 in UTC, costs US dollars; `cost_usd` null means not known or none.

    `answers` are those that were left and not taken yet.
    """
    label = run_label(state)
    document = {
        "schema_version": SCHEMA_VERSION,
        "run": state.run_id,
        "workflow": state.workflow,
        "title": state.title,
        "status": state.status,
        "why": state.why,
        "simulated": bool(label),
        "label": label,
        "attended": state.attended,
        "started": timestamp(state.started),
        "ended": timestamp(state.ended),
        "root": state.root,
        "parameters": state.parameters,
        "steps": [_step_document(state, step) for step in state.steps.values()],
        "waiting": [inquiry_document(card) for card in waiting_cards(state)],
        "answers": [{"entry": left.entry, "choice": left.choice, "note": left.note, "by": left.by} for left in answers],
        "outputs": state.outputs,
        "failure": _failure_document(state.failure),
        "spent": _spending_document(state.spent),
    }
    return hide(safe_json(document))


def _step_document(state: RunState, step: StepState) -> Json:
    planned = state.steps[step.id].planned
    label, models = step_label(step), models_of(step)
    return {
        "id": step.id,
        "title": planned.title,
        "kind": planned.kind,
        "stage": planned.stage,
        "status": step.status,
        "performer": planned.performers[step.performer],
        "understudy": step.performer > 0,
        "model": models[-1] if models else None,
        "simulated": bool(label),
        "label": label,
        "started": timestamp(step.started),
        "ended": timestamp(step.ended),
        "attempts": [
            {
                "n": attempt.n,
                "performer": attempt.performer,
                "status": attempt.status,
                "started": timestamp(attempt.started),
                "ended": timestamp(attempt.ended),
                "failure": _failure_document(attempt.failure),
            }
            for attempt in step.attempts
        ],
        "input": step.input,
        "output": step.output,
        "why": step.why,
        "failure": _failure_document(step.failure),
        "spent": _spending_document(step.spent),
    }


def _failure_document(failure: Failure | None) -> Json:
    if failure is None:
        return None
    return {"class": failure.kind, "message": failure.message, "hint": failure.hint, "detail": failure.detail}


def _spending_document(spent: Spending) -> Json:
    return {
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "cost_usd": spent.cost_usd if spent.cost_known else None,
        "cost": cost_of(spent),
        "cost_known": spent.cost_known,
        "simulated": spent.simulated,
    }


def summary_document(summary: Summary) -> Json:
    """One run of a list as JSON."""
    return safe_json(
        {
            "run": summary.run_id,
            "workflow": summary.workflow,
            "title": summary.title,
            "status": summary.status,
            "simulated": summary.simulated,
            "started": timestamp(summary.started),
            "updated": timestamp(summary.updated),
            "ended": timestamp(summary.finished),
            "steps": {"done": summary.steps_done, "total": summary.steps_total, "failed": summary.steps_failed},
            "waiting": [
                {"entry": waiting.entry, "step": waiting.step, "reason": waiting.reason, "title": waiting.title}
                for waiting in summary.inbox
            ],
            "tokens_in": summary.tokens_in,
            "tokens_out": summary.tokens_out,
            "cost_usd": summary.cost_usd if summary.cost_known else None,
            "cost_known": summary.cost_known,
            "root": summary.root,
            "owner": summary.owner,
        }
    )


def headline(state: RunState, now: float) -> str:
    """The status line: workflow, run, state, time, steps, what needs a person, tokens, cost and the label."""
    badge = run_badge(state.status, 0 if state.over else len(state.open_inquiries))
    over = sum(step.over for step in state.steps.values())
    parts = [
        one_line(state.title or state.workflow, 60),
        f"run {state.run_id}",
        str(badge),
        duration((state.ended or now) - state.started),
        f"{over}/{plural(len(state.steps), 'step')}",
    ]
    if failed := state.counts.get("failed", 0):
        parts.append(f"✗ {failed}")
    parts += [
        text for text in (tokens_of(state.spent), cost_of(state.spent), run_label(state)) if text not in ("", "–")
    ]
    return " · ".join(parts)


def step_lines(state: RunState) -> Iterable[str]:
    """A line a step: state, time, who did it, what it cost, how it went."""
    wide = max((len(step) for step in state.steps), default=0)
    for step in state.steps.values():
        planned = state.steps[step.id].planned
        seconds = seconds_at_work(step, state.updated)
        took = "" if seconds is None else duration(seconds)
        notes = [planned.performers[step.performer]]
        if step.performer:
            notes[0] = f"{notes[0]} for {planned.performers[0]}"
        if len(step.attempts) > 1:
            notes.append(f"{len(step.attempts)} tries")
        notes += [text for text in (cost_of(step.spent), step_label(step)) if text != "–"]
        if step.failure is not None and step.status not in ("succeeded", "skipped"):
            notes.append(one_line(step.failure.message, 160))
        elif step.status == "skipped":
            notes.append(one_line(step.why, 160))
        badge = str(step_badge(state, step.id))
        yield f"{step.id:<{wide}}  {badge:<15} {took:>9}  {' · '.join(note for note in notes if note)}".rstrip()
