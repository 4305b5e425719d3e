"""What leaving means is said of what is under way, and of what must not be done twice."""

from __future__ import annotations

import asyncio

from app.present.leaving import cut_off, finishing, keeping, run_lines, stopping
from tests.support.flows import Flow
from tests.support.plans import until

FLOW = """
name: Two
stages:
  - name: both
    parallel: true
    steps: [{id: safe, type: do}, {id: send, type: unsafe}, {id: ask, type: approval, show: hello}]
"""


async def test_what_is_cut_off_is_begun_anew_or_asked_about() -> None:
    flow = Flow()
    flow.world.acts |= {name: lambda deed: asyncio.Event().wait() for name in ("safe", "send")}
    driver = await flow.start(FLOW)
    await until(lambda: len(flow.done) == 2 and bool(driver.committed.open_inquiries))
    state = driver.committed
    assert run_lines([state]) == [f"Two ({state.run_id}): safe, send at work, 1 waiting for you"]
    assert cut_off([state]) == [
        "Cut off unless you pause, and begun anew later: safe.",
        "Cut off, you are asked whether it happened: send.",
    ]
    assert keeping([state, state]) == "in processes of their own: `understudy attach`"
    assert finishing([state]) == "starts nothing new; leaves when 2 steps are done"
    assert stopping([state]) == "now; `understudy resume` goes on with it"
    assert run_lines([state] * 10)[-1] == "and 2 more"
    await flow.engine.close()
