"""A journal that was cut off after every third event is gone on with; `./dev proof recovery` plays every one."""

from __future__ import annotations

from tests.proof.lanes import Lane
from tests.proof.prefixes import play, record


def test_a_journal_is_gone_on_with_wherever_it_was_cut_off(lane: Lane) -> None:
    recording = record(lane)
    whole = len(recording.journal.events)
    assert whole > 100
    found = {n: play(lane, recording, n, happened=n % 2 == 0) for n in range(1, whole, 3)}
    assert {n: violations for n, violations in found.items() if violations} == {}
