"""The sample of requests: the right workflow of those that come with Understudy is found for nearly all of them."""

from __future__ import annotations

from pathlib import Path

from composer.evaluation.requests import NONE, SAMPLE, read_requests
from composer.search import FITS, Candidate, search
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse

LIBRARY = Path(__file__).parents[3] / "workflows" / "library"


def candidates() -> list[Candidate]:
    kinds, found = all_kinds(), []
    for path in sorted(LIBRARY.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        workflow = parse(text, path.name, kinds).workflow
        assert workflow is not None
        found.append(Candidate(path.stem, workflow, text))
    return found


def test_nearly_all_are_found_and_what_nothing_fits_is_left() -> None:
    known = candidates()
    first, three, told = [], [], []
    for request in read_requests(SAMPLE):
        matches = search(request.start.text, known)
        names = [match.candidate.name.replace("-", "_") for match in matches[:3]]
        fits = bool(matches) and matches[0].score >= FITS
        if request.category == NONE:
            told.append(not fits)
        else:
            first.append(fits and names[0] == request.category)
            three.append(request.category in names)
    assert sum(first) / len(first) >= 0.93
    assert sum(three) / len(three) >= 0.98
    assert sum(told) / len(told) >= 0.93


def test_a_match_says_what_was_found() -> None:
    best = search("which licences do our libraries have", candidates())[0]
    assert best.candidate.name == "dependency-report"
    assert best.words == ("licences", "libraries")
    assert search("play some music in the kitchen about licences", candidates())[0].against
