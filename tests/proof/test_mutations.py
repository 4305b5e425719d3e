"""The small form of the proof of the language: a thousand files that are nearly workflows."""

from __future__ import annotations

import pytest

from tests.proof.large_files import large_files
from tests.proof.mutations import Proof

MUTANTS = 1000


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
def test_large_files_are_read_in_a_second(proof: Proof, name: str) -> None:
    assert proof.look_at(name, large_files()[name]).violations == ()


def test_a_number_is_always_the_same_file(proof: Proof) -> None:
    assert [proof.case(number) for number in range(50)] == [proof.case(number) for number in range(50)]
