"""What a run's story says of people: what they were asked, what they answered, and what they allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.present.sentence import Sentence
from app.present.status import NEEDS_YOU, RUNNING, UNKNOWN
from workflows.money import money
from workflows.runs import events as e
from workflows.runs.state import RunState

NOBODY = "default"
"""Who an answer is by that was taken because the time was over."""


def _asked(event: e.Asked, state: RunState) -> Sentence:
    badge = UNKNOWN if event.reason == "unknown" else NEEDS_YOU
    word = {
        "approval": "waits for approval",
        "question": "asks",
        "intervention": "needs you",
        "unknown": "needs you",
        "changed": "needs you",
        "budget": "needs you",
    }[event.reason]
    return Sentence(badge, event.step, f"{word}: {event.title}")


def _answered(event: e.Answered, state: RunState) -> Sentence:
    inquiry = state.inquiries.get(event.entry)
    note = f": {event.note}" if event.note else ""
    choice = f" {event.choice}" if event.choice != "answer" else ""
    if inquiry and inquiry.asked.tool:  # an agent may ask about several at once: its step does not say which
        choice += f" to {inquiry.asked.title.partition(' wants to use ')[2] or inquiry.asked.tool}"
    said = f"answered{choice}{by_whom(event.by)}{note}"
    if event.by == NOBODY:
        said = f"nobody answered:{_of_silence(event.choice, choice)} counts{note}"
    return Sentence(RUNNING, inquiry.asked.step if inquiry else "", said)


def _of_silence(word: str, choice: str) -> str:
    """What counts where nobody answered."""
    return {"default": " the default", "late": " no answer", "answer": " the default"}.get(word, choice)


def _approval_voided(event: e.ApprovalVoided, state: RunState) -> Sentence:
    inquiry = state.inquiries.get(event.entry)
    what = "question" if inquiry and inquiry.asked.reason != "approval" else "approval"
    return Sentence(NEEDS_YOU, inquiry.asked.step if inquiry else "", f"the {what} counts no more: {event.why}")


def _person_told(event: e.PersonTold, state: RunState) -> Sentence:
    inquiry = state.inquiries.get(event.entry)
    step = inquiry.asked.step if inquiry else ""
    if event.failed:
        return Sentence(NEEDS_YOU, step, f"{event.channel} could not be told of it: {event.failed}")
    return Sentence(RUNNING, step, f"{event.channel} was told of it")


def _code_accepted(event: e.CodeAccepted, state: RunState) -> Sentence:
    return Sentence(RUNNING, "", f"{event.name} goes on with version {event.digest[:12]}{by_whom(event.by)}")


def _budget_raised(event: e.BudgetRaised, state: RunState) -> Sentence:
    if event.step:
        return Sentence(
            RUNNING, event.step, f"one call may pass its budget, up to {money(event.usd)}{by_whom(event.by)}"
        )
    purse = state.purses.get(event.scope)
    if purse is not None and purse.budget.usd == event.usd:  # it was given one: a stated one is only ever raised
        return Sentence(RUNNING, "", f"the run has a budget of {money(event.usd)} from now on{by_whom(event.by)}")
    whose = "its budget" if event.scope else "the run's budget"
    return Sentence(RUNNING, event.scope, f"{whose} is raised to {money(event.usd)}{by_whom(event.by)}")


def _price_given(event: e.PriceGiven, state: RunState) -> Sentence:
    words = f"{event.model} counts as {money(event.usd)} a million tokens at most{by_whom(event.by)}"
    return Sentence(RUNNING, "", words)


def _pattern_allowed(event: e.PatternAllowed, state: RunState) -> Sentence:
    inquiry = state.inquiries.get(event.entry)
    words = f"{event.pattern} is allowed for the rest of this run{by_whom(event.by)}"
    return Sentence(RUNNING, inquiry.asked.step if inquiry else "", words)


def _pattern_revoked(event: e.PatternRevoked, state: RunState) -> Sentence:
    pattern = state.permits[event.number - 1].pattern if 0 < event.number <= len(state.permits) else "nothing"
    return Sentence(RUNNING, "", f"{pattern} is allowed no more{by_whom(event.by)}")


def by_whom(who: str) -> str:
    """Who did it, to be added to a sentence."""
    if who == NOBODY:
        return ", since nobody answered"
    return f" by {who}" if who else ""


SAID_BY_PEOPLE: Mapping[type[e.Event], Callable[[Any, RunState], Sentence]] = {
    e.Asked: _asked,
    e.Answered: _answered,
    e.ApprovalVoided: _approval_voided,
    e.PersonTold: _person_told,
    e.CodeAccepted: _code_accepted,
    e.BudgetRaised: _budget_raised,
    e.PriceGiven: _price_given,
    e.PatternAllowed: _pattern_allowed,
    e.PatternRevoked: _pattern_revoked,
}
