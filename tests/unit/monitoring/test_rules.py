"""Each rule finds what it is for, about what it should, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.monitoring.facts import Facts, Usual
from app.monitoring.rules import LEAST_GROWTH, RULES, Cause, Limit, causes
from app.monitoring.terms import terms_of
from app.settings import Monitoring, Resources
from app.settings_groups import RulePart
from workflows.engine.limits import Load
from workflows.journal.pulse import Ended, Lately, UnderWay

NOW = 1000.0
RUN = UnderWay("r1", "build", "running", NOW - 100, done=4, failed=1, total=9, active=2, failed_tries=3)
FACTS = Facts(
    NOW,
    {60.0: Lately({"build": Ended(3, 2, (NOW - 5, "r0"), NOW - 9), "fine": Ended(9)}, 20, 5, 12, 6)},
    (RUN, replace(RUN, run_id="r2", workflow="new", status="waiting", failed=0, failed_tries=0)),
    {"build": Usual(20, 30.0)},
    tuple((NOW - 59 + n, (300 if n < 20 else 900) * 1_000_000) for n in range(60)),
    Load(91.0, 80.0, 99.0, 12.0),
)


def found(rule: str, threshold: float, facts: Facts = FACTS) -> list[Cause]:
    return causes(facts, {rule: Limit(threshold, 60.0)})


@pytest.mark.parametrize(
    ("rule", "passed", "kept", "about", "value"),
    [
        ("failure", 2, 3, "build", 2),
        ("tries", 3, 4, "r1", 3),
        ("failure-rate", 24, 25, "r1", 25),
        ("error-rate", 24, 25, "", 25),
        ("degradation", 51, 50, "", 50),
        ("success-rate", 61, 60, "build", 60),
        ("duration", 99, 100, "r1", 100),
        ("slow", 3, 4, "r1", 100),
        ("memory", 899, 900, "", 900),
        ("memory-growth", 199, 200, "", 200),
        ("cpu", 90, 91, "", 91),
        ("machine-memory", 79, 80, "", 80),
        ("storage", 98, 99, "", 99),
        ("network", 11, 12, "", 12),
    ],
)
def test_a_threshold_that_is_passed_is_a_cause(rule: str, passed: float, kept: float, about: str, value: float) -> None:
    (cause,) = found(rule, passed)
    assert (cause.rule, cause.about, cause.value) == (rule, about, value)
    assert cause.said
    assert found(rule, kept) == []


def test_every_rule_is_in_the_table_above_and_has_terms() -> None:
    everything = Monitoring(5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    assert tuple(terms_of(everything, Resources(1, 1, 1, 1))) == tuple(RULES)


def test_a_failure_is_over_when_a_run_succeeded_since() -> None:
    mended = Lately({"build": Ended(3, 2, (NOW - 5, "r0"), NOW - 4)})
    assert found("failure", 1, replace(FACTS, lately={60.0: mended})) == []


def test_of_few_nothing_is_said() -> None:
    few = replace(FACTS, lately={60.0: Lately({"build": Ended(0, 4)}, 9, 9, 9, 0)}, usual={"build": Usual(4, 1.0)})
    assert [found(rule, limit, few) for rule, limit in (("error-rate", 1), ("degradation", 99))] == [[], []]
    assert [found(rule, limit, few) for rule, limit in (("success-rate", 99), ("slow", 0.1))] == [[], []]


def test_what_people_take_their_time_for_is_not_slow() -> None:
    asking = replace(FACTS, under_way=(replace(RUN, status="waiting"),))
    assert [found(rule, 1, asking) for rule in ("slow", "duration")] == [[], []]


def test_memory_that_comes_and_goes_does_not_grow() -> None:
    saw = tuple((NOW - 59 + n, (900 if n % 10 else 300) * 1_000_000) for n in range(60))
    assert found("memory-growth", 50, replace(FACTS, memory=saw)) == []
    little = tuple((NOW - 59 + n, 1000 if n < 30 else LEAST_GROWTH) for n in range(60))
    assert found("memory-growth", 50, replace(FACTS, memory=little)) == []


def test_a_single_rule_has_its_own_terms() -> None:
    own = {"failure": RulePart(window=7.0, cool_down=8.0, channels=("ops",)), "slow": RulePart(enabled=False)}
    terms = terms_of(Monitoring(channels=("team",), rules=own), Resources())
    assert set(terms) == {"failure", "memory-growth"}
    assert terms["failure"].limit == Limit(1.0, 7.0)
    assert (terms["failure"].cool_down, terms["failure"].channels) == (8.0, ("ops",))
    assert (terms["memory-growth"].cool_down, terms["memory-growth"].channels) == (900.0, ("team",))
    assert terms["memory-growth"].limit == Limit(200.0, 300.0)
