"""The story of a run: one plain sentence per event, clean, on one line. Narration, `show` and screen tell the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from app.present.acts import act_words
from app.present.ending import taken_back, warnings
from app.present.figures import cost, duration, nth, plural, saved_words, tokens
from app.present.labels import model_label
from app.present.people import SAID_BY_PEOPLE, by_whom
from app.present.retold import without_told
from app.present.sentence import Sentence as Sentence
from app.present.status import FALLBACK, QUEUED, RUNNING, UNKNOWN, Badge, status_badge
from app.present.timing import seconds_at_work
from workflows.effects import Usage
from workflows.money import money
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.secrets import shown
from workflows.text import one_line
from workflows.values import Json

WIDEST = 300
"""Characters of a sentence."""

TOOL_FAILED = "The tool failed ("
"""What an agent's model is told first of a tool that failed (`agents.toolset.as_failure`)."""


def tell(event: e.Event, state: RunState) -> Sentence:
    """The sentence of an event. `state` is the run's after it, or any later one."""
    return _shown(_TELLERS[type(event)](event, state))


def tell_all(journal: Iterable[e.Recorded], state: RunState, *, details: bool) -> Iterator[tuple[e.Recorded, Sentence]]:
    """The events that have a place in the story, and their sentences. Most are details: of a step, all but its end."""
    for recorded in journal:
        sentence = _TELLERS[type(recorded.event)](recorded.event, state)
        if details or not sentence.detail:
            yield recorded, _shown(sentence)


def _shown(sentence: Sentence) -> Sentence:
    return Sentence(
        sentence.badge, one_line(sentence.step, 80), one_line(shown(sentence.text), WIDEST), sentence.detail
    )


def _run_started(event: e.RunStarted, state: RunState) -> Sentence:
    label = f" · {event.simulated}" if event.simulated else ""
    if event.forked_from:
        where = f" from {event.fork_at}" if event.fork_at else " from the beginning"
        label = f", as run {event.forked_from} again{where}{label}"
    if event.cause:
        label = f", by {event.cause}{label}"
    what = event.published or event.workflow
    return Sentence(RUNNING, "", f"run {state.run_id} of {what} started in {event.root}{label}")


def _run_queued(event: e.RunQueued, state: RunState) -> Sentence:
    place = f", {nth(event.place)}" if event.place else ""
    return Sentence(QUEUED, "", f"queued{place}: {event.why}")


def _run_admitted(event: e.RunAdmitted, state: RunState) -> Sentence:
    return Sentence(RUNNING, "", f"leaves the queue: {event.why}" if event.why else "its turn has come")


def _run_resumed(event: e.RunResumed, state: RunState) -> Sentence:
    why = ": the program had ended while it ran" if event.interrupted else ""
    return Sentence(RUNNING, "", f"run {state.run_id} resumed{why}")


def _run_paused(event: e.RunPaused, state: RunState) -> Sentence:
    return Sentence(status_badge("paused"), "", "paused: no new step starts" + (f" ({event.why})" if event.why else ""))


def _run_continued(event: e.RunContinued, state: RunState) -> Sentence:
    return Sentence(RUNNING, "", "goes on")


def _request_taken(event: e.RequestTaken, state: RunState) -> Sentence:
    words = {
        "pause": "pausing it",
        "continue": "going on",
        "cancel": "cancelling it",
        "cancel_now": "ending it at once",
        "revoke": "taking back what was allowed",
        "hurry": "going on at once",
    }
    return Sentence(RUNNING, "", f"{event.by or 'somebody'} asked for {words.get(event.what, event.what)}", detail=True)


def _run_interrupted(event: e.RunInterrupted, state: RunState) -> Sentence:
    return Sentence(status_badge("interrupted"), "", f"stopped, and can be resumed: {event.why}")


def _run_finished(event: e.RunFinished, state: RunState) -> Sentence:
    took = f" after {duration(state.ended - state.started)}" if state.ended is not None else ""
    why = f": {event.failure.message}" if event.failure else ""
    word = {"succeeded": "done", "failed": "failed", "cancelled": "cancelled"}[event.status]
    if event.status == "succeeded" and (gone_past := len(warnings(state))):
        word += f", with {plural(gone_past, 'warning')},"
    back = next((f"; {found.words}" for found in taken_back(state) if not found.home), "")
    return Sentence(status_badge(event.status), "", f"run {state.run_id} {word}{took}{why}{back}")


def _step_started(event: e.StepStarted, state: RunState) -> Sentence:
    planned = state.steps[event.step].planned
    return Sentence(RUNNING, event.step, planned.summary or f"{planned.kind} step", detail=True)


def _step_skipped(event: e.StepSkipped, state: RunState) -> Sentence:
    by = f" ({event.by})" if event.by else ""
    return Sentence(status_badge("skipped"), event.step, f"skipped: {event.why}{by}")


def _step_finished(event: e.StepFinished, state: RunState) -> Sentence:
    step = state.steps[event.step]
    seconds = seconds_at_work(state, step, state.updated)
    took = "" if seconds is None else duration(seconds)
    if event.status == "succeeded" and event.cached_from:
        return Sentence(
            status_badge("succeeded"),
            event.step,
            f"taken from run {event.cached_from}: nothing was done{saved_words(event.spent)}",
        )
    if event.status == "succeeded" and event.by:
        return Sentence(status_badge("succeeded"), event.step, f"counts as done: its output was given by {event.by}")
    if event.status == "succeeded":
        if step.planned.kind == "notification" and (said := _said(event.output)):
            return Sentence(status_badge("succeeded"), event.step, f"says: {said}")
        taken_over = step.planned.performers[step.performer] if step.understudied else ""
        by = f" by the understudy {taken_over}" if taken_over else ""
        return Sentence(status_badge("succeeded"), event.step, f"done{by}" + (f" in {took}" if took else ""))
    if event.status == "cancelled":
        return Sentence(status_badge("cancelled"), event.step, "cancelled")
    why = event.failure.message if event.failure else "no reason given"
    return Sentence(status_badge("failed"), event.step, f"failed: {why}{_leads_to(event, state)}")


def _step_reused(event: e.StepReused, state: RunState) -> Sentence:
    badge, detail = status_badge(event.status), bool(state.scopes[state.steps[event.step].scope].owner)
    if event.by:
        return Sentence(badge, event.step, f"counts as done: its output was given{by_whom(event.by)}", detail)
    paid = saved_words(event.spent)
    return Sentence(badge, event.step, f"{badge.word} in run {event.run}, and not done again{paid}", detail)


def _leads_to(event: e.StepFinished, state: RunState) -> str:
    """What a step's failure leads to, in words."""
    scope = state.scopes[state.steps[event.step].scope]
    home = f" in {scope.home}" if scope.home else ""
    match event.then:
        case "continue":
            return "; the run goes on"
        case "rollback":
            return f"; what was done{home} is rolled back"
        case "compensate":
            return f"; what was done{home} is undone"
        case "abort" if scope.kind in ("child", "block", "each", "handler"):
            return f"; this ends {scope.owner}"
        case "abort" if scope.kind in ("rollback", "finally", "verify", "undo", "notify"):
            return ""
        case "":
            return ""
    return "; this ends the run"


def _said(output: Json) -> str:
    """What a notification on the terminal says: it is read here, so the story must have it."""
    if isinstance(output, dict) and output.get("channel") == "terminal" and output.get("delivered") is True:
        return str(output.get("text", ""))
    return ""


def _input_edited(event: e.InputEdited, state: RunState) -> Sentence:
    return Sentence(RUNNING, event.step, f"its input was changed{by_whom(event.by)}, for this run only")


def _attempt_started(event: e.AttemptStarted, state: RunState) -> Sentence:
    who = f" by {event.performer}" if event.performer else ""
    again = event.n > 1 and not state.steps[event.step].planned.holds_steps
    return Sentence(RUNNING, event.step, f"try {event.n}{who}", detail=not again)


def _attempt_finished(event: e.AttemptFinished, state: RunState) -> Sentence:
    if event.status == "succeeded":
        return Sentence(status_badge("succeeded"), event.step, f"try {event.n} succeeded", detail=True)
    if event.interrupted and event.failure and event.failure.kind == "budget":
        return Sentence(status_badge("waiting"), event.step, f"try {event.n} stands back before the call", detail=True)
    why = f": {event.failure.message}" if event.failure else ""
    if event.failure and event.failure.hint:
        why += f" ({event.failure.hint})"
    word = {"timed_out": "timed out", "cancelled": "was cut off", "unknown": "ended, and nobody saw how"}.get(
        event.status, "failed"
    )
    # What holds others comes to an end by theirs, and that was told.
    holds = state.steps[event.step].planned.holds_steps and event.status in ("failed", "cancelled")
    return Sentence(status_badge(event.status), event.step, f"try {event.n} {word}{why}", detail=holds)


def _retry_scheduled(event: e.RetryScheduled, state: RunState) -> Sentence:
    return Sentence(Badge("↻", "retrying", "warning"), event.step, without_told(event.why, event.step, state))


def _performer_chosen(event: e.PerformerChosen, state: RunState) -> Sentence:
    return Sentence(RUNNING, event.step, f"given to {event.performer} ({event.why})")


def _fallback_taken(event: e.FallbackTaken, state: RunState) -> Sentence:
    why = without_told(event.why, event.step, state)
    return Sentence(FALLBACK, event.step, f"{event.performer or event.step} takes over from {event.instead_of}: {why}")


def _call_started(event: e.CallStarted, state: RunState) -> Sentence:
    """What an agent's tool is about to change is part of the story, and not a detail: nobody wrote it down before."""
    again = f", time {event.n}" if event.n > 1 else ""
    held = f" · at most {money(event.reserved_usd)} is held back for it" if event.reserved_usd else ""
    acts = event.effect != "pure" and isinstance(event.spec, dict) and "tool" in event.spec
    leave = f" · {event.allowed}" if acts and event.allowed else ""
    text = f"{event.key}: {act_words(event.spec)}{again}{held}{leave}"
    return Sentence(RUNNING, event.step, text, detail=not acts)


def _call_finished(event: e.CallFinished, state: RunState) -> Sentence:
    answer = event.output if isinstance(event.output, dict) and "misuse" in event.output else {}  # of a tool
    if answer.get("declined") is True:
        return Sentence(status_badge("skipped"), event.step, f"{event.key}: declined, nothing was done", detail=True)
    if str(answer.get("text", "")).startswith(TOOL_FAILED):
        return Sentence(status_badge("failed"), event.step, f"{event.key} failed, and the agent was told so")
    if "declined" in answer or answer.get("misuse") is True:  # by a rule, or a call that cannot be: it was not made
        return Sentence(status_badge("skipped"), event.step, f"{event.key} was not done: {answer.get('text', '')}")
    usage = f" · {_usage(event.usage)}" if event.usage else ""
    return Sentence(status_badge("succeeded"), event.step, f"{event.key} done{usage}", detail=not event.usage)


def _call_failed(event: e.CallFailed, state: RunState) -> Sentence:
    if event.status == "unknown":
        return Sentence(UNKNOWN, event.step, f"{event.key} may have taken effect: {event.failure.message}")
    return Sentence(status_badge("failed"), event.step, f"{event.key} failed: {event.failure.message}", detail=True)


def _call_settled(event: e.CallSettled, state: RunState) -> Sentence:
    word = "did not happen, so it is done again" if event.again else "did happen, so it is not done again"
    by = "its verification" if event.by == "verify" else event.by or "a person"
    return Sentence(RUNNING, event.step, f"{by} says: {event.key} {word}")


def _timer_set(event: e.TimerSet, state: RunState) -> Sentence:
    return Sentence(status_badge("waiting"), event.step, f"waits ({event.key})", detail=True)


def _scope_opened(event: e.ScopeOpened, state: RunState) -> Sentence:
    data = event.data or {}
    match event.kind:
        case "each":
            return Sentence(RUNNING, event.step, plural(len(data["items"]), "item"), detail=True)
        case "child":
            return Sentence(RUNNING, event.step, "its workflow starts", detail=True)
        case "handler":
            return Sentence(RUNNING, event.step, "the handler's steps start", detail=True)
        case "verify":
            return Sentence(RUNNING, event.step, "finds out whether it happened")
        case "undo":
            back = data["steps"]
            return Sentence(FALLBACK, event.step, f"undoes {plural(len(back), 'step')}: {', '.join(back)}")
        case "rollback":
            return Sentence(FALLBACK, event.step, "rolls back")
        case "finally":
            return Sentence(RUNNING, event.step, "finishes", detail=True)
    return Sentence(RUNNING, event.step, "its steps start", detail=True)


def _scope_aborted(event: e.ScopeAborted, state: RunState) -> Sentence:
    about = event.scope.partition("~")[0]
    return Sentence(
        status_badge("cancelled"), about, f"stops what runs in it: {event.why}", detail=event.then == "first"
    )


def _scope_closed(event: e.ScopeClosed, state: RunState) -> Sentence:
    about, _, what = event.scope.rpartition("~") if "~" in event.scope else (event.scope, "", "")
    why = f": {event.failure.message}" if event.failure else ""
    word = {"succeeded": "done", "failed": "failed", "cancelled": "stopped"}[event.status]
    known = {"undo": "undoing", "rollback": "rolling back", "finally": "finishing"}.get(what, "")
    if what in ("undo", "rollback") and event.status == "succeeded":
        left = [step for step in state.scopes[event.scope].steps if state.steps[step].status == "failed"]
        if left:
            return Sentence(status_badge("failed"), about, f"{known} failed for {', '.join(left)}")
    told = what in ("undo", "rollback") or (what == "finally" and event.status != "succeeded")
    return Sentence(status_badge(event.status), about, f"{known or 'its steps'}: {word}{why}", detail=not told)


def _steps_reset(event: e.StepsReset, state: RunState) -> Sentence:
    return Sentence(RUNNING, "", f"{', '.join(event.steps)}: to be done again ({event.why}){by_whom(event.by)}")


def _noted(event: e.Noted, state: RunState) -> Sentence:
    return Sentence(status_badge("waiting"), event.step, event.text)


def _handler_taken(event: e.HandlerTaken, state: RunState) -> Sentence:
    return Sentence(FALLBACK, event.step, without_told(event.why, event.step, state))


def _usage(usage: Usage) -> str:
    if usage.simulated:
        return f"{usage.model} · {model_label(usage.model)}"
    price = cost(usage.cost_usd, known=usage.cost_usd is not None)
    return f"{usage.model} · ↑{tokens(usage.tokens_in)} ↓{tokens(usage.tokens_out)} · {price}"


_TELLERS: Mapping[type[e.Event], Callable[[Any, RunState], Sentence]] = {
    e.RunStarted: _run_started,
    e.RunQueued: _run_queued,
    e.RunAdmitted: _run_admitted,
    e.RunResumed: _run_resumed,
    e.RunPaused: _run_paused,
    e.RequestTaken: _request_taken,
    e.RunContinued: _run_continued,
    e.RunInterrupted: _run_interrupted,
    e.RunFinished: _run_finished,
    e.StepStarted: _step_started,
    e.StepSkipped: _step_skipped,
    e.StepFinished: _step_finished,
    e.StepReused: _step_reused,
    e.InputEdited: _input_edited,
    e.AttemptStarted: _attempt_started,
    e.AttemptFinished: _attempt_finished,
    e.RetryScheduled: _retry_scheduled,
    e.PerformerChosen: _performer_chosen,
    e.FallbackTaken: _fallback_taken,
    e.CallStarted: _call_started,
    e.CallFinished: _call_finished,
    e.CallFailed: _call_failed,
    e.CallSettled: _call_settled,
    e.TimerSet: _timer_set,
    e.ScopeOpened: _scope_opened,
    e.ScopeAborted: _scope_aborted,
    e.ScopeClosed: _scope_closed,
    e.StepsReset: _steps_reset,
    e.HandlerTaken: _handler_taken,
    e.Noted: _noted,
    **SAID_BY_PEOPLE,
}
