"""One try of one step, from its beginning to its end, and how that is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workflows.border import admit_failure
from workflows.definition.fitting import why_unfit
from workflows.engine.attempt_context import AttemptContext, failure_of
from workflows.engine.budget import asks
from workflows.engine.decide import Gate, Perform
from workflows.engine.gates import gate_event, shown_digest
from workflows.engine.memory import key_of, recall, spent_on, worth_keeping
from workflows.engine.recorder import Recorder, Supposing
from workflows.errors import BlockFailed, Failure, OverBudget, UnderstudyError, fail
from workflows.notes import noting
from workflows.runs import events as e
from workflows.runs.reduce import reduce
from workflows.steps.kind import StepKind
from workflows.text import one_line
from workflows.values import Json, plain


async def open_gate(recorder: Recorder, kind: StepKind, gate: Gate) -> None:
    """Show what the step is about to do, and ask. The answer is bound to what was shown."""
    step = recorder.state.steps[gate.step]
    n, performer = len(step.attempts) + 1, step.planned.performers[step.performer]
    context = AttemptContext(recorder, step.id, n, performer)
    try:
        shown = await kind.show(context)
    except Exception as error:  # what cannot be shown cannot be approved: it ends as a failed try
        failure = admit_failure(failure_of(step.id, error), redactor=recorder.redactor)
        recorder.post(e.AttemptStarted(step.id, n, performer), e.AttemptFinished(step.id, n, "failed", failure))
        return
    recorder.post(gate_event(recorder, context, shown))


async def suppose(recorder: Recorder, kind: StepKind, step: str, given: Json) -> None:
    """See whether a step could be shown with another input. Raises UnderstudyError where it could not."""
    edited = e.Recorded(recorder.state.seq + 1, recorder.clock.now(), e.InputEdited(step, given))
    supposed = replace(reduce(recorder.state, edited), seq=recorder.state.seq)
    planned = supposed.steps[step]
    context = AttemptContext(Supposing(recorder, supposed), step, 0, planned.planned.performers[planned.performer])
    try:
        await kind.show(context)
    except Exception as error:  # whatever it is, it is what would become of the edit
        failure = admit_failure(failure_of(step, error), redactor=recorder.redactor)
        raise UnderstudyError(failure.message, failure.hint or "Give another input, or answer otherwise.") from error


async def perform(recorder: Recorder, kind: StepKind, action: Perform) -> None:
    """Make one try and post how it ended. Cancelling it records nothing here: the run's driver knows why."""
    context = AttemptContext(recorder, action.step, action.n, action.performer)
    recording = action.begun
    try:
        if action.recheck:
            shown = await kind.show(context)
            if shown_digest(context, shown) != recorder.state.inquiries[action.approved].asked.digest:
                recorder.post(e.ApprovalVoided(action.approved, "what was approved has changed since"))
                recorder.post(gate_event(recorder, context, shown))
                return
        if not recording:
            recorder.post(_started(action))
            recording = True
        planned, key = context.planned, ""
        if planned.remember is not None:
            key = await key_of(kind, context, recorder.state, context.step, action.digest)
        known = await recall(recorder, context.step, key) if key else None
        if known is not None:
            recorder.post(_succeeded(action, known.output, cached_from=known.run_id, spent=known.spent))
            return
        # What holds steps does nothing itself: those show signs of life, or not, each for itself.
        idle = None if planned.holds_steps else planned.idle_timeout
        with noting(lambda text: _note(recorder, action.step, text)):
            work = context.steps() if planned.each else kind.run(context)
            if planned.timeout is not None or idle is not None:
                work = context.deadlines.keep(work, planned.timeout, idle)
            found = await work
        output = found if context.gave(found) else plain(found)
        if why := why_unfit(planned.output_schema, output):
            raise fail("agent" if kind.name == "agent" else "validation", f"Its output: {why}")
    except Exception as error:  # whatever went wrong must end as a record, not as a dead run
        if not recording:
            recorder.post(_started(action))
        await _end(recorder, action, context, error)
    else:
        if key and not worth_keeping(recorder.state, context.step):
            key = ""
        spent = spent_on(recorder.state, context.step) if key else None
        call = context.ending(output)
        recorder.post(_succeeded(action, output, cache_key=key, spent=spent, call=call))
    finally:
        context.flush()


def _started(action: Perform) -> e.AttemptStarted:
    return e.AttemptStarted(action.step, action.n, action.performer, action.digest, action.approved)


def _succeeded(action: Perform, output: Json, **more: Any) -> e.StepFinished:
    return e.StepFinished(action.step, "succeeded", output, attempt=action.n, **more)


def _note(recorder: Recorder, step: str, text: str) -> None:
    if not recorder.state.steps[step].over:
        recorder.post(e.Noted(step, one_line(recorder.redactor.redact(text), 300)))


async def _end(recorder: Recorder, action: Perform, context: AttemptContext, error: Exception) -> None:
    """Record how a try ended that did not succeed. One that left a call with an unknown outcome is unknown itself."""
    context.settle()
    step, n = action.step, action.n
    unknown = context.step.in_doubt is not None
    if why := context.deadlines.passed:
        await context.abort_steps(why)
        failure = Failure("timeout", why, "Raise `timeout`." if "idle" not in why else "Raise `idle_timeout`.")
        recorder.post(e.AttemptFinished(step, n, "unknown" if unknown else "timed_out", failure))
        return
    failure = admit_failure(failure_of(step, error), redactor=recorder.redactor)
    if isinstance(error, OverBudget) and not unknown and asks(recorder.state, failure):
        # Nothing was done that counts as a try: a person is asked, and then it goes on where it was.
        recorder.post(e.AttemptFinished(step, n, "cancelled", failure, interrupted=True))
        return
    recorder.post(e.AttemptFinished(step, n, "unknown" if unknown else "failed", failure))
    # What rolls back does so in the workflow around the block; what ends the run ends every workflow.
    beyond = ("end",) if context.planned.child else ("rollback", "compensate", "end")
    if isinstance(error, BlockFailed) and error.then in beyond:
        recorder.post(e.StepFinished(step, "failed", failure=failure, then=error.then))
