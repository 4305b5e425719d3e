"""What comes to a run from outside while it goes on: what other processes left for it, and times that run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.errors import Failure, UnderstudyError
from workflows.journal.port import StoreError
from workflows.runs import events as e

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
                    driver.obey(request)
            if (mail != self._mail or self._left) and driver.state.open_inquiries:
                await self._take_answers()
        except StoreError:
            return  # the next look may do better, and writing says so anyway
        self._mail = mail

    async def _take_defaults(self) -> None:
        """The default of each entry whose time has run out."""
        for inquiry in self._driver.state.open_inquiries:
            asked = inquiry.asked
            if asked.until is not None and asked.until <= self._driver.clock.now():
                await self._answer(asked.entry, asked.default or "deny", by="default")

    async def _take_answers(self) -> None:
        self._left = False
        for answer in await self._driver.store.answers(self._driver.state.run_id):
            if answer.id not in self._taken:
                more = {"value": answer.value, "note": answer.note, "by": answer.by, "digest": answer.digest}
                await self._answer(answer.entry, answer.choice, **more)
                inquiry = self._driver.state.inquiries.get(answer.entry)
                if inquiry is None or not inquiry.open:
                    self._taken.add(answer.id)
                else:
                    self._left = True  # one that does not fit yet may do so when more is over

    async def _answer(self, entry: str, choice: str, **more: Any) -> None:
        try:
            await self._driver.take(entry, choice, **more)
        except UnderstudyError:
            # Somebody else was quicker, or what waits has changed; the entry itself says so.
            return

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
