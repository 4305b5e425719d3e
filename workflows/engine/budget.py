"""Whether a run's budget has room for a model call, and what a person is asked where it has not. Pure.

A call's worst cost must fit beside what was spent and what the calls under way may still cost. Where it would fit
without those, it waits for them: most cost far less than their worst.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from workflows.effects import Estimate
from workflows.errors import Failure, UnderstudyError
from workflows.money import money
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.purse import Purse, purses_of
from workflows.runs.state import RunState, StepState
from workflows.values import Json

HAIR = 1e-9
"""US dollars by which sums of floating-point numbers may be off."""

MOST = 1e9
"""US dollars that a person may give at most: whatever is more was a slip."""


@dataclass(frozen=True)
class Fits:
    """The call may be made; this is held back for it. None in a run without a budget."""

    usd: float | None


@dataclass(frozen=True)
class Later:
    """There is no room while other calls are under way, and there may be when they are over."""

    why: str


Verdict = Fits | Later | Failure


def admit_call(state: RunState, step: str, model: str, worst: Estimate) -> Verdict:
    """Whether a call may be made now. A failure (`budget`) says why it may not."""
    purses = tuple(purses_of(state, step))
    if not purses:
        return Fits(None)
    usd = _priced(state, model, worst)
    if usd is None:
        return _no_price(purses[0], model, worst)
    later = ""
    for name, purse in purses if usd else ():
        limit = purse.limit_of(step) + HAIR
        if purse.spent + usd > limit:
            return _no_room(name, purse, model, worst, usd)
        if purse.spent + purse.reserved + usd > limit:
            later = later or f"waits for room in the budget: {figures(purse)}, this call at worst {money(usd)}"
    return Later(later) if later else Fits(usd)


def _priced(state: RunState, model: str, worst: Estimate) -> float | None:
    """What the call costs at worst, by the model's price or by the one that a person gave."""
    price = state.prices.get(model)
    if worst.usd is not None or price is None:
        return worst.usd
    return (worst.tokens_in + worst.tokens_out) * price / 1e6


def figures(purse: Purse) -> str:
    """`$0.12 of $0.50 spent, $0.08 reserved`."""
    spent = f"{'at most ' * purse.at_most}{money(purse.spent)} of {money(purse.limit)} spent"
    return spent + (f", {money(purse.reserved)} reserved" if purse.held else "")


def _no_price(found: tuple[str, Purse], model: str, worst: Estimate) -> Failure:
    name, _ = found
    detail = {**_asked_for(name, model, worst), "usd": None}
    hint = "Set its price under `pricing` in the settings, or `unknown_price` for all such models."
    return Failure("budget", f"No price of {model} is known, so the budget cannot cover a call of it.", hint, detail)


def _no_room(name: str, purse: Purse, model: str, worst: Estimate, usd: float) -> Failure:
    whose = f"the budget of {name}" if name else "the budget"
    message = f"A call of {model} may cost {money(usd)}, and {whose} has no room for it: {figures(purse)}."
    hint = "Raise the budget, lower the agent's max_tokens, or give it a cheaper model."
    return Failure("budget", message, hint, {**_asked_for(name, model, worst), "usd": usd})


def _asked_for(name: str, model: str, worst: Estimate) -> dict[str, Json]:
    return {"scope": name, "model": model, "tokens_in": worst.tokens_in, "tokens_out": worst.tokens_out}


def asks(state: RunState, failure: Failure) -> bool:
    """Whether a person is asked about a call that `admit_call` refused with this failure, and not only told."""
    return state.purses[failure.detail["scope"]].budget.on_exceed == "ask"


def stands_back(step: StepState) -> Failure | None:
    """Why a step's last try was set down, where that was for its budget and nobody has said more since."""
    last = step.last
    return last.failure if last is not None and last.stood_back and step.retry_at is None else None


def over_budget(state: RunState, step: StepState, failure: Failure, entry: str) -> e.Asked:
    """The question whether a call is to be made that does not fit, with all that it takes to decide."""
    asked: Mapping[str, Json] = failure.detail
    purse, usd = state.purses[asked["scope"]], asked["usd"]
    facts = {
        "spent": f"{'at most ' * purse.at_most}{money(purse.spent)} of {money(purse.limit)}",
        **({"reserved for calls under way": money(purse.reserved)} if purse.held else {}),
        "this call at worst": (
            f"{'its price is not known' if usd is None else money(usd)} "
            f"({asked['tokens_in']:,} tokens in, {asked['tokens_out']:,} out)"
        ),
        "model": asked["model"],
        **({"budget of": asked["scope"]} if asked["scope"] else {}),
        "hint": failure.hint,
    }
    way = ("price", "retry") if usd is None else ("raise", "proceed")
    others = ("fallback",) if understudies(step) else ()
    return e.Asked(
        entry=entry,
        step=step.id,
        key="budget",
        reason="budget",
        title=failure.message,
        facts=facts,
        choices=(*way, *others, "skip", "abort"),
    )


def understudies(step: StepState) -> tuple[str, ...]:
    """Who could do a step in the place of the one whose call does not fit."""
    names = dict.fromkeys(step.planned.performers)
    names.pop(step.planned.performers[step.performer])
    return tuple(names)


def meanings(state: RunState, step: StepState) -> Mapping[str, str]:
    """What the choices lead to that only a budget has."""
    return {
        "raise": f"set a higher limit for this run, {money(enough(state, step))} at least, and go on",
        "proceed": "make this one call; the next that does not fit asks again",
        "price": "say what a million tokens cost at most, in this run, and go on",
        "retry": "look again: its price may be in the settings by now",
        "fallback": "let another one do it: " + ", ".join(understudies(step)),
    }


def least(state: RunState, step: StepState) -> float:
    """The lowest limit that has room for the call which a step stands back with, when those under way are over."""
    asked = _detail(step)
    return state.purses[asked["scope"]].spent + (asked["usd"] or 0.0)


def enough(state: RunState, step: StepState) -> float:
    """The same in whole cents, as people say it."""
    return ceil(round(least(state, step) * 100, 6)) / 100


def check_value(state: RunState, step: StepState, choice: str, value: Json) -> None:
    """Whether what a person gave is an amount that does. Raises UnderstudyError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        raise UnderstudyError(f"{value!r} is no amount of US dollars.", "Give a number, such as 1.50.")
    needed = least(state, step)
    if choice == "raise" and value < needed - HAIR:
        raise UnderstudyError(
            f"A budget of {money(value)} has no room for the call either.",
            f"It takes {money(enough(state, step))} at least.",
        )


def must_be_a_raise(state: RunState, usd: float) -> None:
    """Whether the whole run may have this limit in the place of the one it has. Raises UnderstudyError."""
    run, purse = state.run_id, state.purses.get("")
    if not 0 < usd <= MOST:
        raise UnderstudyError(f"{usd!r} is no amount of US dollars for a run.", "Give one such as 1.50.")
    if purse is None and not state.spent.cost_known:
        raise UnderstudyError(
            f"Run {run} has no budget, and what it has spent is not known: it asked models that have no price.",
            "Set their `pricing` in the settings; a new run that reuses what this one did can have a budget: "
            f"understudy rerun {run} --from STEP --budget {usd:g}",
        )
    spent, most = (purse.spent, "at most " * purse.at_most) if purse else (state.spent.cost_usd or 0.0, "")
    if usd < spent - HAIR:
        raise UnderstudyError(
            f"Run {run} has spent {most}{money(spent)} already, and {money(usd)} is less.",
            f"Give more than {money(spent)}.",
        )
    if purse and usd < purse.limit - HAIR:
        raise UnderstudyError(
            f"Run {run} may spend {money(purse.limit)} as it is: a limit can be raised, and {money(usd)} is lower.",
            f"Give more than {money(purse.limit)}, or go on without --budget.",
        )


def asked_for_more(state: RunState) -> e.Asked | None:
    """The question whether the whole run may spend more, where one waits: that which the least would do for."""
    asked = [inquiry.asked for inquiry in state.open_inquiries if "raise" in inquiry.asked.choices]
    own = [each for each in asked if each.reason == "budget" and not _detail(state.steps[each.step])["scope"]]
    return min(own, key=lambda each: least(state, state.steps[each.step]), default=None)


def raised(state: RunState, usd: float, by: str) -> tuple[e.Event, ...]:
    """What follows where a person gives the whole run a higher limit unasked. Raises UnderstudyError."""
    must_be_a_raise(state, usd)
    purse = state.purses.get("")
    return () if purse and usd <= purse.limit + HAIR else (e.BudgetRaised("", usd, by),)


def given(state: RunState, step: StepState, answered: e.Answered, now: float) -> tuple[e.Event, ...]:
    """What follows where a person raised the budget, let one call pass or gave a price: whoever fits now goes on."""
    asked, by = _detail(step), answered.by
    name = asked["scope"]
    more: e.Event
    match answered.choice:
        case "price":
            more = e.PriceGiven(asked["model"], float(answered.value), by)
        case "raise":
            # It may have been raised further since this was said.
            more = e.BudgetRaised(name, max(state.purses[name].limit, float(answered.value)), by)
        case _:
            purse = state.purses[name]
            # Just enough, and for this call: the next that does not fit asks again.
            more = e.BudgetRaised(name, max(purse.limit, purse.spent + purse.reserved + asked["usd"]), by, step.id)
    again = f"{by or 'a person'} chose {answered.choice}"
    freed = (step.id, *_freed(state, step, more)) if answered.choice != "proceed" else (step.id,)
    voided = [
        e.ApprovalVoided(entry, "somebody answered this for another step")
        for other in freed[1:]
        for entry in state.steps[other].inquiries
        if state.inquiries[entry].open
    ]
    return (more, *voided, *(e.RetryScheduled(each, now, again) for each in freed))


def _freed(state: RunState, step: StepState, more: e.Event) -> list[str]:
    """The other steps that wait for the same, and need not any more."""
    found = []
    for inquiry in state.open_inquiries:
        other = state.steps[inquiry.asked.step]
        if inquiry.asked.reason != "budget" or other.id == step.id:
            continue
        asked = _detail(other)
        match more:
            case e.PriceGiven(model=model) if asked["usd"] is None and asked["model"] == model:
                found.append(other.id)
            case e.BudgetRaised(scope=name, usd=usd) if asked["usd"] is not None and asked["scope"] == name:
                if least(state, other) <= usd + HAIR:
                    found.append(other.id)
    return found


def _detail(step: StepState) -> Mapping[str, Json]:
    assert step.last is not None
    assert step.last.failure is not None
    detail: Mapping[str, Json] = step.last.failure.detail
    return detail
