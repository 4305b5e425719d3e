"""One process of a proof: starts or resumes the reference run with the real services, and answers what waits.

It tells what it was told is durable, a line each, on its standard output, so that what it told can be held against the
journal after it was killed:

    found STATUS          how the list of runs shows the run that is taken up again
    started RUN           the start of a run returned
    committed SEQ         a screen was told of the event
    answered ENTRY        an answer was taken
    ended STATUS          the run has come to an end
    refused WORDS         the program ended in words
    stuck WORDS           the journal refuses, and the run waits
    failed STEP WORDS     a step failed, and is tried again
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from app.container import Services, open_services
from app.desk import Desk
from tests.proof.case import Act, Case
from workflows.bus import Committed, Notice, Stuck
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.port import NotWaiting, Query
from workflows.runs.events import Asked

if TYPE_CHECKING:
    from tests.proof.spawner import Request

PERSON = "a person"

LOOK_AGAIN = 0.1
"""Seconds until an answer that found nothing is given again."""

PATIENT = 8
"""How often the person has a step tried again that fails."""


def tell(*words: object) -> None:
    """One line, in one write. Where strace refuses this thread's writes it is no disk that is full: once more."""
    line = (" ".join(str(word).replace("\n", " ") for word in words) + "\n").encode()
    while True:
        try:
            os.write(1, line)
            return
        except OSError:
            continue


async def play(case: Case, request: Request, plant: Callable[[Services], None]) -> int:
    """`start` or `resume` the run, and take it to its end. 0 where it came to one."""
    # One thread in the pool, so that which thread does what, and so what a point means, is the same in every run.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    try:
        async with open_services(case.paths, environ, trusted=True) as services:
            plant(services)
            return await _take_along(case, Desk(services), request)
    except UnderstudyError as error:
        tell("refused", error.message, error.hint)
        return 4


async def _take_along(case: Case, desk: Desk, request: Request) -> int:
    person = _Person(case, desk)
    desk.services.bus.subscribe(person.hear)
    if request.command == "start":
        proposal = desk.propose(desk.load(request.workflow), request.parameters)
        driver = await desk.start(proposal, attended=True)
        tell("started", driver.state.run_id)
    else:
        (summary,) = await desk.runs(Query())
        tell("found", summary.status)
        if summary.finished is not None:
            return 0
        driver = await desk.resume(summary.run_id, attended=True)
    state = await person.answer_until_over(driver)
    tell("ended", state.status)
    return 0


class _Person:
    """Answers whatever waits, as it comes; settles what is unknown by what the outside world shows."""

    def __init__(self, case: Case, desk: Desk) -> None:
        self._case = case
        self._desk = desk
        self._moved = asyncio.Event()
        self._failed: Counter[str] = Counter()

    def hear(self, notice: Notice) -> None:
        if isinstance(notice, Committed):
            tell("committed", notice.events[-1].seq)
            self._moved.set()
        elif isinstance(notice, Stuck):
            tell("stuck", notice.message)
            (self._case.paths.data.parent / "filler").unlink(missing_ok=True)

    async def answer_until_over(self, driver: Driver) -> Any:
        over = asyncio.ensure_future(self._desk.services.engine.finished(driver.state.run_id))
        while not over.done():
            self._moved.clear()
            for inquiry in driver.committed.open_inquiries:
                if driver.state.inquiries[inquiry.asked.entry].open:
                    await self._answer(driver, inquiry.asked)
            moved = asyncio.ensure_future(self._moved.wait())
            await asyncio.wait({over, moved}, return_when="FIRST_COMPLETED")
            moved.cancel()
        return over.result()

    async def _answer(self, driver: Driver, asked: Asked) -> None:
        choice, value = self._choice(driver, asked)
        try:
            await driver.answer(asked.entry, choice, value, by=PERSON, digest=asked.digest)
        except NotWaiting as error:
            # The process before left the answer, and was killed before it took it: this one takes it any moment. Or
            # what it answers is not written yet, which only a planted fault does: so look again.
            tell("late", asked.entry, error.message)
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._moved.set)
        except UnderstudyError as error:
            if driver.state.inquiries[asked.entry].open:
                raise
            tell("late", asked.entry, error.message)
        else:
            tell("answered", asked.entry)

    def _choice(self, driver: Driver, asked: Asked) -> tuple[str, Any]:
        match asked.reason:
            case "approval":
                return "approve", None
            case "question":
                return "answer", {"sure": True}
            case "unknown":
                call = driver.state.steps[asked.step].calls[asked.key]
                happened = [act for act in self._case.acts() if act.key == call.idempotency_key]
                return ("happened", _output(happened[0])) if happened else ("again", None)
            case "intervention":
                tell("failed", asked.step, asked.title)
                self._failed[asked.step] += 1
                return "retry" if self._failed[asked.step] < PATIENT else "abort", None
        raise AssertionError(f"nothing should wait for this: {asked}")


def _output(act: Act) -> dict[str, Any]:
    """What an act gave to whoever called for it."""
    return {"body": {"did": act.what}} if act.what == "post" else {"sent": act.what}
