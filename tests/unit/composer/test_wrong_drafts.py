"""Whatever a model answers, nothing gets through that cannot run here or that nobody asked for; and it is said why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from agents.models.registry import Models
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from app.authoring import author_of, inventory_of
from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from composer.generate.author import ROUNDS, Outcome
from composer.generate.prompting import Brief
from tests.support.attacks import ATTACKS, CAREFUL, TURNED
from tests.support.wrong_drafts import BEFORE, GOOD, IN_A_TURN, WRONG, fenced
from workflows.clock import SystemClock

REQUEST = "sum up the last commits in a file"

ALL = {**WRONG, **ATTACKS}


class Told:
    """Keeps what a listener is told."""

    def __init__(self) -> None:
        self.asked: list[float | None] = []
        self.heard = ""
        self.problems: list[tuple[str, ...]] = []

    def asking(self, model: str, round_: int, most_usd: float | None) -> None:
        self.asked.append(most_usd)

    def text(self, delta: str) -> None:
        self.heard += delta

    def judged(self, problems: Sequence[str]) -> None:
        self.problems.append(tuple(problems))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    root = tmp_path_factory.mktemp("workspace")
    environ = {"HOME": str(root), "UNDERSTUDY_HOME": str(root / "state")}
    async with open_services(find_paths(environ, root), environ, journal="none") as services:
        yield Desk(services)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def written(
    desk: Desk, *answers: str, before: str = "", told: Told | None = None, request: str = REQUEST
) -> Outcome:
    """What comes of these answers."""
    script = Script.from_data([{"text": answer or " ", "chunk": 0} for answer in answers])
    model = ScriptedModel({"scripted/author": script}.get, SystemClock())
    author = author_of(desk, "scripted/author", models=Models({"scripted/": model}))
    return await author.write(Brief(request, inventory_of(desk), before), told or Told())


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts}


async def test_a_good_answer_is_a_draft_with_what_it_cost(desk: Desk) -> None:
    told = Told()
    outcome = await written(desk, fenced(GOOD), told=told)
    assert (outcome.text, outcome.rounds, outcome.why) == (GOOD, 1, "")
    assert outcome.workflow is not None
    assert outcome.workflow.name == "Read and note"
    assert GOOD in told.heard
    assert told.problems == [()]
    assert outcome.spent.cost_usd == 0.0


@pytest.mark.parametrize("name", ALL)
async def test_a_wrong_answer_is_refused_with_its_reason_within_the_bound(desk: Desk, name: str) -> None:
    answer, said = ALL[name]
    told = Told()
    outcome = await written(desk, answer, answer, answer, told=told)
    words = " ".join(told.problems[0]) if told.problems else outcome.why
    assert said in words, words
    assert outcome.rounds <= ROUNDS
    if name == "never ends well":  # made-up values may be at fault: it is shown, with the doubt
        assert any(said in doubt for doubt in outcome.doubts)
    else:
        assert outcome.text == ""
        assert outcome.workflow is None
        assert outcome.why
    assert not files(desk.services.paths.root)


@pytest.mark.parametrize("name", ALL)
async def test_a_wrong_answer_is_repaired_with_what_was_said_of_it(desk: Desk, name: str) -> None:
    told = Told()
    outcome = await written(desk, ALL[name][0], fenced(GOOD), told=told)
    if not told.problems:
        assert "broken off" in outcome.why  # one that may never end is not asked again
        return
    assert (outcome.text, outcome.rounds) == (GOOD, 2)
    assert told.problems[1] == ()


@pytest.mark.parametrize("name", IN_A_TURN)
async def test_a_turn_takes_nothing_away_that_keeps_a_person_safe(desk: Desk, name: str) -> None:
    answer, said = IN_A_TURN[name]
    told = Told()
    outcome = await written(desk, answer, answer, answer, before=BEFORE, told=told)
    assert said in " ".join(told.problems[0])
    assert outcome.text == ""


@pytest.mark.parametrize("name", TURNED)
async def test_a_turn_does_nothing_behind_the_back_of_who_asked_for_something_else(desk: Desk, name: str) -> None:
    answer, said = TURNED[name]
    told = Told()
    request = "show the last 20 lines of save"
    outcome = await written(desk, *[fenced(answer)] * 3, before=CAREFUL, told=told, request=request)
    assert said in " ".join(told.problems[0])
    assert outcome.text == ""
    again = await written(desk, fenced(answer), fenced(CAREFUL), before=CAREFUL, request=request)
    assert again.text == CAREFUL


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("every minute at most 20 dollars", CAREFUL.replace("usd: 0.5", "usd: 20") + "schedule: {every: 1m}\n"),
        ("remove wipe", CAREFUL.partition("  - id: wipe")[0] + CAREFUL[CAREFUL.index("  - {id: sure") :]),
    ],
)
async def test_what_was_asked_for_may_be_done(desk: Desk, request_: str, answer: str) -> None:
    outcome = await written(desk, fenced(answer), before=CAREFUL, request=request_)
    assert (outcome.text, outcome.problems) == (answer, ())


async def test_there_are_sixty_kinds_and_more() -> None:
    assert len(ALL) + len(IN_A_TURN) + len(TURNED) >= 120
