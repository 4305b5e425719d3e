"""Requests as people type them: what they mean, what they say of parameters and demand, and what fits nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from composer.draft import Here, draft
from composer.evaluation.judge import Answer, judge, rates
from composer.evaluation.requests import NONE, read_requests
from composer.search import FITS, search
from tests.support.kinds import all_kinds
from tests.unit.composer.test_sample import candidates
from workflows.definition.model import Workflow
from workflows.definition.parse import parse

SETS = Path(__file__).parents[2] / "support" / "requests"
FRESH, SECOND = SETS / "fresh.jsonl", SETS / "second.jsonl"
LEAST = {"first": 0.9, "three": 0.98, "none": 0.9, "parameter": 0.8, "constraint": 0.8, "valid": 1.0}


class Plain:
    """Drafts from templates, with neither a model nor a desk."""

    def __init__(self, root: Path) -> None:
        self._root, self._known, self._kinds = root, candidates(), all_kinds()

    def _parse(self, text: str) -> Workflow | None:
        return parse(text, "draft", self._kinds).workflow

    async def start(self, text: str) -> Answer:
        found = draft(text, search(text, self._known), self._root, Here(self._parse))
        kinds = tuple(match.candidate.name for match in (*((found.match,) if found.match else ()), *found.closest))
        workflow = self._parse(found.text) if found.text else None
        problem = "" if workflow else "it does not parse"
        return Answer(bool(found.text), kinds, found.text, workflow, found.parameters, problem)

    async def say(self, text: str) -> Answer:
        raise NotImplementedError


async def test_what_is_meant_is_found_in_seven_languages(tmp_path: Path) -> None:
    requests = read_requests(FRESH)
    plain = Plain(tmp_path)
    verdicts = [verdict async for verdict in judge(requests, lambda: plain)]
    found = rates(verdicts)
    wrong = [f"{each.request.id}: {point.reason}" for each in verdicts for point in each.failures]
    for what, least in LEAST.items():
        held, count = found[what]
        assert held >= least * count, f"{what}: {held} of {count}\n" + "\n".join(wrong)


def test_what_was_said_in_roundabout_ways_is_found_too() -> None:
    known = candidates()
    first, three, told = [], [], []
    for request in read_requests(SECOND):
        matches = search(request.start.text, known)
        names = [match.candidate.name.replace("-", "_") for match in matches[:3]]
        fits = bool(matches) and matches[0].score >= FITS
        if request.category == NONE:
            told.append(not fits)
        else:
            first.append(fits and names[0] == request.category)
            three.append(request.category in names)
    assert sum(first) / len(first) >= 0.9
    assert sum(three) / len(three) >= 0.98
    assert sum(told) / len(told) >= 0.9


def test_the_set_is_of_all_kinds() -> None:
    requests = read_requests(FRESH)
    kinds = Counter(each.category for each in requests)
    ours = {each.name.replace("-", "_") for each in candidates()}
    assert len(requests) >= 150
    assert kinds["none"] >= 35
    assert not ours - set(kinds)


@pytest.mark.parametrize(
    "text",
    ["does everything still pass?", "run the tests three at a time", "siguen pasando todas las pruebas?"],
)
def test_a_question_is_a_request(text: str) -> None:
    assert search(text, candidates())[0].candidate.name == "testing"
