"""A journal that was cut off after every ninth event is gone on with; `./dev proof recovery` plays every one."""

from __future__ import annotations

from tests.proof.lanes import Lane
from tests.proof.prefixes import play, record


def test_a_journal_is_gone_on_with_wherever_it_was_cut_off(any_lane: Lane) -> None:
    recording = record(any_lane)
    whole = len(recording.journal.events)
    assert whole > 80
    found = {n: play(any_lane, recording, n, happened=n % 2 == 0) for n in range(1, whole, 9)}
    assert {n: violations for n, violations in found.items() if violations} == {}
