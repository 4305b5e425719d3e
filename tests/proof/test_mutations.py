"""The small form of the proof of the language: five hundred files that are nearly workflows.

`./dev proof mutations` plays as many as wanted.
"""

from __future__ import annotations

import sys

import pytest

from tests.proof.large_files import large_files
from tests.proof.mutations import Proof

MUTANTS = 500


@pytest.fixture(scope="module")
def proof() -> Proof:
    return Proof(seed=20_000)


def test_mutants_give_located_diagnostics(proof: Proof) -> None:
    assert len(proof.good) >= 90
    results = [proof.play(number) for number in range(MUTANTS)]
    assert not [(each.number, each.violations) for each in results if each.violations]
    valid = sum(each.parsed is not None and each.parsed.valid for each in results)
    assert MUTANTS // 20 < valid < MUTANTS // 2, "mutants that are all wrong, or all right, show little"
    assert len({each.way for each in results}) > 20
    codes = {found.code for each in results if each.parsed for found in each.parsed.diagnostics}
    assert len(codes) > 20


@pytest.mark.parametrize("name", large_files())
def test_what_is_twice_as_large_takes_about_twice_the_work(proof: Proof, name: str) -> None:
    half, whole = (_work(proof, large_files(share)[name]) for share in (0.25, 0.5))
    assert whole < 3 * half, "four times the work for twice the size is a check that compares all with all"


def _work(proof: Proof, text: str) -> int:
    """How many calls it takes to read a file: unlike its time, the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        proof.read(text)
    finally:
        sys.setprofile(None)
    return calls


def test_a_number_is_always_the_same_file(proof: Proof) -> None:
    assert [proof.case(number) for number in range(50)] == [proof.case(number) for number in range(50)]
