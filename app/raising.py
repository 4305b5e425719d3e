"""Going on with a run under a higher limit of money, said before any call asks for it."""

from __future__ import annotations

import re

from app.desk import Desk
from app.present.ending import with_more_money
from app.present.owners import silence, silence_hint
from workflows.engine.budget import asked_for_more, must_be_a_raise, raised
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.port import NotWaiting, Summary
from workflows.money import money
from workflows.runs.state import RunState


async def resume_with_budget(desk: Desk, run_id: str, usd: float, *, attended: bool, by: str) -> Driver:
    """Go on with a run that no process has; it may spend `usd` US dollars in all. `by` says so, in its journal.

    Where a call waits for more money, this is the answer to that. Raises UnderstudyError where the run is over, a
    living process has it, or it is no raise; then nothing has changed.
    """
    state = await desk.state(run_id)
    if state.over:
        raise _over(state, usd)
    summary = await desk.summary(run_id)
    if summary.owner:
        raise _owned(state, usd, summary, desk.services.clock.now())
    must_be_a_raise(state, usd)
    if asked := asked_for_more(state):
        try:
            await desk.answer(run_id, asked.entry, "raise", usd, by=by)
            return await desk.resume(run_id, attended=attended)
        except NotWaiting:
            pass  # somebody left another answer, which counts too
    driver = await desk.resume(run_id, attended=attended)
    # It has not done anything yet: the limit is in its journal before any call can ask for it.
    driver.post(*raised(driver.state, usd, by))
    return driver


def _over(state: RunState, usd: float) -> UnderstudyError:
    ended = "was cancelled" if state.status == "cancelled" else state.status
    return UnderstudyError(
        f"Run {state.run_id} is over: it {ended}, and nothing more is spent in it.",
        f"A new run goes on with what it did, and has a budget of its own: {with_more_money(state, usd)}",
    )


def _owned(state: RunState, usd: float, summary: Summary, now: float) -> UnderstudyError:
    run, owner = state.run_id, summary.owner
    said = f"Run {run} is being run by {owner}, so its budget is raised there."
    if asked := asked_for_more(state):
        return UnderstudyError(said, f"It waits for that: understudy answer {run} {asked.entry} raise --value {usd:g}")
    purse = state.purses.get("")
    pid = number.group() if (number := re.search(r"\d+$", owner)) else "PID"
    stop = f"`kill {pid}` stops it in good order; then this command goes on with it."
    if silence(summary, now):
        stop = silence_hint(summary)
    if purse is None:
        return UnderstudyError(f"Run {run} is being run by {owner}, and has no budget.", stop)
    asks = "It asks when a call has no room, and `understudy answer` raises it. " * (purse.budget.on_exceed == "ask")
    return UnderstudyError(f"{said} It may spend {money(purse.limit)}.", f"{asks}Before that: {stop}")
