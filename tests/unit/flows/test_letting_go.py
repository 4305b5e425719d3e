"""A run that is over is gone at once: its parts must not refer to each other until the garbage collector finds them."""

from __future__ import annotations

import gc
from weakref import ref

from tests.support.flows import Flow, steps

PARTS = """
- {id: first, type: do}
- {id: both, type: parallel, steps: [{id: left, type: do}, {id: right, type: do}]}
- {id: each, type: do, foreach: {in: [a, b]}}
"""


async def test_what_a_run_was_made_of_goes_with_it() -> None:
    flow = Flow()
    gc.collect()
    gc.disable()
    try:
        driver = await flow.start(steps(PARTS))
        run, parts = driver.state.run_id, [ref(driver), ref(driver.state), ref(driver.state.steps["first"])]
        del driver
        state = await flow.engine.finished(run)
        assert state.status == "succeeded"
        del state
        await flow.clock.advance(0)
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()
