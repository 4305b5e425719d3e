"""Takes a run as far as it goes from a plain command line: narrates, asks or answers, and stops in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import field
from functools import cached_property
from signal import SIGCONT, Signals
from typing import TYPE_CHECKING, Literal, TypeAlias

from app.cli.narrator import EventLines, Narrator
from app.cli.output import Output
from app.desk import Desk
from app.ending import code_of, heed
from app.failures import Exit, exit_of, explain
from app.present.alerts import alerts
from app.present.run import waiting_cards
from workflows.bus import Committed, Notice, Stuck
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.port import Fenced, PostedAnswer, StoreError
from workflows.records import dataclass
from workflows.runs.state import RunState

if TYPE_CHECKING:
    from app.cli.asker import Asker, Reply
    from app.present.carried import Carried
    from app.present.inquiry import Card

REFUSED_AT_MOST = 60.0
"""Seconds that a journal may refuse what a run writes, where nobody is here who could do something about it."""

Script: TypeAlias = "Callable[[Card], Reply | None]"
"""Answers in the place of a person, where the command line or a demo says how; None leaves the entry waiting."""


def approvals(choice: Literal["", "approve", "deny"]) -> Script | None:
    """The script that answers every approval so and leaves all else waiting; None for no choice.

    What the workflow states can be approved beforehand; what a model thinks of on the way cannot.
    """
    if not choice:
        return None
    from app.cli.asker import Reply

    def script(card: Card) -> Reply | None:
        known = card.reason == "approval" and card.offers(choice) and (choice == "deny" or not card.tool)
        return Reply(choice) if known else None

    return script


def waits_only_for_people(state: RunState) -> bool:
    """Whether nothing more happens in a run before a person has answered, at whatever depth it waits."""
    if state.over or not state.open_inquiries:
        return False
    from workflows.engine.silence import unattended_of  # most runs ask nobody

    asked = {inquiry.asked.step: inquiry.asked for inquiry in state.open_inquiries}
    # What holds others waits for these, and they are looked at themselves.
    holding = {scope.owner for scope in state.scopes.values() if scope.open}
    for step in state.steps.values():
        if step.status == "running" and step.id not in holding:
            return False
        if step.status == "waiting" and step.id not in holding:
            # A question with a default goes on by itself when its time is over: that is what the default is for. One
            # without would only fail then, maybe in days: the run is left, and whoever resumes it finds out, unless
            # its workflow says what counts where nobody is.
            question = asked.get(step.id)
            bounded = question is not None and unattended_of(state, step) is not None
            defaults = ("",) if bounded else ("", "late")
            if question is None or (question.until is not None and question.default not in defaults):
                return False
    return True


LOOK_AGAIN = 0.5
"""Seconds after which it is looked again at what waits, where somebody has answered it already."""


@dataclass(frozen=True)
class Manner:
    """How a run is taken along. `attended`: a person can be asked here. `script` answers as `by`; `hint` helps people.

    With `stays` the run is kept while it waits for people, who may answer from anywhere.
    """

    attended: bool
    by: str
    script: Script | None = None
    lines: Literal["story", "events"] = "story"
    details: bool = False
    stays: bool = False
    hint: Callable[[Card], str] = lambda _: ""


@dataclass
class Ending:
    """Where a run was left. `signal` is what stopped it; `denied` are entries the script said no to.

    `alerts` are the thresholds of the settings that the run has passed. `left` are answers that nobody has taken yet.
    """

    state: RunState
    signal: Signals | None = None
    denied: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    left: list[PostedAnswer] = field(default_factory=list)

    @property
    def exit(self) -> Exit:
        if self.signal:
            return Exit(code_of(self.signal))
        return Exit.NEEDS_PERSON if self.denied and self.state.status != "succeeded" else exit_of(self.state)


class Conductor:
    """Conducts one run."""

    def __init__(self, desk: Desk, out: Output, manner: Manner) -> None:
        self._desk = desk
        self._out = out
        self._manner = manner
        self._moved = asyncio.Event()
        self._unanswered: tuple[str, ...] = ()
        self._somebody = manner.attended
        self._signal: Signals | None = None
        self._denied: list[str] = []
        self._driver: Driver | None = None
        self._refused_since: float | None = None
        self._given_up: Stuck | None = None
        self._narrator = Narrator(out, details=manner.details)

    @cached_property
    def _asker(self) -> Asker:
        from app.cli.asker import Asker  # most runs ask nobody

        return Asker(self._out, self._prompting, self._carried, self._manner.hint)

    async def conduct(self, begin: Callable[[], Awaitable[Driver]]) -> Ending:
        """Start or resume the run by `begin`, and take it to its end or to where it needs somebody who is not here."""
        bus = self._desk.services.bus
        async with AsyncExitStack() as stack:
            listener = self._narrator if self._manner.lines == "story" else EventLines(self._out)
            for subscriber in (listener, self._hear):
                stack.callback(bus.subscribe(subscriber))
            if self._desk.services.workflow_files is not None and self._manner.lines == "story":
                from app.present.reloads import watch_reloads  # only where somebody is here is anything reloaded

                stack.callback(watch_reloads(self._desk.services, self._narrator.reloaded))
            heed(self._stop, self._leave)
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(SIGCONT, self._ask_again)
            stack.callback(loop.remove_signal_handler, SIGCONT)
            driver = await begin()
            state = await self._take(driver)
            while not self._signal and not state.over and await self._answers(state):
                # An answer came in at the last moment: take it along.
                state = await self._take(await self._desk.resume(state.run_id, attended=self._manner.attended))
        warned = alerts(state, self._desk.services.settings.monitoring) if state.over else []
        return Ending(state, self._signal, self._denied, warned)

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, Committed):
            self._refused_since = None
            # Of a run that goes on by itself nothing needs a look, unless somebody was being asked.
            if notice.state.status != "running" or notice.state.unanswered != self._unanswered:
                self._unanswered = notice.state.unanswered
                self._moved.set()
        elif isinstance(notice, Stuck) and self._driver is not None and not self._somebody:
            now = self._desk.services.clock.monotonic()
            if self._refused_since is None:
                self._refused_since = now
            elif now - self._refused_since >= REFUSED_AT_MOST:
                self._moved.set()
                self._given_up = notice
                self._driver.stop("the journal could not be written")

    async def _take(self, driver: Driver) -> RunState:
        """The run's state at its next stop. Raises StoreError where its journal refused for too long."""
        self._driver = driver
        if self._signal:
            self._stop(self._signal)
        try:
            state = await self._accompany(driver)
        except Fenced:
            raise
        except StoreError:
            if self._given_up is None:
                raise
        else:
            if self._given_up is None or state.over:
                return state
        run_id = driver.state.run_id
        raise StoreError(
            f"Run {run_id} was stopped: its journal could not be written for {REFUSED_AT_MOST:.0f} seconds. "
            f"{self._given_up.message}",
            f"{self._given_up.hint} Then go on with: understudy resume {run_id}",
        )

    async def _accompany(self, driver: Driver) -> RunState:
        finished = asyncio.ensure_future(self._desk.services.engine.finished(driver.state.run_id))
        asking: asyncio.Task[Reply | None] | None = None
        asked: Card | None = None
        seen: set[str] = set()
        try:
            while not finished.done():
                cards = waiting_cards(driver.committed)
                if asking is not None and asked is not None:
                    if asking.done():
                        await self._reply(driver, asked, asking.result(), self._manner.by)
                        cards = waiting_cards(driver.committed)
                        asking = None
                    elif asked.entry not in {card.entry for card in cards}:
                        self._out.say(f"{asked.entry} no longer waits.")
                        asking.cancel()
                        asking = None
                if asking is None and not driver.state.over:
                    asked = await self._next(driver, cards, seen)
                    others = len(waiting_cards(driver.committed)) - 1
                    explained = self._desk.services.code.explained(driver.committed, asked) if asked else None
                    asking = asyncio.ensure_future(self._asker.ask(explained, others)) if explained else None
                    if asking is None and await self._stands_still(driver):
                        driver.stop("nobody is here to answer what waits")
                        break
                self._moved.clear()
                moved = asyncio.ensure_future(self._moved.wait())
                waits = {finished, moved, *((asking,) if asking else ())}
                # An answer that was left before we came is taken, or turns out to count no more, which moves nothing.
                patience = LOOK_AGAIN if asking is None and self._somebody and cards else None
                await asyncio.wait(waits, timeout=patience, return_when="FIRST_COMPLETED")
                moved.cancel()
            return await finished
        finally:
            if asking is not None:
                asking.cancel()

    async def _next(self, driver: Driver, cards: tuple[Card, ...], seen: set[str]) -> Card | None:
        """Answer by the script what it answers, and give back the first card that a person is to be asked about."""
        for card in cards:
            if card.entry in seen:
                continue
            reply = self._manner.script(card) if self._manner.script else None
            if reply is not None:
                seen.add(card.entry)
                if reply.choice == "deny":
                    self._denied.append(card.entry)
                await self._reply(driver, card, reply, self._manner.by)
            elif self._somebody and card.entry not in await self._left(driver.committed):
                return card
        return None

    async def _reply(self, driver: Driver, card: Card, reply: Reply | None, by: str) -> None:
        if reply is None:
            # The end of input: nobody is here any more.
            self._somebody = False
            return
        try:
            run = driver.state.run_id
            await self._desk.answer(run, card.entry, reply.choice, reply.value, reply.note, by=by, digest=card.digest)
        except UnderstudyError as error:
            self._out.say(explain(error), "bad")

    async def _stands_still(self, driver: Driver) -> bool:
        """Whether nothing moves before a person answers, and no answer is on its way."""
        state = driver.committed
        if self._manner.stays or state.status != "waiting" or driver.state.seq != state.seq:
            return False
        if not waits_only_for_people(state) or await self._answers(state):
            return False
        # An answer that was taken while its being left was looked for is found neither there nor in what was known.
        return driver.state.seq == state.seq

    async def _answers(self, state: RunState) -> bool:
        return bool(state.open_inquiries) and bool(await self._left(state))

    async def _left(self, state: RunState) -> set[str]:
        """The entries for which answers were left that are not taken yet."""
        return {answer.entry for answer in await self._desk.services.store.answers(state.run_id)}

    def _carried(self, card: Card, choice: str) -> Carried | None:
        from app.present.carried import carried

        assert self._driver is not None  # nobody is asked before the run is on its way
        state = self._driver.committed
        return carried(state, state.inquiries[card.entry], choice)

    def _prompting(self, prompt: str) -> None:
        self._narrator.prompt = prompt

    def _ask_again(self) -> None:
        """Back from Ctrl-Z: the shell has written under what was asked."""
        if self._narrator.prompt:
            self._out.say(self._narrator.prompt, "attention")

    def _stop(self, number: Signals) -> None:
        if not self._signal:
            self._out.say(f"Stopping in good order ({number.name}); once more leaves at once.")
        self._signal = number
        if self._driver is not None:
            self._driver.stop(f"stopped by {number.name}")

    def _leave(self) -> None:
        if self._driver is not None:
            self._out.say(f"Left at once. Go on with: understudy resume {self._driver.state.run_id}")
