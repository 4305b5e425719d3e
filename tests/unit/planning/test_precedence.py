"""Critical path first: of several steps that may start, the one with the longest path ahead."""

from __future__ import annotations

from tests.support.flows import Flow, steps
from workflows.planning.plan import Plan


def order(plan: Plan) -> list[str]:
    return sorted(plan.precedence.ranks, key=plan.precedence.ranks.__getitem__)


def stage(text: str) -> Plan:
    return Flow().plan(steps(f"- id: all\n  type: parallel\n  steps:\n{text}")).steps[0].inside[0]  # type: ignore[return-value]  # a block serves


def test_the_longest_path_ahead_goes_first_and_not_what_most_others_wait_for() -> None:
    plan = stage(
        """
    - {id: hub, type: do}
    - {id: spoke1, type: do, needs: [hub]}
    - {id: spoke2, type: do, needs: [hub]}
    - {id: spoke3, type: do, needs: [hub]}
    - {id: long1, type: do}
    - {id: long2, type: do, needs: [long1]}
    - {id: long3, type: do, needs: [long2]}
        """
    )
    assert plan.precedence.ahead == {
        "hub": 2,
        "spoke1": 1,
        "spoke2": 1,
        "spoke3": 1,
        "long1": 3,
        "long2": 2,
        "long3": 1,
    }
    assert order(plan) == ["long1", "hub", "long2", "spoke1", "spoke2", "spoke3", "long3"]


def test_a_step_that_holds_others_is_as_long_as_they_are() -> None:
    plan = stage(
        """
    - {id: pair1, type: do}
    - {id: pair2, type: do, needs: [pair1]}
    - id: holds
      type: decision
      branches:
        - {when: "true", steps: [{id: a, type: do}, {id: b, type: do}, {id: c, type: do}]}
        - {when: "false", steps: [{id: d, type: do}]}
        """
    )
    assert plan.precedence.ahead["holds"] == 3
    assert order(plan) == ["holds", "pair1", "pair2"]


def test_a_chain_that_stands_backwards_is_counted_from_its_end() -> None:
    """However long it is: one of a thousand steps would be too deep for a function that calls itself."""
    many = "".join(f"\n    - {{id: s{n}, type: do, needs: [s{n + 1}]}}" for n in range(999))
    plan = stage(f"{many}\n    - {{id: s999, type: do}}")
    assert plan.precedence.ahead["s999"] == 1000
    assert order(plan) == [f"s{n}" for n in reversed(range(1000))]


async def test_with_room_for_two_the_longest_paths_are_begun_first() -> None:
    """The longest path decides how long the whole takes: begun last, as the file has it, it would end a round later."""
    flow = Flow()
    state = await flow.run(
        """
        name: Kitchen
        stages:
          - name: cook
            parallel: true
            max_parallel: 2
            steps:
              - {id: table, type: do}
              - {id: flowers, type: do}
              - {id: dough, type: do}
              - {id: bread, type: do, needs: [dough]}
              - {id: slices, type: do, needs: [bread]}
        """
    )
    assert state.status == "succeeded"
    assert flow.done == ["dough", "table", "bread", "flowers", "slices"]
