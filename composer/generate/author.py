"""A model writes a draft: asked, judged, asked again with what is wrong, within bounds of rounds, length and money."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from agents.models.classify import is_too_long
from agents.models.port import Message, Reply, Request
from agents.models.registry import Models
from composer.generate.checking import Checks, Verdict, judge
from composer.generate.prompting import Brief, answer_schema, ask_again, messages_for
from composer.generate.reply import LARGEST
from workflows.definition.model import Workflow
from workflows.effects import NOTHING_SPENT, Estimate, Spending, Usage
from workflows.errors import CallFailed, Failure
from workflows.money import money
from workflows.records import dataclass

ROUNDS = 3
"""Answers at most: one, and two that mend it."""

MOST_TOKENS = 8_000
"""Of one answer: the longest draft that is taken, and room for a model that thinks."""

DEADLINE, IDLE = 180.0, 60.0
"""Seconds for one answer, and without a word in it."""


class Listener(Protocol):
    """Who is told how it goes."""

    def asking(self, model: str, round_: int, most_usd: float | None) -> None:
        """The model is about to be asked; this may cost so much at most, None where nobody knows."""
        ...

    def text(self, delta: str) -> None:
        """Text of the answer, as it comes."""
        ...

    def judged(self, problems: Sequence[str]) -> None:
        """The answer was looked at; none of these where it will do."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What came of it. `text` is the draft; without one there are `questions`, or the reason `why` there is none.

    `problems` are those of the last answer. `doubts` are told with a draft: what a dry run met, what it may lack.
    """

    model: str
    text: str = ""
    workflow: Workflow | None = None
    questions: tuple[str, ...] = ()
    declined: str = ""
    why: str = ""
    hint: str = ""
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rounds: int = 0
    spent: Spending = NOTHING_SPENT


class Author:
    """Writes drafts with one model. `most_usd` is what one draft may cost in all, repairs included; None: no limit.

    `strict`: what nobody knows the price of is not asked.
    """

    def __init__(
        self, models: Models, model: str, checks: Checks, most_usd: float | None = None, *, strict: bool = False
    ) -> None:
        self._models = models
        self._model = models.name_of(model or None)
        self._checks = checks
        self._most_usd = most_usd
        self._strict = strict
        self._takes_schema = self._models.abilities(self._model).shapes

    async def write(self, brief: Brief, listener: Listener) -> Outcome:
        """Write a draft. Whatever goes wrong is in the outcome; cancelling alone is raised, and leaves nothing."""
        outcome = Outcome(self._model)
        messages = messages_for(brief)
        best: Outcome | None = None
        used = 0.0
        for round_ in range(1, ROUNDS + 1):
            try:
                request, estimate = await self._affordable(messages, brief, used)
                listener.asking(self._model, round_, estimate.usd)
                reply = await self._ask(request, listener)
            except CallFailed as error:
                # What a failed call cost counts, and a draft that was sound already is not lost with it.
                found = best or outcome
                spent = outcome.spent.plus(error.usage) if error.usage else outcome.spent
                return replace(found, why=error.message, hint=error.hint, rounds=round_, spent=spent)
            used += _cost(reply.usage, estimate)
            outcome = replace(outcome, rounds=round_, spent=outcome.spent.plus(reply.usage))
            verdict = await judge(reply.text, brief, self._checks)
            wrong = verdict.problems or verdict.doubts
            listener.judged(wrong)
            outcome = _told(outcome, verdict)
            if not verdict.problems:
                best = outcome
            if not wrong:
                return outcome
            messages = ask_again(messages, reply.text[:LARGEST], wrong)
        if best is not None:
            return replace(best, rounds=outcome.rounds, spent=outcome.spent)
        why = f"{self._model} gave no usable draft in {ROUNDS} answers"
        return replace(outcome, why=f"{why}. The last one: {outcome.problems[0]}.", hint="Say it in other words.")

    async def _affordable(self, messages: tuple[Message, ...], brief: Brief, used: float) -> tuple[Request, Estimate]:
        """The request, with what it may cost. Raises CallFailed where no model answers, or the money is not enough."""
        schema = answer_schema(brief.inventory) if self._takes_schema else None
        request = Request(self._model, messages, max_tokens=MOST_TOKENS, deadline=DEADLINE, idle=IDLE, schema=schema)
        # Prices are read from a file at first.
        limited, estimate = await asyncio.to_thread(self._models.quote, request)
        if self._most_usd is not None:
            if estimate.usd is None and not self._strict:
                return limited, estimate
            if estimate.usd is None:
                message = f"Nobody knows what {self._model} costs, and this may cost {money(self._most_usd)} at most."
                raise CallFailed(Failure("budget", message, "Set its price (`pricing:` in settings.yaml)."))
            if used + estimate.usd > self._most_usd:
                message = (
                    f"The next answer of {self._model} may cost {money(estimate.usd)}, and of "
                    f"{money(self._most_usd)} there is {money(max(0.0, self._most_usd - used))} left."
                )
                raise CallFailed(Failure("budget", message, "Allow more: --budget USD."))
        return limited, estimate

    async def _ask(self, request: Request, listener: Listener) -> Reply:
        """One answer, without the schema where the provider refuses to take it."""
        try:
            return await self._hear(request, listener)
        except CallFailed as error:
            refused = error.failure.kind == "validation" and not is_too_long(error.failure)
            if request.schema is None or not refused:
                raise
            self._takes_schema = False
            return await self._hear(replace(request, schema=None), listener)

    async def _hear(self, request: Request, listener: Listener) -> Reply:
        """The answer, broken off where no draft can be that long: a model may never end."""
        heard = 0

        def hear(delta: str) -> None:
            nonlocal heard
            heard += len(delta)
            if heard <= LARGEST:
                listener.text(delta)
            else:
                too_long.set()

        too_long = asyncio.Event()
        asking = asyncio.ensure_future(self._models.complete(request, hear))
        watching = asyncio.ensure_future(too_long.wait())
        try:
            await asyncio.wait({asking, watching}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
        finally:
            watching.cancel()
            asking.cancel()
            await asyncio.gather(asking, watching, return_exceptions=True)
        message = f"{self._model}: the answer is longer than {LARGEST:,} characters, and was broken off."
        raise CallFailed(Failure("agent", message), Usage(self._model))


def _cost(usage: Usage, estimate: Estimate) -> float:
    """What an answer is counted as: its cost, else the most that it may have been."""
    known = (usage.cost_usd, usage.at_most_usd, estimate.usd)
    return next((usd for usd in known if usd is not None), 0.0)


def _told(outcome: Outcome, verdict: Verdict) -> Outcome:
    return replace(
        outcome,
        text=verdict.answer.text if not verdict.problems else "",
        workflow=verdict.workflow if not verdict.problems else None,
        questions=verdict.answer.questions,
        declined=verdict.answer.declined,
        problems=verdict.problems,
        doubts=verdict.doubts,
        notes=verdict.notes,
    )
