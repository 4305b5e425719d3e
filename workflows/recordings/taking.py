"""Making a recording of a run that is over, from its journal alone: nothing is done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.engine.recovery import was_cut_off
from workflows.errors import Failure, UnderstudyError
from workflows.recordings.recording import Consulted, Exchange, Head, Outcome, Recording, Reply
from workflows.recordings.veil import Veil
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.secrets import Redactor
from workflows.values import Json


class Unrecordable(UnderstudyError):
    """The run cannot be played again from what its journal has."""


def recording_of(run_id: str, events: Sequence[e.Recorded], redactor: Redactor, version: str) -> Recording:
    """The recording of a run, without secrets. Raises Unrecordable where something of it was done elsewhere."""
    state = replay(run_id, events)
    if not state.over:
        if state.open_inquiries:
            raise Unrecordable(f"Run {run_id} waits for a person.", f"Answer it first: understudy show {run_id}")
        raise Unrecordable(f"Run {run_id} is not over.", f"Take it to its end first: understudy resume {run_id}")
    if state.status == "cancelled":
        raise Unrecordable(f"Run {run_id} was cancelled from outside.", "Record one that came to an end of its own.")
    if state.forked_from:
        raise Unrecordable(
            f"Run {run_id} took results over from run {state.forked_from}, so its own record has only a part.",
            "Record that one, or run the workflow from its beginning with --record.",
        )
    taking = _Taking()
    for recorded in e.facts_in(events):
        taking.hear(recorded.event, recorded.seq, round(recorded.at - state.started, 3))
    head = Head(
        workflow=state.workflow,
        run=run_id,
        version=version,
        started=state.started,
        parameters=state.parameters,
        environment=dict(taking.environment),
        attended=taking.attended,
        simulated=state.spent.simulated,
        status=state.status,
        outputs=state.outputs,
        spent_usd=state.spent.cost_usd,
        stopped=tuple(step.id for step in state.steps.values() if step.status in ("cancelled", "blocked")),
    )
    veil = Veil(redactor)
    whole = Recording(head, tuple(taking.exchanges()), tuple(taking.consulted.values()))
    for exchange in whole.exchanges:
        veil.learn([exchange.request, exchange.output])
    return veiled(whole, veil)


def veiled(recording: Recording, veil: Veil) -> Recording:
    """The recording as it may be written."""
    head = recording.head
    over = veil.over
    return Recording(
        replace(
            head,
            parameters=over(head.parameters),
            environment=over(dict(head.environment)),
            outputs=over(head.outputs),
        ),
        tuple(
            replace(
                each,
                request=over(each.request),
                told=over(each.told),
                output=over(each.output),
                failure=_failure(each.failure, veil),
            )
            for each in recording.exchanges
        ),
        tuple(
            replace(
                each,
                title=over(each.title),
                body=over(each.body),
                facts=over(dict(each.facts)),
                reply=each.reply and replace(each.reply, value=over(each.reply.value), note=over(each.reply.note)),
            )
            for each in recording.consulted
        ),
    )


def _failure(failure: Failure | None, veil: Veil) -> Failure | None:
    if failure is None:
        return None
    message, hint, detail = veil.over([failure.message, failure.hint, failure.detail])
    return replace(failure, message=message, hint=hint, detail=detail)


@dataclass
class _Open:
    """A call that is being followed. `cut` where nobody saw its end, until it is known what ended it."""

    exchange: Exchange
    cut: bool = False
    again: bool = False


class _Taking:
    """Follows the events of one run."""

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = {}
        self.attended = False
        self.consulted: dict[str, Consulted] = {}
        self._calls: list[_Open] = []
        self._under: dict[tuple[str, str], _Open] = {}
        self._interrupted: set[str] = set()
        self._reopened: set[str] = set()

    def exchanges(self) -> list[Exchange]:
        """The calls that counted, in the order in which they began."""
        return [call.exchange for call in self._calls if not call.again]

    def hear(self, event: e.Event, order: int, at: float) -> None:
        match event:
            case e.RunStarted():
                self.environment, self.attended = event.environment, event.attended
            case e.CallStarted():
                exchange = Exchange(event.step, event.key, event.effect, event.spec, event.told, event.digest)
                call = _Open(replace(exchange, outcome="stopped"))
                self._calls.append(call)
                self._under[event.step, event.key] = call
            case e.CallFinished():
                self._end(event, outcome="output", output=event.output, usage=event.usage, at=at, order=order)
            case e.CallFailed():
                # What was in doubt and may be made again safely is told as interrupted.
                outcome: Outcome = "failed" if event.status == "failed" else "unknown"
                self._end(event, outcome=outcome, failure=event.failure, usage=event.usage, at=at, order=order)
                self._under[event.step, event.key].cut = was_cut_off(event.failure)
            case e.AttemptFinished():
                self._attempt_ended(event)
            case e.ScopeOpened(scope=name):
                (self._reopened.add if name in self._interrupted else self._reopened.discard)(name)
            case e.StepStarted(step=name) if self._reopened:
                self._begun_again(name)
            case e.StepFinished(cached_from=run) if run:
                raise Unrecordable(
                    f"The step {event.step} took its result from the cache, of run {run}.",
                    "Run it again with --record, which takes nothing from the cache.",
                )
            case e.Asked():
                self.consulted[event.entry] = Consulted(
                    event.entry,
                    event.step,
                    event.key,
                    event.reason,
                    event.title,
                    event.body,
                    event.facts,
                    event.language,
                )
            case e.Answered(by=by) if by != "default":
                reply = Reply(event.choice, event.value, event.note)
                self.consulted[event.entry] = replace(self.consulted[event.entry], reply=reply, at=at, order=order)

    def _end(self, event: e.CallFinished | e.CallFailed, **how: Json) -> None:
        call = self._under[event.step, event.key]
        call.exchange = replace(call.exchange, **how)

    def _attempt_ended(self, event: e.AttemptFinished) -> None:
        """What cut a call off: the end of the program (it was made again), a deadline, or something that came first."""
        if event.interrupted:
            self._interrupted.add(event.step)
        else:
            self._interrupted.discard(event.step)
        timed_out = event.failure is not None and event.failure.kind == "timeout"
        for (step, key), call in list(self._under.items()):
            if step != event.step:
                continue
            del self._under[step, key]
            if not call.cut:
                continue
            if event.interrupted and call.exchange.effect != "unsafe":
                call.again = True
            elif event.status == "timed_out":
                call.exchange = replace(call.exchange, outcome="failed", failure=event.failure)
            elif not timed_out and not event.interrupted:
                call.exchange = replace(call.exchange, outcome="stopped", failure=None)

    def _begun_again(self, step: str) -> None:
        """A step that began in what was opened again because the program ended just as it ended: it counts once."""
        if not any(step.startswith(f"{holder}{mark}") for holder in self._reopened for mark in ">[~"):
            return
        for call in self._calls:
            if call.exchange.step == step:
                call.again = True
        self.consulted = {entry: one for entry, one in self.consulted.items() if one.step != step}
