"""A run as one JSON document, and its status line. What no AI wrote says so in both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.present.ending import output_count, statistics, taken_back, warnings
from app.present.figures import cost_of, duration, plural, timestamp, tokens_of
from app.present.labels import models_of, run_label, step_label
from app.present.money import budget_document, spent_of
from app.present.status import run_badge
from app.present.story import tell
from app.present.timing import seconds_at_work
from workflows.effects import Spending
from workflows.errors import Failure
from workflows.journal.port import PostedAnswer, Summary
from workflows.runs.events import Recorded
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import walk
from workflows.secrets import hide
from workflows.text import one_line, safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from app.present.inquiry import Card

SCHEMA_VERSION = 1
"""Rises when a key of a document goes or changes its meaning; new keys may come at any time."""


def waiting_cards(state: RunState) -> tuple[Card, ...]:
    """Everything that waits for a person in this run, oldest first."""
    if state.over or not state.open_inquiries:
        return ()
    from app.present.inquiry import present_inquiry  # what people are offered is much to import

    return tuple(present_inquiry(state, inquiry) for inquiry in state.open_inquiries)


def run_document(
    state: RunState,
    answers: Iterable[PostedAnswer] = (),
    journal: Iterable[Recorded] | None = None,
    now: float | None = None,
) -> Json:
    """The run as JSON. Times are ISO 8601 in UTC, durations seconds, costs US dollars.

    `cost_usd` null means not known or none. `steps` are in the order they are read as a tree, `depth` and `inside` say
    where each stands; `scopes` are the groups of steps that were opened. `answers` are those that were left and not
    taken yet. With a `journal` there is a `story` too: what happened and was decided, a sentence an event.
    `now` is given where a living process has the run: what is at work took until then, else until the last event.
    """
    from app.present.inquiry import inquiry_document

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
        "fresh": state.fresh,
        "forked_from": state.forked_from or None,
        "version": state.version or None,
        "cause": state.cause or None,
        "fork_at": state.fork_at or None,
        "started": timestamp(state.started),
        "ended": timestamp(state.ended),
        "root": state.root,
        "parameters": state.parameters,
        "statistics": statistics(state, state.updated if now is None else now, now is not None),
        "steps": [_step_document(state, step, depth, now) for depth, step in walk(state)],
        "scopes": [_scope_document(scope) for scope in state.scopes.values()],
        "taken_back": [back.document() for back in taken_back(state)],
        "warnings": [{"step": step.id, "failure": _failure_document(step.failure)} for step in warnings(state)],
        "waiting": [inquiry_document(card) for card in waiting_cards(state)],
        "answers": [{"entry": left.entry, "choice": left.choice, "note": left.note, "by": left.by} for left in answers],
        "outputs": state.outputs,
        "failure": _failure_document(state.failure),
        "spent": spending_document(state.spent),
        "budget": budget_document(state),
    }
    if journal is not None:
        document["story"] = [_told(recorded, state) for recorded in journal]
    return hide(safe_json(document))


def _told(recorded: Recorded, state: RunState) -> Json:
    sentence = tell(recorded.event, state)
    return {
        "seq": recorded.seq,
        "at": timestamp(recorded.at),
        "event": type(recorded.event).__name__,
        "step": sentence.step,
        "text": sentence.text,
        "detail": sentence.detail,
    }


def _scope_document(scope: Scope) -> Json:
    """`name` is empty for the run's own steps; `step` is the step that waits for these."""
    return {
        "name": scope.name,
        "kind": scope.kind,
        "step": scope.owner,
        "workflow": scope.home,
        "status": scope.status,
        "steps": list(scope.steps),
        "opened": scope.opened,
        "failure": _failure_document(scope.failure),
    }


def _step_document(state: RunState, step: StepState, depth: int, now: float | None) -> Json:
    planned, scope = step.planned, state.scopes[step.scope]
    label, models = step_label(step), models_of(step)
    seconds = seconds_at_work(state, step, state.updated if now is None else now)
    return {
        "id": step.id,
        "name": planned.id,
        "depth": depth,
        "inside": scope.owner or None,
        "scope": scope.name,
        "part": scope.kind,
        "item": step.item,
        "title": planned.title,
        "kind": planned.kind,
        "stage": planned.stage,
        "status": step.status,
        "performer": planned.performers[step.performer],
        "understudy": step.understudied,
        "model": models[-1] if models else None,
        "simulated": bool(label),
        "label": label,
        "started": timestamp(step.started),
        "ended": timestamp(step.ended),
        "duration_s": None if seconds is None else round(seconds, 3),
        "success": step.status in ("succeeded", "undone") if step.over else None,
        "output_count": output_count(step.output),
        "cached_from": step.cached_from or None,
        "saved": spending_document(step.saved) if step.saved else None,
        "reused": step.reused
        and {"run": step.reused.run, "by": step.reused.by or None, "spent": spending_document(step.reused.spent)},
        "handled": [
            {"handler": taken.handler, "action": taken.action, "attempt": taken.attempt} for taken in step.handled
        ],
        "then": step.then or None,
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
        "spent": spending_document(step.spent),
    }


def _failure_document(failure: Failure | None) -> Json:
    if failure is None:
        return None
    return {
        "class": failure.kind,
        "name": failure.name or None,
        "message": failure.message,
        "hint": failure.hint,
        "detail": failure.detail,
    }


def spending_document(spent: Spending) -> Json:
    """Tokens and costs as JSON."""
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
            "heard": timestamp(summary.heard),
            "forked_from": summary.forked_from or None,
            "version": summary.version or None,
            "cause": summary.cause or None,
        }
    )


def headline(state: RunState, now: float) -> str:
    """The status line: workflow, run, state, time, steps, what needs a person, tokens, cost and the label."""
    badge = run_badge(state.status, 0 if state.over else len(state.open_inquiries))
    over = sum(step.over and step.status != "blocked" for step in state.steps.values())
    parts = [
        one_line(state.title or state.workflow, 60),
        f"run {state.run_id}",
        *([state.version] if state.version else []),
        str(badge),
        duration((state.ended or now) - state.started),
        f"{over}/{plural(len(state.steps), 'step')}",
    ]
    if failed := state.counts.get("failed", 0):
        parts.append(f"✗ {failed}")
    if undone := state.counts.get("undone", 0):
        parts.append(f"↶ {undone}")
    parts += [text for text in (tokens_of(state.spent), spent_of(state), run_label(state)) if text not in ("", "–")]
    return " · ".join(parts)
