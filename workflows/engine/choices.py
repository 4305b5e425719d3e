"""What a person is offered when a step stops, and what each choice leads to. Pure: questions and answers to events."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.errors import Failure, UnderstudyError
from workflows.expressions import compile_condition, compile_value
from workflows.planning.plan import PlannedStep
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState
from workflows.values import Json, canonical


def intervention(state: RunState, planned: PlannedStep, failure: Failure) -> e.Asked:
    """A failed step: what happened, what was done already, and the ways out."""
    step = state.steps[planned.id]
    done = [call.key for call in step.calls.values() if call.status == "succeeded"]
    facts = {
        "failure": failure.kind,
        "tried": ", ".join(f"#{a.n} {a.performer or planned.kind}: {a.status}" for a in step.attempts),
        **({"already done, will not be repeated": ", ".join(done)} if done else {}),
        **({"hint": failure.hint} if failure.hint else {}),
    }
    return e.Asked(
        entry=entry_id(state, planned.id),
        step=planned.id,
        key="failed",
        reason="intervention",
        title=f"{planned.id} failed: {failure.message}",
        body=_detail(failure),
        facts=facts,
        choices=("retry", "edit", "skip", "abort"),
    )


def unknown_outcome(state: RunState, planned: PlannedStep, failure: Failure) -> e.Asked:
    """A call that may or may not have taken effect. Nothing repeats it before a person has said."""
    step = state.steps[planned.id]
    call = next(call for call in step.calls.values() if call.status == "unknown" and "@" not in call.key)
    return e.Asked(
        entry=entry_id(state, planned.id),
        step=planned.id,
        key=call.key,
        reason="unknown",
        title=f"{planned.id}: it may have happened",
        body=f"{failure.message}\nWhat was asked for: {canonical(call.spec)}",
        facts={"call": call.key, "started": f"{call.n}x", "idempotency key": call.idempotency_key[:16]},
        choices=("happened", "again", "skip", "abort"),
    )


def consequences(state: RunState, inquiry: Inquiry) -> Mapping[str, str]:
    """What each choice of an entry leads to, in one line each."""
    asked = inquiry.asked
    readers = _readers(state, asked.step)
    running = sum(step.status == "running" for step in state.steps.values())
    step = state.steps[asked.step]
    others = f"; {readers} step{'s read' if readers > 1 else ' reads'} it as null" if readers else ""
    meanings = {
        "approve": "do exactly what is shown, once",
        "deny": "do not do it; the step fails for good" + (" and the run goes on" if _goes_on(state, asked) else ""),
        "retry": "try again" + (" with the newest version of its code" if state.plan.by_id[asked.step].uses else ""),
        "edit": "change its input, then try again (this run only)",
        "skip": f"go on without it{others}",
        "abort": "end the run as failed" + (f"; {running} running steps are cancelled" if running else ""),
        "happened": "it took effect: give its output and go on",
        "again": "it did not take effect: do it once more",
        "use_new": "go on with the new version",
    }
    if asked.reason == "intervention" and step.last and not step.last.failed_call and step.calls:
        meanings["retry"] = f"start it afresh: its {len(step.calls)} finished calls are made again"
    return {choice: meanings.get(choice, "") for choice in asked.choices}


def _readers(state: RunState, step: str) -> int:
    """How many steps that are still to come read this one."""
    count = 0
    for planned in state.plan.steps:
        references = set(compile_value(planned.fields).references)
        if planned.when:
            references |= compile_condition(planned.when).references
        reads = any(found.root == "steps" and found.path[:1] in ((), (step,)) for found in references)
        count += reads and not state.steps[planned.id].over
    return count


def _goes_on(state: RunState, asked: e.Asked) -> bool:
    return state.plan.by_id[asked.step].on_failure in ("continue", "skip")


def apply(state: RunState, answered: e.Answered, now: float, code: Mapping[str, str]) -> tuple[e.Event, ...]:
    """The events that an answer leads to, the answer first.

    `code` has the digests of today's code for the step's uses: choosing to retry accepts it.
    Raises UnderstudyError where the entry does not wait, or has no such choice.
    """
    inquiry = state.inquiries.get(answered.entry)
    if inquiry is None or not inquiry.open or state.steps[inquiry.asked.step].over or state.over:
        raise UnderstudyError(f"Nothing waits under {answered.entry}.", "`understudy show` lists what does.")
    asked = inquiry.asked
    if asked.choices and answered.choice not in asked.choices:
        raise UnderstudyError(
            f"{answered.entry} cannot be answered with {answered.choice!r}.",
            f"Choose one of: {', '.join(asked.choices)}.",
        )
    if answered.digest and asked.digest and answered.digest != asked.digest:
        raise UnderstudyError("What you were shown is not what waits now.", "Look at it again, then answer.")
    if answered.choice == "edit":
        _check_edit(state, asked.step, answered.value)
    return (answered, *_effects(state, inquiry, answered, now, code))


def _check_edit(state: RunState, step: str, value: Json) -> None:
    """An edited input has the fields that the step has, and is for the one who performs it: a person approved that."""
    before = state.steps[step].input
    if not isinstance(value, dict) or not isinstance(before, dict) or set(value) != set(before):
        fields = ", ".join(before) if isinstance(before, dict) else "none"
        raise UnderstudyError(f"The input of {step} is an object with these fields: {fields}.", "Keep all of them.")
    for name, old in before.items():
        if old and old in state.plan.by_id[step].performers and value[name] != old:
            raise UnderstudyError(
                f"An edit cannot change who performs {step}: {name} stays {old!r}.", "Change the workflow for that."
            )


def _effects(
    state: RunState, inquiry: Inquiry, answered: e.Answered, now: float, code: Mapping[str, str]
) -> tuple[e.Event, ...]:
    step_id, asked = inquiry.asked.step, inquiry.asked
    step = state.steps[step_id]
    accept = tuple(
        e.CodeAccepted(name, digest, answered.by)
        for name, digest in code.items()
        if digest and state.digests.get(name, digest) != digest
    )
    again = e.RetryScheduled(step_id, now, f"{answered.by or 'a person'} chose to retry")
    performers = state.plan.by_id[step_id].performers
    back: tuple[e.Event, ...] = ()
    if step.performer:
        # The whole chain failed: whatever was mended since, the one who was named tries first again.
        back = (e.FallbackTaken(step_id, performers[0], performers[step.performer], "a person chose to try again"),)
    match answered.choice:
        case "deny" if asked.key == "gate":
            return (_denied(state, step_id, answered),)
        case "retry":
            if not back and step.last and not step.last.failed_call and step.calls:
                return (*accept, e.InputEdited(step_id, step.input, answered.by), again)
            return (*accept, *back, again)
        case "edit":
            return (*accept, *back, e.InputEdited(step_id, answered.value, answered.by), again)
        case "use_new":
            return (*accept, again)
        case "skip" if asked.reason in ("intervention", "unknown"):
            return (e.StepSkipped(step_id, answered.note or "a person chose to go on without it", answered.by),)
        case "abort":
            failure = step.failure or Failure("denied", answered.note or "A person ended the run.")
            return (e.StepFinished(step_id, "failed", failure=failure, then="abort"),)
        case "happened":
            return (e.CallSettled(step_id, asked.key, False, answered.value, answered.by), again)
        case "again":
            return (*accept, e.CallSettled(step_id, asked.key, True, by=answered.by), again)
    return ()


def _denied(state: RunState, step_id: str, answered: e.Answered) -> e.Event:
    """A denied approval is final: no retry, no fallback; only `on_failure` still has a say."""
    failure = Failure("denied", "The approval was denied" + (f": {answered.note}" if answered.note else "."))
    policy = state.plan.by_id[step_id].on_failure
    if policy == "skip":
        return e.StepSkipped(step_id, failure.message, answered.by)
    return e.StepFinished(step_id, "failed", failure=failure, then="continue" if policy == "continue" else "abort")


def _detail(failure: Failure) -> str:
    detail = failure.detail
    if isinstance(detail, dict):
        return "\n".join(f"{key}: {value}" for key, value in detail.items())
    return "" if detail is None else str(detail)


def entry_id(state: RunState, step: str) -> str:
    """The name of the next inbox entry of a step: the same for the same record."""
    return f"{step}:{len(state.steps[step].inquiries) + 1}"
