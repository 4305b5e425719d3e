"""What a person is asked about a step, as events: a question from inside it, or the gate before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.border import admit
from workflows.engine.asking import is_used_up
from workflows.engine.choices import entry_id
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState, StepState
from workflows.steps.context import Question
from workflows.steps.kind import Shown
from workflows.values import digest as digest_of

if TYPE_CHECKING:
    from workflows.engine.attempt_context import AttemptContext
    from workflows.engine.recorder import Recorder


def inquiry_event(state: RunState, step: str, key: str, question: Question, now: float, *, digest: str = "") -> e.Asked:
    """The event that asks a question. An approval is bound to all of it."""
    if not digest and question.tool:
        facts = dict(question.facts or {})
        digest = digest_of([question.tool, question.title, question.body, facts, question.pattern, question.binds])
    asked = e.Asked(
        entry=entry_id(state, step),
        step=step,
        key=key,
        reason=question.reason,
        title=question.title,
        body=question.body,
        facts=dict(question.facts or {}),
        choices=question.choices,
        digest=digest,
        schema=question.schema,
        until=None if question.timeout is None else now + question.timeout,
        default=question.default,
        language=question.language,
        tool=question.tool,
        pattern=question.pattern,
    )
    if state.attended:
        return asked
    from workflows.engine.silence import bounded  # most runs ask nobody

    return bounded(state, asked, now)


def asked_before(state: RunState, step: StepState, event: e.Asked) -> Inquiry | None:
    """The entry under which an earlier try of the step asked this; None where nothing of it counts.

    Where nobody answered in time each try asks anew, and so does what used its approval up.
    """
    for entry in reversed(step.inquiries):
        inquiry = state.inquiries[entry]
        if inquiry.asked.key == event.key and inquiry.generation == step.generation:
            late = inquiry.answer is not None and inquiry.answer.by == "default"
            if event.tool and is_used_up(step, inquiry):
                return None
            asker = next((attempt for attempt in step.attempts if attempt.n == inquiry.attempt), None)
            return None if inquiry.voided or (late and asker is not None and asker.counts) else inquiry
    return None


def same_question(asked: e.Asked, event: e.Asked) -> bool:
    """Whether a person was asked exactly this before, whenever that was."""
    return replace(asked, entry=event.entry, until=event.until) == event


def gate_event(recorder: Recorder, context: AttemptContext, shown: Shown) -> e.Asked:
    """The event that asks whether a step may do exactly what is shown."""
    editable = isinstance(context.input, dict) and context.input and not context.planned.holds_steps
    choices = ("approve", "edit", "deny") if editable else ("approve", "deny")
    # What is shown may come from a file. The digest is of what it really is.
    title, body, facts = admit([shown.title, shown.body, dict(shown.facts)], redactor=recorder.redactor)
    if context.planned.irreversible:
        facts["irreversible"] = "it cannot be undone"
    question = Question("approval", title, body, facts, choices, language=shown.language)
    bound = shown_digest(context, shown)
    return inquiry_event(recorder.state, context.address, "gate", question, recorder.clock.now(), digest=bound)


def shown_digest(context: AttemptContext, shown: Shown) -> str:
    """What an approval is bound to."""
    return digest_of([context.input, context.performer, shown.title, shown.body, dict(shown.facts), shown.binds])
