"""From a request to a draft: what is found, what is filled in, what is missing, and what is said where nothing fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.draft import draft
from composer.intent import fill
from composer.search import Candidate, search
from workflows.definition.model import Stage, Step, Template, Workflow
from workflows.definition.parameters import Parameter
from workflows.parts import part_of
from workflows.steps.delay import Delay


def workflow(name: str, *requests: str, description: str = "", parameters: tuple[Parameter, ...] = ()) -> Workflow:
    step = Step(id="wait", type="delay", fields=part_of(Delay.fields, {"for": 1}))
    return Workflow(
        name=name,
        description=description,
        parameters=parameters,
        stages=(Stage(name="main", steps=(step,)),),
        template=part_of(Template, {"for": requests[0], "requests": requests[1:]}) if requests else None,
    )


NOTES = Candidate(
    "release-notes",
    workflow(
        "Release notes",
        "release notes from the git history since the last tag",
        "write a changelog for users",
        parameters=(
            Parameter(name="repo", type="path", required=True),
            Parameter(name="audience", enum=("users", "developers"), default="users"),
            Parameter(name="limit", type="integer", default=500),
            Parameter(name="title", required=True),
            Parameter(name="draft", type="boolean", default=False),
        ),
    ),
    "",
)
DEPLOY = Candidate("deploy", workflow("Deployment", "deploy a service to production with a canary"), "")
TESTS = Candidate(
    "test-suite", workflow("Test suite", "run the tests in parallel", description="notes what failed"), ""
)
ALL = (DEPLOY, TESTS, NOTES)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("release notes for users since last tag", "release-notes"),
        ("relase notes since the last tag", "release-notes"),
        ("deploying services to production", "deploy"),
        ("run tests in parallel", "test-suite"),
    ],
)
def test_the_workflow_that_is_meant_comes_first(request_: str, name: str) -> None:
    matches = search(request_, ALL)
    assert matches[0].candidate.name == name
    assert draft(request_, matches, Path()).match == matches[0]
    assert all(0 < match.score <= 1 for match in matches)


def test_where_nothing_fits_the_closest_are_named_and_nothing_is_chosen() -> None:
    request = "play a song about the tests of wine"
    found = draft(request, search(request, ALL), Path())
    assert found.match is None
    assert found.command == ""
    assert [match.candidate.name for match in found.closest]


@pytest.mark.parametrize("request_", ["", "   ", "the of and", "🙂", '") OR 1=1 --', "NEAR AND OR NOT *"])
def test_any_text_can_be_searched_for(request_: str) -> None:
    assert draft(request_, search(request_, ALL), Path()).match is None


def test_values_are_read_from_the_request_each_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    request = 'release notes titled "Spring release" of service for developers, limit 20, as a draft'
    found = draft(request, search(request, ALL), tmp_path)
    assert found.parameters == {
        "repo": "service",
        "audience": "developers",
        "limit": 20,
        "title": "Spring release",
        "draft": True,
    }
    assert all(filled.why for filled in found.filled)
    assert found.missing == ()
    assert "--input 'title=Spring release'" in found.command


def test_what_is_required_and_not_said_is_missing_and_has_its_place_in_the_command() -> None:
    request = "release notes since last tag"
    found = draft(request, search(request, ALL), Path())
    assert [parameter.name for parameter in found.missing] == ["repo", "title"]
    assert "--input repo=…" in found.command


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("no draft", {"draft": False}),
        ("without a draft", {"draft": False}),
        ("for users and developers", {}),
        ("in nowhere at all", {}),
        ("audience=users limit=3", {"audience": "users", "limit": "3"}),
        ("between 10 and 20", {}),
    ],
)
def test_what_is_unclear_is_left_open(request_: str, expected: dict[str, object], tmp_path: Path) -> None:
    found = fill(request_, NOTES.workflow.parameters, tmp_path)
    assert {filled.name: filled.value for filled in found} == expected
