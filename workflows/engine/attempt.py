"""One try of one step: what its kind may do (the context), and how its end is recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from workflows.clock import Clock
from workflows.effects import Effect, Usage
from workflows.engine.choices import entry_id
from workflows.engine.decide import Gate, Perform
from workflows.engine.recovery import close_call
from workflows.errors import CallFailed, Failure, OutcomeUnknown, UnderstudyError, fail
from workflows.planning.plan import PlannedStep
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.steps.context import Answer, Question, Result
from workflows.steps.kind import Shown, StepKind
from workflows.values import Json, canonical, digest, plain

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Recorder(Protocol):
    """The run's journal as an attempt sees it. `state` is what the posted events come to."""

    @property
    def state(self) -> RunState: ...

    @property
    def clock(self) -> Clock: ...

    def post(self, *events: e.Event) -> asyncio.Future[None]:
        """Add events to the next commit. The future is done when they are durable."""
        ...

    def answer_to(self, entry: str) -> asyncio.Future[e.Answered]: ...

    def stream(self, step: str, attempt: int, text: str, *, log: bool = False) -> None: ...


class AttemptContext:
    """The context that a step kind acts through. See workflows.steps.context.Context."""

    def __init__(self, recorder: Recorder, planned: PlannedStep, n: int, performer: str) -> None:
        self._recorder = recorder
        self._planned = planned
        self._n = n
        self._performer = performer
        self.deadline: asyncio.Timeout | None = None

    @property
    def run_id(self) -> str:
        return self._recorder.state.run_id

    @property
    def address(self) -> str:
        return self._planned.id

    @property
    def root(self) -> Path:
        return Path(self._recorder.state.root)

    @property
    def input(self) -> Json:
        return self._recorder.state.steps[self._planned.id].input

    @property
    def performer(self) -> str:
        return self._performer

    async def call(
        self,
        key: str,
        spec: Json,
        effect: Effect,
        act: Callable[[str], Awaitable[Result]],
        *,
        digest: str = "",
        model: str = "",
    ) -> Json:
        step = self._recorder.state.steps[self._planned.id]
        known = step.calls.get(key)
        spec_digest = _digest(spec)
        if known and known.status == "succeeded":
            if known.spec_digest != spec_digest:
                raise fail("validation", f"{self.address}/{key} was done with another input before.", "Edit and retry.")
            return known.output
        repeats = known.repeats if known else 0
        started = e.CallStarted(
            self.address,
            key,
            known.n + 1 if known else 1,
            self._planned.effect or effect,
            _short(spec),
            spec_digest,
            _digest([self.run_id, self.address, key, self._performer, step.generation, repeats]),
            digest,
            model,
        )
        await self._intend(started)
        try:
            result = await act(started.idempotency_key)
            output = plain(result.output)
        except CallFailed as error:
            self._recorder.post(e.CallFailed(self.address, key, "failed", error.failure, error.usage))
            raise
        except OutcomeUnknown as error:
            unsafe = started.effect == "unsafe"
            usage = Usage(model) if model else None
            status: Literal["unknown", "interrupted"] = "unknown" if unsafe else "interrupted"
            self._recorder.post(e.CallFailed(self.address, key, status, error.failure, usage))
            raise
        except asyncio.CancelledError:
            call = self._recorder.state.steps[self._planned.id].calls[key]
            self._recorder.post(close_call(self.address, call, "It was stopped while it ran"))
            raise
        except Exception as error:  # a fault in a kind or a skill must end as a record, not as a traceback
            failure = _failure(self._planned, error)
            self._recorder.post(e.CallFailed(self.address, key, "failed", failure))
            raise CallFailed(failure) from error
        # Not awaited: whatever the step does next needs a commit of its own, which comes after this one.
        self._recorder.post(e.CallFinished(self.address, key, output, result.usage))
        return output

    async def _intend(self, started: e.CallStarted) -> None:
        """Intent before effect: nothing happens outside before this is durable.

        The step's deadline stands still while the journal is waited for. What is stopped here was never begun.
        """
        durable = self._recorder.post(started)
        try:
            await self._outside_the_deadline(asyncio.shield(durable))
        except asyncio.CancelledError:
            failure = Failure("transient", "It was stopped before it began; it can be made safely.")
            self._recorder.post(e.CallFailed(self.address, started.key, "interrupted", failure))
            raise

    async def sleep(self, key: str, seconds: float) -> None:
        await self.sleep_until(key, self._recorder.clock.now() + seconds)

    async def sleep_until(self, key: str, when: float) -> None:
        until = self._recorder.state.steps[self._planned.id].timers.get(key)
        if until is None:
            until = when
            await asyncio.shield(self._recorder.post(e.TimerSet(self.address, key, until)))
        left = until - self._recorder.clock.now()
        if left > 0:
            await self._outside_the_deadline(self._recorder.clock.sleep(left))

    async def ask(self, key: str, question: Question) -> Answer:
        state = self._recorder.state
        step = state.steps[self._planned.id]
        asked = next(
            (
                state.inquiries[entry]
                for entry in reversed(step.inquiries)
                if state.inquiries[entry].asked.key == key and state.inquiries[entry].generation == step.generation
            ),
            None,
        )
        if asked is None or asked.voided:
            event = inquiry_event(state, self.address, key, question, self._recorder.clock.now())
            await asyncio.shield(self._recorder.post(event))
            entry = event.entry
        else:
            entry = asked.asked.entry
        answered = await self._outside_the_deadline(self._recorder.answer_to(entry))
        return Answer(answered.choice, answered.value, answered.note, answered.by)

    def stream(self, text: str) -> None:
        self._recorder.stream(self.address, self._n, text)

    def log(self, text: str) -> None:
        self._recorder.stream(self.address, self._n, text, log=True)

    async def _outside_the_deadline(self, waiting: Awaitable[T]) -> T:
        """Wait for a person, a timer or the journal. The timeout is for the step's own work and stands still."""
        deadline, loop = self.deadline, asyncio.get_running_loop()
        left = None
        if deadline is not None and (when := deadline.when()) is not None:
            left = when - loop.time()
            deadline.reschedule(None)
        try:
            return await waiting
        finally:
            if deadline is not None and left is not None:
                deadline.reschedule(loop.time() + left)


def inquiry_event(state: RunState, step: str, key: str, question: Question, now: float, *, digest: str = "") -> e.Asked:
    """The event that asks a question."""
    return e.Asked(
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
    )


async def open_gate(recorder: Recorder, kind: StepKind, planned: PlannedStep, gate: Gate) -> None:
    """Show what the step is about to do, and ask. The answer is bound to what was shown."""
    step = recorder.state.steps[planned.id]
    n, performer = len(step.attempts) + 1, planned.performers[step.performer]
    context = AttemptContext(recorder, planned, n, performer)
    try:
        shown = await kind.show(context)
    except Exception as error:  # what cannot be shown cannot be approved: it ends as a failed try
        failure = _failure(planned, error)
        recorder.post(e.AttemptStarted(planned.id, n, performer), e.AttemptFinished(planned.id, n, "failed", failure))
        return
    recorder.post(_gate_event(recorder, planned, context, shown))


def _gate_event(recorder: Recorder, planned: PlannedStep, context: AttemptContext, shown: Shown) -> e.Asked:
    question = Question("approval", shown.title, shown.body, shown.facts, ("approve", "deny"), language=shown.language)
    bound = _shown_digest(context, shown)
    return inquiry_event(recorder.state, planned.id, "gate", question, recorder.clock.now(), digest=bound)


def _shown_digest(context: AttemptContext, shown: Shown) -> str:
    return _digest([context.input, context.performer, shown.title, shown.body, dict(shown.facts), shown.binds])


async def perform(recorder: Recorder, kind: StepKind, planned: PlannedStep, action: Perform) -> None:
    """Make one try and post how it ended. Cancelling it records nothing here: the run's driver knows why."""
    context = AttemptContext(recorder, planned, action.n, action.performer)
    started = e.AttemptStarted(planned.id, action.n, action.performer, action.digest, action.approved)
    recording = False
    try:
        if action.check:
            shown = await kind.show(context)
            if _shown_digest(context, shown) != recorder.state.inquiries[action.approved].asked.digest:
                recorder.post(e.ApprovalVoided(action.approved, "what was approved has changed since"))
                recorder.post(_gate_event(recorder, planned, context, shown))
                return
        recorder.post(started)
        recording = True
        async with asyncio.timeout(planned.timeout) as context.deadline:
            output = plain(await kind.run(context))
    except Exception as error:  # whatever went wrong must end as a record, not as a dead run
        if not recording:
            recorder.post(started)
        recorder.post(_ending(recorder, planned, action.n, context, error))
    else:
        recorder.post(e.AttemptFinished(planned.id, action.n, "succeeded"))
        recorder.post(e.StepFinished(planned.id, "succeeded", output))


def _ending(
    recorder: Recorder, planned: PlannedStep, n: int, context: AttemptContext, error: Exception
) -> e.AttemptFinished:
    """How a try ended that did not succeed. One that left an unsafe call with an unknown outcome is unknown itself."""
    calls = recorder.state.steps[planned.id].calls
    unknown = any(call.status == "unknown" for key, call in calls.items() if "@" not in key)
    if context.deadline is not None and context.deadline.expired():
        failure = Failure("timeout", f"It took longer than its {planned.timeout:g} s.", "Raise `timeout`.")
        return e.AttemptFinished(planned.id, n, "unknown" if unknown else "timed_out", failure)
    return e.AttemptFinished(planned.id, n, "unknown" if unknown else "failed", _failure(planned, error))


def _failure(planned: PlannedStep, error: Exception) -> Failure:
    if isinstance(error, CallFailed | OutcomeUnknown):
        return error.failure
    if isinstance(error, UnderstudyError):
        return Failure("validation", error.message, error.hint)
    _log.error("step %s", planned.id, exc_info=error)
    return Failure("unknown", f"{type(error).__name__}: {error}", "This is a fault in the program or in a skill.")


def _digest(value: Json) -> str:
    return digest(value)


def _short(spec: Json, most: int = 4096) -> Json:
    """The spec as history keeps it: whole where it is small, else its beginning."""
    text = canonical(spec)
    return spec if len(text) <= most else {"beginning": text[:most], "length": len(text)}
