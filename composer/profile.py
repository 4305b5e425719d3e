"""What a workflow is for, as the terms that its texts say: name, purpose, example requests, tags, steps, parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache

from composer.index import Document
from composer.terms import terms_of
from workflows.definition.model import Workflow
from workflows.records import dataclass

SAID, MENTIONED = 1.0, 0.4
"""What a term counts that the workflow's name, purpose, tags or examples say, and one that only its steps mention."""

AREAS: Mapping[str, float] = {"things": 1.0, "doing": 0.7, "value": 0.6, "word": 0.35, "away": 1.0, "harm": 1.5}
"""How much a term counts by what it is: a thing says more of what is wanted than what is done to it."""


@dataclass(frozen=True)
class Profile:
    """How strongly a workflow is tied to each term, 0 to 1, and the terms of each of its example requests.

    `document` are the terms of its texts for the full-text index, by column, each as often as it is said.
    """

    ties: Mapping[str, float]
    examples: tuple[tuple[str, frozenset[str]], ...]
    document: Document = field(default_factory=dict)


@dataclass(frozen=True)
class Weights:
    """How much each term tells apart, from how many workflows it is tied to."""

    of: Mapping[str, float]
    unknown: float

    def __getitem__(self, key: str) -> float:
        return self.of.get(key, self.unknown)


def profile_of(name: str, workflow: Workflow) -> Profile:
    """The profile of a workflow that is referred to by this name."""
    template = workflow.template
    named = " . ".join((name.replace("-", " ").replace("_", " "), workflow.name))
    tags = (*(workflow.metadata.tags if workflow.metadata else ()), *(template.tags if template else ()))
    heads, requests = ((named, template.for_), template.requests) if template else ((named,), ())
    return _profile(heads, tags, requests, _mentioned(workflow))


@lru_cache(maxsize=512)
def _profile(heads: tuple[str, ...], tags: tuple[str, ...], requests: tuple[str, ...], mentioned: str) -> Profile:
    examples = tuple((text, frozenset(term.key for term in terms_of(text, mending=False))) for text in requests)
    ties: dict[str, float] = {}

    def tie(text: str, strength: float) -> None:
        for term in terms_of(text, mending=False):
            ties[term.key] = max(ties.get(term.key, 0.0), strength)

    document = {"named": heads[:1], "purpose": heads[1:], "tags": tags, "requests": requests, "steps": (mentioned,)}
    tie(mentioned, MENTIONED)
    for key in {key for _, keys in examples for key in keys}:
        share = sum(key in keys for _, keys in examples) / len(examples)
        ties[key] = max(ties.get(key, 0.0), min(SAID, 0.35 + 2.0 * share))
    tie(" . ".join(tags), 0.7 * SAID)
    for head in heads:
        tie(head, SAID)
    return Profile(ties, examples, {column: _said(texts) for column, texts in document.items()})


def _said(texts: Sequence[str]) -> tuple[str, ...]:
    terms = [term for text in texts for term in terms_of(text, mending=False)]
    return tuple(term.key for term in terms for _ in range(term.times))


def weights_of(profiles: Sequence[Profile]) -> Weights:
    """How much each term tells these workflows apart."""
    sums: dict[str, float] = {}
    for profile in profiles:
        for key, strength in profile.ties.items():
            sums[key] = sums.get(key, 0.0) + strength
    most = len(profiles) + 1.0
    return Weights(
        {key: math.log(1.0 + most / (0.5 + total)) for key, total in sums.items()}, math.log(1.0 + most / 1.5)
    )


def _mentioned(workflow: Workflow) -> str:
    steps = [f"{step.name or ''} {step.id.replace('_', ' ')}" for stage in workflow.stages for step in stage.steps]
    parameters = [f"{each.name.replace('_', ' ')} {' '.join(map(str, each.enum))}" for each in workflow.parameters]
    return " . ".join((workflow.description, *steps, *parameters))
