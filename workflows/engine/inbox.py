"""What comes to a run from outside while it goes on: what other processes left for it, and times that run out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from workflows.engine.ledger import STORAGE_EVERY
from workflows.errors import Failure, UnderstudyError
from workflows.journal.port import NotWaiting, PostedAnswer, Request, StoreError
from workflows.runs import events as e
from workflows.runs.tree import ABOUT

if TYPE_CHECKING:
    from workflows.engine.driver import Driver

EVERY = 0.25
"""Seconds between looks."""


class Inbox:
    """Looks for one driver. What it finds goes through the driver like anybody's answer."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._taken: set[int] = set()
        self._mail: object = self
        self._left = False

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        if self._driver.state.seq == 1:
            await self._driver.clock.sleep(EVERY)  # a run that has just begun has had no mail
        while True:
            await self._take_defaults()
            await self._take_mail()
            self._mind_the_limit()
            await self._driver.clock.sleep(EVERY)

    async def _take_mail(self) -> None:
        """Requests and answers that are new, and answers that could not be taken the last time."""
        driver = self._driver
        try:
            mail = await driver.store.mail()
            if mail != self._mail:
                for request in await driver.store.requests(driver.state.run_id, after=driver.state.requested):
                    self.obey(request)
            if (mail != self._mail or self._left) and driver.state.open_inquiries:
                await self._take_answers()
        except StoreError:
            return  # the next look may do better, and writing says so anyway
        self._mail = mail

    async def answer(self, answered: e.Answered) -> None:
        """An answer given in this process: left like all others, so that the first one counts, and taken at once.

        Raises UnderstudyError where it cannot be so, and NotWaiting where another one was first.
        """
        self._driver.outcome(answered)
        posted = await self._leave(answered)
        with suppress(StoreError):  # the answer is durable: whoever goes on with the run takes it
            await self._take(posted)

    async def _leave(self, answered: e.Answered) -> PostedAnswer:
        """Make an answer durable. While the journal refuses, wait and try again, as for events."""
        driver = self._driver
        fields = (answered.choice, answered.value, answered.note, answered.by, answered.digest)
        while True:
            try:
                return await driver.store.post_answer(PostedAnswer(0, driver.state.run_id, answered.entry, *fields))
            except NotWaiting:
                raise
            except StoreError as error:
                driver.stuck(error)
                if driver.stopping:
                    raise
                await driver.clock.sleep(STORAGE_EVERY)

    async def _take_defaults(self) -> None:
        """The default of each entry whose time has run out, unless somebody was quicker."""
        driver = self._driver
        for inquiry in driver.state.open_inquiries:
            asked = inquiry.asked
            if asked.until is not None and asked.until <= driver.clock.now():
                answer = PostedAnswer(0, driver.state.run_id, asked.entry, asked.default or "deny", by="default")
                try:
                    await self._take(await driver.store.post_answer(answer))
                except NotWaiting:
                    self._left = True
                except StoreError:
                    continue  # the next look may do better

    async def _take_answers(self) -> None:
        self._left = False
        for answer in await self._driver.store.answers(self._driver.state.run_id):
            await self._take(answer)

    async def _take(self, answer: PostedAnswer) -> None:
        """Turn an answer that was left into events, once. Nobody may be there to be told that it does not fit."""
        driver = self._driver
        answered = e.Answered(answer.entry, answer.choice, answer.value, answer.note, answer.by, answer.digest)
        if answer.id in self._taken:
            return
        try:
            durable = driver.post(*driver.outcome(answered))
        except UnderstudyError:
            inquiry = driver.state.inquiries.get(answer.entry)
            if inquiry is not None and inquiry.open:
                self._left = True  # what does not fit yet may do so when more is over
            return
        self._taken.add(answer.id)
        await durable

    def obey(self, request: Request) -> None:
        """Post what a request leads to."""
        driver = self._driver
        if driver.state.over:
            return
        driver.post(e.RequestTaken(request.id, request.what, request.by))
        cancelling = driver.state.top.then == "cancel"
        match request.what:
            case "pause" if not driver.state.paused and not cancelling:
                driver.post(e.RunPaused(request.why))
            case "continue" if driver.state.paused:
                driver.post(e.RunContinued())
            case "revoke" if request.why.isdecimal():
                driver.post(e.PatternRevoked(int(request.why), request.by))
            case "hurry":
                driver.hurried[request.why] = request.by
            case "cancel" if not cancelling:
                self.cancel(request.why)
            case "cancel_now":
                for _ in range(1 if cancelling else 2):
                    self.cancel(request.why)

    def cancel(self, why: str) -> None:
        """Post what ends the run. Once it is said to end so, its `finally` is ended too."""
        driver, state = self._driver, self._driver.state
        if state.over:
            return
        again = state.top.then == "cancel"
        if state.queued:
            driver.post(e.RunAdmitted(why))
        if state.paused:
            driver.post(e.RunContinued())  # what finishes it has to start
        if not again:
            driver.post(e.ScopeAborted("", why, then="cancel"))
        stopped = ("child", *ABOUT) if again else ("child", "undo", "rollback")
        for scope in tuple(state.scopes.values()):
            if scope.open and scope.kind in stopped and scope.then != "cancel":
                driver.post(e.ScopeAborted(scope.name, why, then="cancel"))

    def _mind_the_limit(self) -> None:
        """End a run that was at work for longer than its workflow lets it."""
        driver, state = self._driver, self._driver.state
        limit = state.plan.timeout
        if limit is None or state.status != "running" or state.top.aborting:
            return
        if state.at_work + driver.clock.now() - state.updated > limit:
            failure = Failure(
                "timeout", f"The run took longer than its {limit:g} s.", "Raise the workflow's `timeout`."
            )
            driver.post(e.ScopeAborted("", failure.message, failure))
