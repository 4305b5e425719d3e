"""The full-text index ranks by how rare a term is and where it stands, and search does without it."""

from __future__ import annotations

import pytest

from composer import index
from composer.index import has_index, shares
from composer.search import search
from tests.unit.composer.test_sample import candidates

needs_index = pytest.mark.skipif(not has_index(), reason="this SQLite has no FTS5")

TEXTS = (
    {"named": ("licence",), "requests": ("licence", "dependency", "licence")},
    {"named": ("dependency",), "purpose": ("=größe",)},
    {"steps": ("licence",)},
    {"tags": ("log",)},
    {"tags": ("web",)},
)


@needs_index
def test_what_is_named_so_ranks_over_what_only_mentions_it() -> None:
    found = shares({"licence": 1.0}, TEXTS)
    assert found is not None
    assert found[0] > found[2] > 0
    assert found[1] == found[3] == 0
    assert all(0 <= share <= 1 for share in found)


@needs_index
def test_what_nothing_has_takes_from_all_and_keys_are_no_syntax() -> None:
    alone, beside = shares({"log": 1.0}, TEXTS), shares({"log": 1.0, '=a" OR *': 1.0}, TEXTS)
    assert alone is not None
    assert beside is not None
    assert 0 < beside[3] < alone[3]
    assert shares({"=größe": 1.0}, TEXTS) != [0.0] * len(TEXTS)


def test_without_full_text_search_the_meaning_alone_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_CREATE", "CREATE VIRTUAL TABLE texts USING no_such_module(a)")
    assert not has_index()
    best = search("which licences do our libraries have", candidates())[0]
    assert best.candidate.name == "dependency-report"
    assert best.score > 0.7
