"""Finds the workflow that a request means, by what its words mean. It is search, not AI, and whoever shows it says so.

Words of seven languages are read as concepts (`composer.concepts`), slips of the finger mended. A workflow scores by
how much one of its example requests is like the request, by how its texts rank in a full-text index (`composer.index`),
and by the concepts that it shares with the request, those that tell workflows apart counting most. What speaks of
something that no workflow does counts against all of them. It is one score: 0 not at all, 1 entirely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from composer.concepts import Term, fold
from composer.constraints import read_constraints, without
from composer.index import shares
from composer.profile import AREAS, Profile, Weights, profile_of, weights_of
from composer.terms import terms_of
from workflows.definition.model import Workflow
from workflows.records import dataclass

FITS = 0.7
"""Over this score a workflow is offered as the one that was meant."""

STEEP = 4.1
"""How fast the score rises with what is shared: a quarter of all that could be is enough for a workflow to fit."""

AGAIN = 0.25
"""What another word for the same adds."""

ASIDE = 0.5
"""What a word counts that stands only in a demand: `tell me when it fails` is not about failures."""

UNDONE = 0.35
"""What it takes from a workflow that it does nothing of what is wanted done, though it may be about the same things."""

SLIP = 0.8
"""What a word counts that matches only with a slip of the finger."""


HARM = 3.0
"""How loud it speaks against a request that nobody is helped with it."""

BESIDE = 0.5
"""What other things count beside a file or an address: data may be about anything, dogs and weddings too."""


@dataclass(frozen=True)
class Candidate:
    """A workflow that may be what a request means. `text` is its YAML."""

    name: str
    workflow: Workflow
    text: str
    scope: str = "built-in"


@dataclass(frozen=True)
class Match:
    """How well a candidate fits: 0 not at all, 1 entirely.

    `words` of the request were found in it, slips mended; `against` are those that no workflow has to do with.
    """

    candidate: Candidate
    score: float
    words: tuple[str, ...] = ()
    example: str = ""
    """The candidate's example request that is much like this one."""
    against: tuple[str, ...] = ()
    missed: frozenset[str] = frozenset()
    """What the request wants done, as concepts, that the candidate has nothing to do with."""


def search(request: str, candidates: Sequence[Candidate], *, limit: int = 5) -> list[Match]:
    """The candidates that share anything with the request, best first."""
    terms = terms_of(request)
    if not terms or not candidates:
        return []
    profiles = [profile_of(each.name, each.workflow) for each in candidates]
    weights = weights_of(profiles)
    named = _words(request)
    asked = _asked(terms, request)
    ranks = shares(asked, [profile.document for profile in profiles]) or ()
    found = zip_longest(candidates, profiles, ranks)
    matches = [_match(terms, asked, candidate, profile, rank, weights) for candidate, profile, rank in found]
    matches = [replace(match, score=1.0) if _is_called(match.candidate, named) else match for match in matches]
    sharing = [match for match in matches if match.score > 0]
    return sorted(sharing, key=lambda match: (-match.score, match.candidate.name))[:limit]


def _asked(terms: Sequence[Term], request: str) -> dict[str, float]:
    """What each term counts, however rare it is. Words that only demand something say little of what is to be done."""
    meant = {term.key for term in terms_of(without(request, read_constraints(request)))}
    return {
        term.key: AREAS[term.area] * (1.0 + AGAIN * (term.times - 1)) * (1.0 if term.key in meant else ASIDE)
        for term in terms
    }


def is_named(candidate: Candidate, request: str) -> bool:
    """Whether the name of the workflow, of several words, stands in the request: it is what was meant."""
    words = _words(request)
    return any(
        len(name) > 1 and name in (words[at : at + len(name)] for at in range(len(words))) for name in _names(candidate)
    )


def _is_called(candidate: Candidate, words: list[str]) -> bool:
    """Whether the request is nothing but the workflow's name."""
    return words in _names(candidate)


def _names(candidate: Candidate) -> tuple[list[str], list[str]]:
    return _words(candidate.name), _words(candidate.workflow.name)


def _words(text: str) -> list[str]:
    return fold(text).replace("-", " ").replace("_", " ").split()


def _match(
    terms: Sequence[Term],
    asked: Mapping[str, float],
    candidate: Candidate,
    profile: Profile,
    rank: float | None,
    weights: Weights,
) -> Match:
    """How well one candidate fits. `rank` is its share in the index; without one what is shared counts for it."""
    counts = {key: count * weights[key] for key, count in asked.items()}
    ties = {term.key: profile.ties.get(term.key, 0.0) * (SLIP if term.mended else 1.0) for term in terms}
    total = sum(counts.values())
    shared = sum(counts[key] * tie for key, tie in ties.items())
    covered = shared / total
    example, alike = max(
        ((text, _alike(counts, keys, weights)) for text, keys in profile.examples),
        key=lambda entry: entry[1],
        default=("", 0.0),
    )
    wanted = [min(1.0, 2.0 * ties[term.key]) for term in terms if _is_wanted(term, asked)]
    score = (0.5 * alike + 0.25 * covered + 0.25 * (covered if rank is None else rank)) * _evidence(terms, ties)
    if wanted:
        score *= 1.0 - UNDONE * (1.0 - sum(wanted) / len(wanted))
    score = 1.0 - (1.0 - min(score, 1.0)) ** STEEP
    words = tuple(dict.fromkeys(term.said for term in terms if ties[term.key] > 0))
    against = tuple(term.said for term in terms if term.area in ("away", "harm"))
    missed = frozenset(term.key for term in terms if _is_wanted(term, asked) and not ties[term.key] and not term.mended)
    return Match(candidate, round(score, 6), words, example if alike > 0.75 else "", against, missed)


def _is_wanted(term: Term, asked: Mapping[str, float]) -> bool:
    """Whether the term says what is to be done, and not in a demand alone."""
    return term.area == "doing" and asked[term.key] >= AREAS["doing"]


def _evidence(terms: Sequence[Term], ties: Mapping[str, float]) -> float:
    """How sure it is that the request is about anything that workflows work on, 0 to 1.

    What is only done says little: one can restore a database, and a piano. What speaks of other things says the
    contrary, and what nobody is helped with says it loudest.
    """
    areas = [term.area for term in terms]
    things = sum(term.area in ("things", "value") or (term.area == "word" and ties[term.key] > 0.5) for term in terms)
    named = any(term.key in ("#file", "#url") for term in terms)
    against = (BESIDE if named else 1.0) * areas.count("away") + HARM * areas.count("harm")
    sure = 1.0 if things else 0.5 if set(areas) == {"doing"} and len(areas) > 1 else 0.25
    return sure * (things + 0.5) / (things + 0.5 + against)


def _alike(counts: dict[str, float], keys: frozenset[str], weights: Weights) -> float:
    """The cosine between the request and an example request."""
    both = sum(counts[key] ** 2 for key in keys if key in counts)
    if not both:
        return 0.0
    mine = sum(count**2 for count in counts.values())
    its = sum((counts[key] if key in counts else 0.8 * weights[key]) ** 2 for key in keys)
    return both / math.sqrt(mine * its)
