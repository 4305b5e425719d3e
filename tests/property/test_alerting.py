"""An alert is told of once within its cool-down, whatever comes and goes, and is over when its cause is gone."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from app.monitoring.alerting import acknowledge, acknowledged, judge
from app.monitoring.rules import Cause
from workflows.unattended.values import Alert

WAITS = {"failure": 60.0, "slow": 5.0}
KINDS = [("failure", "a"), ("failure", "b"), ("slow", "r1")]

looks = st.lists(st.tuples(st.floats(0.1, 40), st.sets(st.sampled_from(KINDS)), st.booleans()), min_size=1, max_size=40)


@given(looks)
def test_over_any_course_of_looks(steps: list[tuple[float, set[tuple[str, str]], bool]]) -> None:
    now, ids, kept = 1000.0, count(), dict[str, Alert]()
    told: dict[tuple[str, str], float] = {}
    for passed, there, seen in steps:
        now += passed
        longest = max(WAITS.values())
        known = [each for each in kept.values() if each.until is None or each.until >= now - longest]
        found = [Cause(rule, about, 1.0, "so") for rule, about in there]
        judged = judge(now, known, found, WAITS, lambda: str(next(ids)))
        kept |= {each.id: each for each in judged.keep}
        for each in judged.tell:
            key = (each.rule, each.about)
            assert key in there
            assert now - told.get(key, -1e9) >= WAITS[each.rule]
            assert not acknowledged(each)
            told[key] = now
        lasting = [(each.rule, each.about) for each in kept.values() if each.until is None]
        assert sorted(lasting) == sorted(there)
        for each in list(kept.values()):
            if each.until is None and not acknowledged(each):
                assert each.told is not None
                assert now - each.told < WAITS[each.rule]
            if seen and each.until is None:
                kept[each.id] = acknowledge(each, "ada", now)


def test_one_that_lasts_is_told_again_after_its_cool_down_unless_somebody_saw_to_it() -> None:
    cause = [Cause("slow", "r1", 1.0, "slow", "r1")]
    (alert,) = judge(0.0, [], cause, WAITS, lambda: "x").tell
    assert judge(4.0, [alert], cause, WAITS, lambda: "y").tell == ()
    assert [each.id for each in judge(5.0, [alert], cause, WAITS, lambda: "y").tell] == ["x"]
    assert judge(50.0, [acknowledge(alert, "ada", 1.0)], cause, WAITS, lambda: "y").tell == ()


def test_one_that_comes_back_goes_on_within_its_cool_down_and_is_another_after() -> None:
    cause = [Cause("slow", "r1", 1.0, "slow", "r1")]
    (alert,) = judge(0.0, [], cause, WAITS, lambda: "x").keep
    (over,) = judge(1.0, [alert], [], WAITS, lambda: "y").keep
    assert over.until == 1.0
    back = judge(2.0, [over], cause, WAITS, lambda: "y")
    assert ([each.id for each in back.keep], [each.until for each in back.keep], back.tell) == (["x"], [None], ())
    again = judge(20.0, [over], cause, WAITS, lambda: "y")
    assert [each.id for each in again.tell] == ["y"]


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    cause = [Cause("slow", "r1", 1.0, "slow")]
    (alert,) = judge(1000.0, [], cause, WAITS, lambda: "x").tell
    assert judge(10.0, [alert], cause, WAITS, lambda: "y").tell != ()
