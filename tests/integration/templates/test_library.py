"""What every built-in template has to be. That each one runs is shown by its own test, beside this one."""

from __future__ import annotations

import os
import re
from pathlib import Path

from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from tests.support.templates import library_table, read_library
from workflows.values import Json

PAGE = Path(__file__).parents[3] / "docs" / "templates.md"

WORDS = {
    "de": "der die das den dem und ich mir ist sind ein eine einen bitte was wie auf aus mit für von zum nicht alle",
    "es": "el los las una qué para del y en con por está cuál mi un la haz al se hay",
    "fr": "le les une des du et dans est quelles quels pour avec moi ce cette mon sur qui aux l un",
    "pt": "o os um uma do da dos em e que não para com quais meu minha as no na esta",
}
SAMPLES: dict[str, Json] = {"array": [], "path": "x", "string": "x", "number": 1, "integer": 1, "object": {}}


def languages(requests: tuple[str, ...]) -> set[str]:
    """The languages that requests are in, by their small words; English is what has none of them."""
    found = set()
    for request in requests:
        words = set(re.findall(r"\w+", request.lower()))
        scores = {name: len(words & set(small.split())) for name, small in WORDS.items()}
        best = max(scores, key=lambda name: scores[name])
        found.add(best if scores[best] > 1 else "en")
    return found


async def test_each_says_what_it_is_for_and_how_people_ask_for_it(tmp_path: Path) -> None:
    library = await read_library(tmp_path)
    assert len(library) >= 25
    poor = {}
    for name, workflow in library.items():
        template = workflow.template
        assert template
        assert workflow.description, name
        assert [each.name for each in workflow.parameters if not each.description] == [], name
        if not (
            8 <= len(template.requests) <= 24 and len(template.tags) >= 5 and len(languages(template.requests)) >= 3
        ):
            poor[name] = (len(template.requests), len(template.tags), languages(template.requests))
    assert poor == {}


REPLACING = {"archive.extract", "csv.write", "data.write", "file.copy", "file.delete", "file.move", "file.patch"}
REPLACING |= {"file.replace", "file.write", "git.commit", "release.switch", "version_cleanup"}
"""Skills that change what somebody has. What only makes something new beside it (a release, a backup) needs no yes."""


async def test_each_can_be_planned_and_none_needs_a_model_or_changes_anything_unasked(tmp_path: Path) -> None:
    library = await read_library(tmp_path)
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(tmp_path / "home")}
    ungated, without_end = [], []
    async with open_services(find_paths(environ, tmp_path), environ) as services:
        desk = Desk(services)
        for name, workflow in library.items():
            given = {
                each.name: each.enum[0] if each.enum else SAMPLES[each.type]
                for each in workflow.parameters
                if each.required
            }
            asked = False
            plan = desk.propose(desk.load(name), given).plan
            for step in (each for each in plan.every if not each.id.endswith("~undo")):
                asked = asked or step.kind == "approval"
                if step.kind == "agent" and not (step.uses and step.uses[-1].simulated):
                    without_end.append(f"{name}: {step.id}")
                skill = str(step.fields.get("skill"))
                changes = skill in REPLACING or (skill == "table.transform" and "output" in step.fields["parameters"])
                if changes and not step.approve and not asked:
                    ungated.append(f"{name}: {step.id}")
    assert (without_end, ungated) == ([], [])


async def test_the_page_lists_them_all(tmp_path: Path) -> None:
    table = library_table(await read_library(tmp_path))
    assert table in PAGE.read_text(), "`python -m tests.support.templates` writes it anew"
