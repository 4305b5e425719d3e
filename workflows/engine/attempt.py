"""One try of one step: what its kind may do (the context), and how its end is recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from workflows.border import LiveText, admit, admit_failure
from workflows.definition.fitting import why_unfit
from workflows.effects import Effect, Estimate, Usage
from workflows.engine.budget import asks
from workflows.engine.deadlines import Deadlines
from workflows.engine.decide import Gate, Perform
from workflows.engine.gates import asked_before, gate_event, inquiry_event, same_question, shown_digest
from workflows.engine.memory import key_of, recall, spent_on, worth_keeping
from workflows.engine.recorder import Recorder, Supposing
from workflows.engine.recovery import AGAIN, close_call
from workflows.engine.reserving import reserve
from workflows.errors import BlockFailed, CallFailed, Failure, OutcomeUnknown, OverBudget, UnderstudyError, fail
from workflows.notes import noting
from workflows.runs import events as e
from workflows.runs.permits import in_force
from workflows.runs.reduce import reduce
from workflows.runs.state import StepState
from workflows.secrets import hide, reveal
from workflows.steps.context import Answer, Leave, Question, Result
from workflows.steps.kind import StepKind
from workflows.text import one_line
from workflows.values import Json, canonical, digest_of_texts, plain
from workflows.values import digest as digest_of

_log = logging.getLogger(__name__)


class AttemptContext:
    """The context that a step kind acts through. See workflows.steps.context.Context."""

    def __init__(self, recorder: Recorder, step: str, n: int, performer: str) -> None:
        self._recorder = recorder
        self._n = n
        self._performer = performer
        self.address = step
        self.planned = recorder.state.steps[step].planned
        self.deadlines = Deadlines()
        self._live: dict[bool, LiveText] = {}
        """What was said and what was logged, once there is any."""
        self._given: e.CallFinished | None = None
        """The end of the call that is all the step does, as long as it may be recorded with the step's."""

    @property
    def step(self) -> StepState:
        return self._recorder.state.steps[self.address]

    @property
    def run_id(self) -> str:
        return self._recorder.state.run_id

    @cached_property
    def root(self) -> Path:
        return Path(self._recorder.state.root)

    @property
    def input(self) -> Json:
        return self.step.input

    @property
    def permits(self) -> tuple[str, ...]:
        return in_force(self._recorder.state)

    @property
    def performer(self) -> str:
        return self._performer

    def reveal(self, value: Json) -> Json:
        return reveal(value, self._recorder.state.nonce, self._recorder.secrets.get)

    async def call(
        self,
        key: str,
        spec: Json,
        effect: Effect,
        act: Callable[[str], Awaitable[Result]],
        *,
        digest: str = "",
        model: str = "",
        worst: Callable[[], Awaitable[Estimate]] | None = None,
        permit: Callable[[], Awaitable[Leave]] | None = None,
        told: Json = None,
        whole: bool = False,
    ) -> Json:
        self.settle()
        self.deadlines.alive()
        step = self.step
        known = step.calls.get(key)
        spec_text = canonical(spec)
        spec_digest = digest_of_texts(spec_text)
        if known and known.status == "succeeded":
            if known.spec_digest != spec_digest:
                raise fail("validation", f"{self.address}/{key} was done with another input before.", "Edit and retry.")
            return known.output
        if known and known.status == "unknown":
            raise OutcomeUnknown(known.failure or Failure("unknown", f"{self.address}/{key} may have happened."))
        leave = await permit() if permit else Leave()
        repeats = known.repeats if known else 0
        reserved = await reserve(self._recorder, self, model, worst)
        started = e.CallStarted(
            self.address,
            key,
            known.n + 1 if known else 1,
            effect if permit else self.planned.effect or effect,
            _short(spec, spec_text),
            spec_digest,
            digest_of([self.run_id, self.address, key, self._performer, step.generation, repeats]),
            digest,
            model,
            reserved,
            leave.entry,
            None if told is None else plain(admit(told, redactor=self._recorder.redactor)),
            leave.why,
        )
        try:
            await self._durable(started)
        except asyncio.CancelledError:
            # Intent before effect: what is stopped before that is durable was not begun.
            failure = Failure("transient", f"It was stopped before it began{AGAIN}")
            self._recorder.post(e.CallFailed(self.address, key, "interrupted", failure))
            raise
        try:
            result = await act(started.idempotency_key)
        except asyncio.CancelledError:
            self._recorder.post(close_call(self.address, self.step.calls[key], "It was stopped while it ran"))
            raise
        except Exception as error:  # a fault in a kind or a skill must end as a record, not as a traceback
            raise self._failed(started, error) from error
        finally:
            self.deadlines.alive()
        return self._finished(started, result, whole)

    def _failed(self, call: e.CallStarted, error: Exception) -> CallFailed | OutcomeUnknown:
        """Record how a call failed, and give what to raise of it."""
        failure = error.failure if isinstance(error, CallFailed | OutcomeUnknown) else failure_of(self.address, error)
        failure = admit_failure(failure, redactor=self._recorder.redactor)
        usage = Usage(call.model) if call.model else None  # what was not told is not nothing
        status: Literal["failed", "unknown", "interrupted"] = "failed"
        told: CallFailed | OutcomeUnknown = CallFailed(failure)
        match error:
            case CallFailed():
                usage = error.usage
                told = CallFailed(failure, usage)
            case OutcomeUnknown():
                status = "unknown" if call.effect == "unsafe" else "interrupted"
                told = OutcomeUnknown(failure)
            case UnderstudyError():
                pass
            case _ if call.effect == "unsafe":
                status, usage = "unknown", None
                told = OutcomeUnknown(failure)
        self._recorder.post(e.CallFailed(self.address, call.key, status, failure, usage))
        return told

    def _finished(self, call: e.CallStarted, result: Result, whole: bool) -> Json:
        """Record what a call gave back, and give it as it is kept."""
        try:
            output = plain(admit(result.output, redactor=self._recorder.redactor))
        except (TypeError, ValueError) as error:  # it was done, so it must not be done again for that
            failure = Failure("validation", f"What it gave back cannot be kept: {error}")
            self._recorder.post(e.CallFailed(self.address, call.key, "failed", failure, result.usage))
            raise CallFailed(failure) from error
        self._given = e.CallFinished(self.address, call.key, output, result.usage)
        if whole and result.usage is None:
            self._recorder.later(self.settle)  # with the step's end, which mostly comes at once
        else:
            self.settle()
        return output

    def settle(self) -> None:
        """Record the end of the last call, where that still waits for the step's."""
        given, self._given = self._given, None
        if given is not None:
            # Not awaited: whatever the step does next needs a commit of its own, which comes after this one.
            self._recorder.post(given)

    def gave(self, output: Json) -> bool:
        """Whether this is what a call gave whose end still waits for the step's. It is plain then."""
        return self._given is not None and self._given.output is output

    def ending(self, output: Json) -> str:
        """The call whose end is recorded with the step's, as that is its output; empty where there is none."""
        if self._given is None or not self.gave(output):
            self.settle()
            return ""
        key, self._given = self._given.key, None
        return key

    def made(self, key: str) -> bool:
        self.settle()
        return (known := self.step.calls.get(key)) is not None and known.status == "succeeded"

    def used(self, key: str) -> Usage | None:
        self.settle()
        return known.usage if (known := self.step.calls.get(key)) else None

    def _durable(self, event: e.Event) -> Awaitable[None]:
        """Post the event; awaited until it is durable. The deadlines stand still while the journal is waited for."""
        return self.deadlines.outside(self._recorder.post(event))

    async def sleep(self, key: str, seconds: float) -> None:
        await self.sleep_until(key, self._recorder.clock.now() + seconds, seconds)

    async def sleep_until(self, key: str, when: float, most: float = float("inf")) -> None:
        self.settle()
        until = self.step.timers.get(key)
        if until is None:
            until = when
            await self._durable(e.TimerSet(self.address, key, until))
        left = min(until - self._recorder.clock.now(), most)  # the clock may have been put back meanwhile
        if left > 0:
            await self.deadlines.outside(self._recorder.away(self.address, self._recorder.clock.sleep(left)))

    async def ask(self, key: str, question: Question) -> Answer:
        self.settle()
        state, step = self._recorder.state, self.step
        if question.tool:  # what is shown of it may come from a file
            seen = [question.title, question.body, dict(question.facts or {})]
            title, body, facts = admit(seen, redactor=self._recorder.redactor)
            question = replace(question, title=title, body=body, facts=facts)
        event = inquiry_event(state, self.address, key, question, self._recorder.clock.now())
        known = asked_before(state, step, event)
        if known is not None and not same_question(known.asked, event):
            self._recorder.post(e.ApprovalVoided(known.asked.entry, "what is asked has changed since"))
            known = None
        entry = event.entry if known is None else known.asked.entry
        if known is None:
            await self._durable(event)
        answer = self._recorder.away(self.address, self._recorder.answer_to(entry))
        answered = await self.deadlines.outside(answer)
        return Answer(answered.choice, answered.value, answered.note, answered.by, entry)

    async def steps(self) -> Json:
        if not self.planned.holds_steps:
            raise fail(
                "dependency", f"{self.address} holds no steps: what it names cannot be used", "Validate the file."
            )
        kind: e.ScopeKind = "each" if self.planned.each else "child" if self.planned.child else "block"
        if kind == "block" and self.input["branch"] is None:
            return {}
        # An attempt that was cut off left it open; one that failed left it closed, and what failed is done again. The
        # first one finds it closed where a fork began with steps that all stand.
        before = self._recorder.state.scopes.get(self.address)
        stands = before is not None and (before.open or (self._n == 1 and before.status == "succeeded"))
        if before is None or not stands or before.generation != self.step.generation:
            await self._durable(e.ScopeOpened(self.address, self.address, kind, self.input))
        while (scope := self._recorder.state.scopes[self.address]).open:
            moved = self._recorder.moved(self.address)
            await (self.deadlines.outside(moved) if self.step.status == "waiting" else moved)
        if scope.status == "succeeded":
            return scope.output
        raise BlockFailed(scope.failure or Failure("unknown", "It was stopped."), scope.then)

    async def abort_steps(self, why: str) -> None:
        """Stop the steps that this one holds, and wait until they are."""
        scope = self._recorder.state.scopes.get(self.address)
        if scope is not None and scope.open:
            failure = Failure("timeout", why, "Raise `timeout`.")
            self._recorder.post(e.ScopeAborted(self.address, why, failure))
            while self._recorder.state.scopes[self.address].open:
                await self._recorder.moved(self.address)

    def stream(self, text: str) -> None:
        self._tell(text, log=False)

    def log(self, text: str) -> None:
        self._tell(text, log=True)

    def _tell(self, text: str, *, log: bool) -> None:
        self.deadlines.alive()
        if log not in self._live:
            recorder = self._recorder
            stream = partial(recorder.stream, self.address, self._n, log=log)
            self._live[log] = LiveText(stream, recorder.redactor)
        self._live[log](text)

    def flush(self) -> None:
        """Record and pass on what was held back so far."""
        self.settle()
        for live in self._live.values():
            live.flush()


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
            of = known.run_id
            recorder.post(_succeeded(action, known.output, cached_from=of, spent=known.spent))
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


def failure_of(step: str, error: Exception) -> Failure:
    """What went wrong in a step, whatever was raised."""
    if isinstance(error, CallFailed | OutcomeUnknown):
        return error.failure
    if isinstance(error, UnderstudyError):
        return Failure("validation", error.message, error.hint)
    _log.error("step %s", step, exc_info=error)
    return Failure("unknown", f"{type(error).__name__}: {error}", "This is a fault in the program or in a skill.")


def _short(spec: Json, text: str, most: int = 16_384, beginning: int = 4096) -> Json:
    """The spec as history keeps it: whole where its text is short, else the beginning of that, and what covers all."""
    if len(text) <= most:
        return spec
    return {"beginning": text[:beginning], "length": len(text), "digest": digest_of(hide(spec))}
