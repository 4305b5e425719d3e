"""What comes to a run from outside while it goes on: answers that other processes left, and times that run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.errors import Failure, UnderstudyError
from workflows.journal.port import StoreError
from workflows.runs import events as e

if TYPE_CHECKING:
    from workflows.engine.driver import Driver

EVERY = 0.5
"""Seconds between looks."""


class Inbox:
    """Looks for one driver. What it finds goes through the driver like anybody's answer."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._taken: set[int] = set()

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self._take_defaults()
            if self._driver.state.open_inquiries:
                await self._take_answers()
            self._mind_the_limit()
            await self._driver.clock.sleep(EVERY)

    async def _take_defaults(self) -> None:
        """The default of each entry whose time has run out."""
        for inquiry in self._driver.state.open_inquiries:
            asked = inquiry.asked
            if asked.until is not None and asked.until <= self._driver.clock.now():
                await self._answer(asked.entry, asked.default or "deny", by="default")

    async def _take_answers(self) -> None:
        try:
            answers = await self._driver.store.answers(self._driver.state.run_id)
        except StoreError:
            return  # the next look may do better, and writing says so anyway
        for answer in answers:
            if answer.id not in self._taken:
                more = {"value": answer.value, "note": answer.note, "by": answer.by, "digest": answer.digest}
                await self._answer(answer.entry, answer.choice, **more)
                inquiry = self._driver.state.inquiries.get(answer.entry)
                if inquiry is None or not inquiry.open:
                    self._taken.add(answer.id)  # one that does not fit yet may do so when more is over

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
