"""What a person is offered when a step stops, and what each choice leads to. Pure: questions and answers to events."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from workflows.definition.fitting import why_unfit
from workflows.engine.budget import check_value, given, understudies
from workflows.engine.budget import meanings as meanings_of_money
from workflows.engine.readers import readers_of
from workflows.engine.replays import only_replays
from workflows.errors import Failure, Then, UnderstudyError
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState, StepState
from workflows.runs.tree import block_of, home_of, is_aftermath
from workflows.secrets import hide
from workflows.values import Json


def intervention(state: RunState, step: StepState, failure: Failure) -> e.Asked:
    """A failed step: what happened, what was done already, and the ways out."""
    from workflows.readable import readable  # most runs never fail

    done = [call.key for call in step.live_calls if call.status == "succeeded"]
    facts = {
        "failure": f"{failure.kind} ({failure.name})" if failure.name else failure.kind,
        "tried": ", ".join(
            f"#{a.n} {a.performer or step.planned.kind}: {a.status.replace('_', ' ')}"
            for a in step.attempts
            if not a.stood_back
        ),
        **({"already done, will not be repeated": ", ".join(done)} if done else {}),
        **({"hint": failure.hint} if failure.hint else {}),
    }
    return e.Asked(
        entry=entry_id(state, step.id),
        step=step.id,
        key="failed",
        reason="intervention",
        title=f"{step.id} failed: {failure.message}",
        body="" if failure.detail is None else readable(failure.detail),
        facts=facts,
        choices=_ways_out(state, step),
    )


def _ways_out(state: RunState, step: StepState) -> tuple[str, ...]:
    """What can be done about a failed step, the least first."""
    planned = step.planned
    editable = isinstance(step.input, dict) and bool(step.input) and not planned.holds_steps
    main = not is_aftermath(state, step.scope)
    offered = {
        "retry": True,
        "edit": editable,
        "retry_from": main and bool(earlier(state, step)),
        "fallback": len(planned.performers) > 1 and not planned.holds_steps,
        "output": True,
        "skip": True,
        "roll_back": main and can_roll_back(state, step),
        "abort": True,
    }
    return tuple(choice for choice, there in offered.items() if there)


def earlier(state: RunState, step: StepState) -> tuple[str, ...]:
    """The addresses of the steps of the same block that this one comes after and that were done: the nearest first."""
    before = [name for name in state.scopes[step.scope].steps if step.id in _after(state, step, name)]
    return tuple(name for name in reversed(before) if state.steps[name].status == "succeeded")


def _after(state: RunState, step: StepState, start: str) -> frozenset[str]:
    """The addresses of all that comes after a step of the same block as `step`."""
    scope = state.scopes[step.scope]
    block = block_of(state, scope)
    reach = block.reach.get(state.steps[start].planned.id, frozenset()) if block else frozenset()
    return frozenset(scope.prefix + id_ for id_ in reach)


def can_roll_back(state: RunState, step: StepState) -> bool:
    """Whether anything would be undone or rolled back."""
    home = home_of(state, step)
    return home.plan.rollback is not None or any(_to_be_undone(other) for other in state.steps.values())


def _to_be_undone(step: StepState) -> bool:
    """Whether rolling back undoes it: what was reused from another run is that run's."""
    return step.planned.undo is not None and step.status == "succeeded" and step.reused is None


def unknown_outcome(state: RunState, step: StepState, failure: Failure) -> e.Asked:
    """A call that may or may not have taken effect. Nothing repeats it before a person has said."""
    from workflows.readable import readable  # most runs are never in doubt

    call = step.in_doubt
    assert call is not None
    return e.Asked(
        entry=entry_id(state, step.id),
        step=step.id,
        key=call.key,
        reason="unknown",
        title=f"{step.id}: it may have happened",
        body=f"{failure.message}\nWhat was asked for:\n{indent(readable(hide(call.spec)), '  ')}",
        facts={"call": call.key, "started": f"{call.n}x", "idempotency key": call.idempotency_key[:16]},
        choices=("happened", "again", "skip", "abort"),
    )


def consequences(state: RunState, inquiry: Inquiry) -> Mapping[str, str]:
    """What each choice of an entry leads to, in one line each."""
    asked = inquiry.asked
    step = state.steps[asked.step]
    readers = len(readers_of(state, step))
    running = sum(other.status == "running" and not other.planned.holds_steps for other in state.steps.values())
    others = f"; {readers} step{'s read' if readers > 1 else ' reads'} it as null" if readers else ""
    ended = f"; {running} running step{'s are' if running > 1 else ' is'} cancelled" if running else ""
    undone = _undone(state, step)
    change = "change its input, then try again (this run only)"
    if asked.reason == "approval":
        change = "change what it will do; you are asked again, with the change shown"
    meanings = {
        "approve": "do exactly what is shown, once",
        "allow_pattern": f"do it, and allow {asked.pattern} without asking for the rest of this run",
        "deny": "do not do it; the step fails for good" + _after_denial(state, step),
        "retry": "try again" + (" with the newest version of its code" if step.planned.uses else ""),
        "edit": change,
        "retry_from": "do an earlier step again, and everything after it: " + ", ".join(earlier(state, step)[:4]),
        "fallback": "let another one do it: " + ", ".join(step.planned.performers),
        "output": "what you type in counts as its output",
        "answer": "give the answer; the run goes on with it",
        "default": "go on with it",
        "skip": f"go on without it{others}",
        "roll_back": f"{undone}, then end it as failed{ended}",
        "abort": f"end the run as failed{ended}",
        "happened": "it took effect: give its output and go on",
        "again": "it did not take effect: do it once more",
        "use_new": "go on with the new version",
        **(meanings_of_money(state, step) if asked.reason == "budget" else {}),
    }
    if asked.tool:
        meanings["deny"] = "do not do it; the agent is told so, and goes on without it"
    if step.planned.holds_steps:
        meanings["retry"] = "do again what failed in it; what succeeded stands"
    elif asked.reason == "intervention" and only_replays(state, step):
        calls = len(step.live_calls)
        made = f"{calls} finished call{'s are' if calls != 1 else ' is'} made again" if calls else "you are asked again"
        meanings["retry"] = f"start it afresh: {made}"
    return {choice: meanings.get(choice, "") for choice in asked.choices}


def _undone(state: RunState, step: StepState) -> str:
    home = home_of(state, step)
    count = sum(_to_be_undone(other) and home_of(state, other) is home for other in state.steps.values())
    undo = f"undo {count} finished step{'s' * (count != 1)}" if count else ""
    steps = len(home.plan.rollback.steps) if home.plan.rollback else 0
    roll = f"do {steps} rollback step{'s' * (steps != 1)}" if steps else ""
    return " and ".join(filter(None, (undo, roll))) or "undo what was done"


def _after_denial(state: RunState, step: StepState) -> str:
    if step.planned.on_failure in ("continue", "skip"):
        return " and the run goes on"
    scope = state.scopes[step.scope]
    ends = f"{scope.owner} with it" if scope.owner else "the run ends"
    if step.planned.on_failure == "rollback":
        ends = "what was done is rolled back"
    others = scope.counts.get("running", 0) + scope.counts.get("waiting", 0) - 1
    return f", and {ends}" + (f"; {others} beside it {'is' if others == 1 else 'are'} stopped" if others > 0 else "")


def apply(state: RunState, answered: e.Answered, now: float, code: Mapping[str, str]) -> tuple[e.Event, ...]:
    """The events that an answer leads to, the answer first.

    `code` has the digests of today's code for the step's uses: choosing to retry accepts it.
    Raises UnderstudyError where the entry does not wait, has no such choice, or the answer does not fit it.
    """
    inquiry = state.inquiries.get(answered.entry)
    if inquiry is None or not inquiry.open or state.steps[inquiry.asked.step].over or state.over:
        raise UnderstudyError(f"Nothing waits under {answered.entry}.", "`understudy show` lists what does.")
    asked = inquiry.asked
    too_late = answered.by == "default" and answered.choice == (asked.default or "deny")
    if asked.choices and answered.choice not in asked.choices and not too_late:
        raise UnderstudyError(
            f"{answered.entry} cannot be answered with {answered.choice!r}.",
            f"Choose one of: {', '.join(asked.choices)}.",
        )
    if answered.digest and asked.digest and answered.digest != asked.digest:
        raise UnderstudyError("What you were shown is not what waits now.", "Look at it again, then answer.")
    _check(state, inquiry, answered)
    return (answered, *_effects(state, inquiry, answered, now, code))


def _check(state: RunState, inquiry: Inquiry, answered: e.Answered) -> None:
    """Whether the value of an answer fits its choice. Raises UnderstudyError."""
    step, value = state.steps[inquiry.asked.step], answered.value
    match answered.choice:
        case "edit":
            check_edit(step, value)
        case "answer" if why := why_unfit(inquiry.asked.schema, value):
            raise UnderstudyError(f"The answer does not fit: {why}", "Give one that fits the schema shown.")
        case "output" if why := why_unfit(step.planned.output_schema, value):
            raise UnderstudyError(f"The output does not fit the step's output_schema: {why}", "Give one that does.")
        case "raise" | "price":
            check_value(state, step, answered.choice, value)
        case "fallback" if value not in (others := _others(inquiry, step)):
            names = ", ".join(others)
            raise UnderstudyError(f"Nobody called {value!r} can take over {step.id}.", f"Choose one of: {names}.")
        case "retry_from" if value not in earlier(state, step):
            names = ", ".join(earlier(state, step))
            raise UnderstudyError(f"{value!r} is no earlier step that was done.", f"Choose one of: {names}.")
        case "retry_from" if busy := _under_way(state, step, value):
            raise UnderstudyError(
                f"{busy[0]} comes after {value} and is still under way.", "Wait until it is over, then choose again."
            )


def check_edit(step: StepState, value: Json) -> None:
    """An edited input has the fields that the step has, and is for the one who performs it: a person approved that.

    What is null may be left out.
    """
    before = step.input if isinstance(step.input, dict) else {}
    needed = {name for name, old in before.items() if old is not None}
    if not isinstance(value, dict) or not isinstance(step.input, dict) or not needed <= set(value) <= set(before):
        fields = ", ".join(before) or "none"
        raise UnderstudyError(f"The input of {step.id} is an object with these fields: {fields}.", "Keep all of them.")
    for name, old in before.items():
        if old and old in step.planned.performers and value[name] != old:
            raise UnderstudyError(
                f"An edit cannot change who performs {step.id}: {name} stays {old!r}.", "Change the workflow for that."
            )


def _others(inquiry: Inquiry, step: StepState) -> tuple[str, ...]:
    """Who may be chosen to do a step: whoever failed may try again, but who is too dear stays so."""
    return understudies(step) if inquiry.asked.reason == "budget" else step.planned.performers


def _effects(
    state: RunState, inquiry: Inquiry, answered: e.Answered, now: float, code: Mapping[str, str]
) -> tuple[e.Event, ...]:
    asked, by = inquiry.asked, answered.by
    step = state.steps[asked.step]
    name, performers = step.id, step.planned.performers
    accept = tuple(
        e.CodeAccepted(reference, digest, by)
        for reference, digest in code.items()
        if digest and state.digests.get(reference, digest) != digest
    )
    again = e.RetryScheduled(name, now, f"{by or 'a person'} chose to retry")
    back: tuple[e.Event, ...] = ()
    if step.understudied:
        # The whole chain failed: whatever was mended since, the one who was named tries first again.
        back = (e.FallbackTaken(name, performers[0], performers[step.performer], "a person chose to try again"),)
    match answered.choice:
        case "deny" if asked.key == "gate":
            return (_denied(step, answered),)
        case "allow_pattern" if asked.pattern:
            # What waits under the same pattern need not be asked one by one.
            like = [other.asked for other in state.open_inquiries if other.asked.pattern == asked.pattern]
            also = [e.Answered(other.entry, answered.choice, None, "", by) for other in like if other != asked]
            return (e.PatternAllowed(asked.entry, asked.pattern, by), *also)
        case "edit" if asked.reason == "approval":
            return (e.InputEdited(name, answered.value, by),)
        case "retry" if asked.reason == "budget":
            return (again,)
        case "retry" if step.input is None:
            # Its input could not be evaluated: what it reads may be there by now.
            return (*accept, e.StepsReset((name,), "its input is evaluated again", by))
        case "retry":
            if not back and not step.planned.holds_steps and only_replays(state, step):
                return (*accept, e.InputEdited(name, step.input, by), again)
            return (*accept, *back, again)
        case "edit":
            return (*accept, *back, e.InputEdited(name, answered.value, by), again)
        case "retry_from":
            return (*accept, e.StepsReset(_from(state, step, answered.value), f"again from {answered.value}", by))
        case "fallback":
            why = f"{by or 'a person'} chose {answered.value}"
            return (*accept, e.FallbackTaken(name, answered.value, performers[step.performer], why), again)
        case "output":
            return (e.StepFinished(name, "succeeded", answered.value, by=by or "a person"),)
        case "use_new":
            return (*accept, again)
        case "raise" | "proceed" | "price" if asked.reason == "budget":
            return given(state, step, answered, now)
        case "skip" if asked.reason in ("intervention", "unknown", "budget"):
            return (e.StepSkipped(name, answered.note or "a person chose to go on without it", by),)
        case "roll_back" | "abort" as choice:
            # Before changed code nothing failed: what the step has is how its last try was stopped.
            failed = step.failure if asked.reason != "changed" else None
            failure = failed or Failure("denied", answered.note or "A person ended the run.")
            then: Then = "rollback" if choice == "roll_back" else "end"
            return (e.StepFinished(name, "failed", failure=failure, then=then),)
        case "happened" | "again" as choice:
            said = "it happened: the step goes on from there" if choice == "happened" else "it did not happen"
            known = e.RetryScheduled(name, now, f"{by or 'a person'} said that {said}")
            if choice == "again":
                return (*accept, e.CallSettled(name, asked.key, True, by=by), known)
            return (e.CallSettled(name, asked.key, False, answered.value, by), known)
    return ()


def _from(state: RunState, step: StepState, start: str) -> tuple[str, ...]:
    """An earlier step of the same block and all that come after it and had begun. What they hold is done again too."""
    reached = {start, *_after(state, step, start)}
    names = state.scopes[step.scope].steps
    return tuple(name for name in names if name in reached and state.steps[name].status != "pending")


def _under_way(state: RunState, step: StepState, start: str) -> list[str]:
    """What would be done again beside itself."""
    reached = set(_from(state, step, start)) - {step.id}
    return [name for name in sorted(reached) if state.steps[name].status in ("running", "waiting")]


def _denied(step: StepState, answered: e.Answered) -> e.Event:
    """A denied approval is final: no retry, no fallback; only `on_failure` still has a say."""
    nobody = answered.by == "default"
    said = "Nobody answered in time, so the approval was denied" if nobody else "The approval was denied"
    failure = Failure("denied", said + (f": {answered.note}" if answered.note else "."))
    policy = step.planned.on_failure
    if policy == "skip":
        return e.StepSkipped(step.id, failure.message, answered.by)
    then: Then = "continue" if policy == "continue" else "rollback" if policy == "rollback" else "abort"
    return e.StepFinished(step.id, "failed", failure=failure, then=then)


def entry_id(state: RunState, step: str) -> str:
    """The name of the next inbox entry of a step: the same for the same record."""
    return f"{step}:{len(state.steps[step].inquiries) + 1}"
