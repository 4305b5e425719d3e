"""What a step kind may do in one try of a step: its calls, its waits, and what it asks and says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from workflows.border import LiveText, admit, admit_failure
from workflows.effects import Effect, Estimate, Usage
from workflows.engine.deadlines import Deadlines
from workflows.engine.gates import asked_before, inquiry_event, same_question
from workflows.engine.recorder import Recorder
from workflows.engine.recovery import AGAIN, close_call
from workflows.engine.reserving import reserve
from workflows.errors import BlockFailed, CallFailed, Failure, OutcomeUnknown, UnderstudyError, fail
from workflows.runs import events as e
from workflows.runs.permits import in_force
from workflows.runs.state import StepState
from workflows.secrets import hide, reveal
from workflows.steps.context import Answer, Leave, Question, Result
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
        self._given: tuple[str, Json] | None = None
        """The call that was all the step does and what it gave, as long as its end may be recorded with the step's."""

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
        if whole and result.usage is None:
            self._given = call.key, output
            self._recorder.later(self.settle)  # with the step's end, which mostly comes at once
        else:
            # Not awaited: whatever the step does next needs a commit of its own, which comes after this one.
            self._recorder.post(e.CallFinished(self.address, call.key, output, result.usage))
        return output

    def settle(self) -> None:
        """Record the end of the last call, where that still waits for the step's."""
        if self._given is not None:
            (key, output), self._given = self._given, None
            self._recorder.post(e.CallFinished(self.address, key, output))

    def gave(self, output: Json) -> bool:
        """Whether this is what a call gave whose end still waits for the step's. It is plain then."""
        return self._given is not None and self._given[1] is output

    def ending(self, output: Json) -> str:
        """The call whose end is recorded with the step's, as that is its output; empty where there is none."""
        if self._given is None or not self.gave(output):
            self.settle()
            return ""
        (key, _), self._given = self._given, None
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
