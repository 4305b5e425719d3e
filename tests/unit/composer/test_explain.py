"""A workflow in plain words: everything that a person has to know of it is said."""

from __future__ import annotations

from textwrap import dedent

from composer.explain import explain
from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
from workflows.planning.make import make_plan
from workflows.steps.kind import Catalogue

TEXT = dedent(
    """\
    name: Careful
    description: Does things with care
    parameters:
      - {name: what, required: true, description: What it is about}
      - {name: how, enum: [fast, slow], default: slow}
    budget: {usd: 2, on_exceed: abort}
    timeout: 2h
    stages:
      - name: look
        parallel: true
        steps:
          - {id: a, type: transform, value: 1}
          - {id: b, type: delay, for: 1, when: parameters.how == 'slow', needs: [a], retry: {max_attempts: 3},
             timeout: 90}
      - name: act
        steps:
          - id: each
            type: parallel
            foreach: {in: [1, 2], as: number, max_parallel: 2}
            steps:
              - {id: c, type: transform, value: "${{ number }}"}
          - id: way
            type: decision
            branches: [{when: parameters.how == 'fast', steps: [{id: d, type: transform, value: 1}]}]
            default: [{id: e, type: approval, show: Go on?}]
          - id: last
            type: transform
            value: 1
            approve: before
            undo: {type: transform, value: 2}
            on_failure: continue
            notify: {when: failure}
    error_handlers:
      - {error: timeout, action: retry, max_retries: 2, then: escalate}
    rollback: {steps: [{id: back, type: transform, value: 1}]}
    finally: {steps: [{id: end, type: transform, value: 1}]}
    outputs: {x: "${{ steps.a.output }}"}
    """
)


def told(text: str, cost: str = "") -> list[str]:
    kinds = all_kinds()
    catalogue: Catalogue = Listed()
    workflow = parse(text, "x.yaml", kinds).workflow
    assert workflow is not None
    found = explain(workflow, make_plan(workflow, kinds, catalogue), cost)
    return ["  " * each.depth + each.text for each in found]


def test_it_says_all_that_matters() -> None:
    text = "\n".join(told(TEXT, "no model is asked, so it costs nothing"))
    for sentence in (
        "Careful: Does things with care.",
        "what: What it is about. It has to be given.",
        "how. Where you say nothing: “slow”. One of fast or slow.",
        "1. look, at most 8 steps at the same time:",
        "Only if parameters.how == 'slow'.",
        "It waits for a.",
        "It is tried up to 3 times and each try may take 90 seconds.",
        "It is done once for each number of [1,2], 2 at a time.",
        "If parameters.how == 'fast':",
        "Otherwise:",
        "e: waits for a person's yes: “Go on?”",
        "Before it acts, a person is shown exactly what it will do, and must say yes.",
        "If it fails for good, the rest goes on without its result, and that is said.",
        "If the run is rolled back, it is undone:",
        "Somebody is told when it failed.",
        "Timeout: it is tried 2 more times, then a person is asked.",
        "When the run is rolled back, this is done besides:",
        "However it ends, this is done last:",
        "At the end it gives back x.",
        "A person decides at e and last; until then nothing of it is done.",
        "A run may be at work for 2 hours at most.",
        "It may spend $2 on models, and ends before more.",
        "Cost: no model is asked, so it costs nothing.",
    ):
        assert sentence in text, sentence


def test_every_step_is_named() -> None:
    text = "\n".join(told(TEXT))
    assert all(f"{id_}: " in text for id_ in ("a", "b", "each", "c", "way", "d", "e", "last", "back", "end"))


def test_a_small_one_stays_small() -> None:
    assert told("name: Small\nsteps: [{id: a, type: transform, value: 1}]\n") == [
        "Small.",
        "It needs nothing from you.",
        "It does 1 step:",
        "  a: works a value out of what is there; it does nothing outside.",
        "Nothing in it waits for a person, unless something fails.",
    ]
