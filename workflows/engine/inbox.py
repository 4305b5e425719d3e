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


_NONE_YET = object()
"""In the place of what the mail was at the last look."""


class Inbox:
    """What one driver has taken. What is found goes through the driver like anybody's answer.

    It does not keep the driver: a run whose parts refer to each other stays until the garbage collector finds it.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._mail: object = _NONE_YET
        self._left = False
        self._began: float | None = None

    def is_early(self, driver: Driver) -> bool:
        """Whether the run has only just begun: it can have had no mail, and may be over before there is any."""
        if self._began is None:
            self._began = driver.clock.monotonic() if driver.state.seq == 1 else float("-inf")
        return driver.clock.monotonic() < self._began + EVERY

    async def watch(self, driver: Driver) -> None:
        """Look again and again, until cancelled."""
        if self.is_early(driver):
            await driver.clock.sleep(EVERY)
        while True:
            await self._take_defaults(driver)
            await self._take_mail(driver)
            self._mind_the_limit(driver)
            await driver.clock.sleep(EVERY)

    async def _take_mail(self, driver: Driver) -> None:
        """Requests and answers that are new, and answers that could not be taken the last time."""
        try:
            mail = await driver.store.mail()
            if mail != self._mail:
                for request in await driver.store.requests(driver.state.run_id, after=driver.state.requested):
                    self.obey(driver, request)
            if (mail != self._mail or self._left) and driver.state.open_inquiries:
                await self._take_answers(driver)
        except StoreError:
            return  # the next look may do better, and writing says so anyway
        self._mail = mail

    async def answer(self, driver: Driver, answered: e.Answered) -> None:
        """An answer given in this process: left like all others, so that the first one counts, and taken at once.

        Raises UnderstudyError where it cannot be so, and NotWaiting where another one was first.
        """
        driver.outcome(answered)
        posted = await self._leave(driver, answered)
        with suppress(StoreError):  # the answer is durable: whoever goes on with the run takes it
            await self._take(driver, posted)

    async def _leave(self, driver: Driver, answered: e.Answered) -> PostedAnswer:
        """Make an answer durable. While the journal refuses, wait and try again, as for events."""
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

    async def _take_defaults(self, driver: Driver) -> None:
        """The default of each entry whose time has run out, unless somebody was quicker."""
        for inquiry in driver.state.open_inquiries:
            asked = inquiry.asked
            if asked.until is not None and asked.until <= driver.clock.now():
                answer = PostedAnswer(0, driver.state.run_id, asked.entry, asked.default or "deny", by="default")
                try:
                    await self._take(driver, await driver.store.post_answer(answer))
                except NotWaiting:
                    self._left = True
                except StoreError:
                    continue  # the next look may do better

    async def _take_answers(self, driver: Driver) -> None:
        self._left = False
        for answer in await driver.store.answers(driver.state.run_id):
            await self._take(driver, answer)

    async def _take(self, driver: Driver, answer: PostedAnswer) -> None:
        """Turn an answer that was left into events, once. Nobody may be there to be told that it does not fit."""
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

    def obey(self, driver: Driver, request: Request) -> None:
        """Post what a request leads to."""
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
                self.cancel(driver, request.why)
            case "cancel_now":
                for _ in range(1 if cancelling else 2):
                    self.cancel(driver, request.why)

    def cancel(self, driver: Driver, why: str) -> None:
        """Post what ends the run. Once it is said to end so, its `finally` is ended too."""
        state = driver.state
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

    def _mind_the_limit(self, driver: Driver) -> None:
        """End a run that was at work for longer than its workflow lets it."""
        state = driver.state
        limit = state.plan.timeout
        if limit is None or state.status != "running" or state.top.aborting:
            return
        if state.at_work + driver.clock.now() - state.updated > limit:
            failure = Failure(
                "timeout", f"The run took longer than its {limit:g} s.", "Raise the workflow's `timeout`."
            )
            driver.post(e.ScopeAborted("", failure.message, failure))
