"""What a text says: the same concepts in other words and languages, slips mended, values known by their form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.concepts import fold, lexicon
from composer.terms import stem, terms_of


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("under which licence", "licence"),
        ("unter welcher Lizenz", "licence"),
        ("con qué licencia", "licence"),
        ("sob qual licença", "licence"),
        ("with what license", "licence"),
        ("Sicherheitslücken", "vulnerable"),
        ("vulnerabilitys", "vulnerable"),
        ("dependancies", "dependency"),
        ("relase notes", "release_notes"),
        ("pruefe ob", "check"),
        ("roll it out: rollout", "deploy"),
        ("put what was merged under Unreleased", "changelog"),
        ("read https://example.org/a", "#url"),
        ("since v2.3.0", "#version"),
        ("orders.csv", "csv"),
        ("logs/app.log", "log"),
        ("the certificate of example.org", "#host"),
        ("src/api/", "#folder"),
    ],
)
def test_what_is_meant_is_found_in_other_words(text: str, key: str) -> None:
    assert key in {term.key for term in terms_of(text)}


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("a test drive", "away"),
        ("recipe for soup", "away"),
        ("hack into his account", "harm"),
        ("lotto", "away"),
        ("water my plants", "away"),
    ],
)
def test_what_no_workflow_does_is_known_as_such(text: str, area: str) -> None:
    assert area in {term.area for term in terms_of(text)}


def test_words_that_all_requests_have_say_nothing() -> None:
    assert terms_of("could you please do it for me") == ()
    assert terms_of("bitte mach das für mich") == ()


def test_every_concept_has_words_and_every_word_is_folded() -> None:
    known = lexicon()
    for words in (known.whole, known.beginnings, known.inside):
        assert all(word == fold(word) and concepts for word, concepts in words.items())
    assert len(known.areas) > 90


@given(st.text(max_size=80))
def test_any_text_has_terms(text: str) -> None:
    assert all(term.key for term in terms_of(text))


@given(st.text(max_size=20))
def test_a_stem_is_a_beginning(word: str) -> None:
    assert word.startswith(stem(word))
