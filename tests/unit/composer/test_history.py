"""What earlier runs say of the steps of a workflow."""

from __future__ import annotations

from composer.optimise import history_of
from tests.support.optimising import Scripted

TEXT = """\
name: X
stages:
  - name: one
    steps:
      - {id: a, type: skill, skill: fetch, foreach: {in: [1, 2, 3]}}
      - id: both
        type: parallel
        steps: [{id: b, type: agent, agent: large, input: x, fallback: [small], on_failure: continue}]
      - {id: c, type: skill, skill: fetch, on_failure: continue}
"""


async def test_tries_are_counted_by_the_step_of_the_file_and_who_tried() -> None:
    flow = Scripted(frozenset({"c"}))
    first, second = [await flow.whole(TEXT) for _ in range(2)]
    found = history_of([first, second])
    (of_items,) = found["a"]
    assert (of_items.performer, of_items.count, of_items.rate) == ("", 6, 1.0)
    (by_agent,) = found["b"]
    assert (by_agent.performer, by_agent.count, by_agent.usd) == ("large", 2, 0.0)
    (failing,) = found["c"]
    assert (failing.count, failing.succeeded, failing.rate) == (2, 0, 0.0)
    assert "both" not in found


def test_of_no_runs_nothing_is_known() -> None:
    assert history_of([]) == {}
