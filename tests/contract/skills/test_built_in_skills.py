"""Every built-in skill: what its source says is what its decorator says, and it says enough."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from skills import Declared
from skills.discover import BUILT_IN, read_manifests
from skills.index import INDEX, index_text
from skills.manifest import Skill
from skills.registry import Registry
from skills.schema import read_docstring
from skills.undo import wrong_undo
from skills.written import SkillFiles
from tests.support.skill_calls import Caller, write_skill

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "skills.md"

SNAPSHOT = Registry([BUILT_IN]).snapshot

NAMES = {
    "archive.create",
    "archive.extract",
    "archive.list",
    "backup.create",
    "backup.verify",
    "build_manager",
    "change.check",
    "code.stats",
    "code.unused",
    "command",
    "commits.sort",
    "csv.read",
    "csv.write",
    "data.read",
    "data.rows",
    "data.write",
    "dependency_checker",
    "file.checksum",
    "file.copy",
    "file.delete",
    "file.duplicates",
    "file.list",
    "file.move",
    "file.organise",
    "file.patch",
    "file.read",
    "file.replace",
    "file.restore",
    "file.search",
    "file.usage",
    "file.write",
    "git.activity",
    "git.base",
    "git.commit",
    "git.diff",
    "git.log",
    "git.status",
    "git.tags",
    "html.text",
    "log.summary",
    "log.window",
    "markdown.check",
    "markdown.code",
    "markdown.html",
    "markdown.repair",
    "markdown.section",
    "project.audit",
    "project.packages",
    "release.prepare",
    "release.switch",
    "security_scanner",
    "sqlite.query",
    "suites.failures",
    "suites.find",
    "suites.verdict",
    "system.facts",
    "system.processes",
    "system.programs",
    "system.wait_port",
    "table.check",
    "table.profile",
    "table.transform",
    "test_runner",
    "text.diff",
    "text.find",
    "text.passages",
    "text.stats",
    "text.template",
    "tls.certificate",
    "version.next",
    "version.sort",
    "version_cleanup",
    "web.page",
}


def declared(skill: Skill) -> Declared[..., Any]:
    assert skill.path is not None
    parts = skill.path.relative_to(BUILT_IN.path).with_suffix("").parts
    module = importlib.import_module(".".join(("skills", "library", *parts)))
    [found] = [entry for entry in vars(module).values() if isinstance(entry, Declared) and entry.name == skill.name]
    return found


def test_they_are_all_there_without_a_problem() -> None:
    assert set(SNAPSHOT.skills) == NAMES
    assert SNAPSHOT.problems == ()


def test_the_index_is_of_these_files() -> None:
    assert INDEX.read_text() == index_text(), "`python -m skills.index` writes it anew"


@pytest.mark.parametrize("skill", SNAPSHOT.skills.values(), ids=lambda skill: skill.name)
def test_the_index_says_what_the_source_says(skill: Skill) -> None:
    assert skill.path is not None
    assert read_manifests(skill.path, "built-in") == [skill]


@pytest.mark.parametrize("skill", SNAPSHOT.skills.values(), ids=lambda skill: skill.name)
def test_source_and_decorator_agree(skill: Skill) -> None:
    assert_agree(skill, declared(skill))


@pytest.mark.parametrize(
    "skill", [each for each in SNAPSHOT.skills.values() if each.undo], ids=lambda skill: skill.name
)
def test_what_it_says_of_its_undo_holds_or_no_step_could_use_it(skill: Skill) -> None:
    undo = SNAPSHOT.get(skill.undo["skill"])
    assert set(undo.parameters["required"]) <= skill.undo["parameters"].keys() <= undo.parameters["properties"].keys()


def assert_agree(skill: Skill, function: Declared[..., Any]) -> None:
    notes = read_docstring(function.__doc__)
    assert skill.parameters == function.parameters()
    assert (skill.name, skill.effect, skill.touches) == (function.name, function.effect, function.touches)
    assert (skill.description, skill.returns) == (notes.description, notes.returns)
    assert skill.asynchronous == function.asynchronous
    assert skill.previews == (function.show is not None)


@pytest.mark.parametrize("skill", SNAPSHOT.skills.values(), ids=lambda skill: skill.name)
def test_each_says_what_it_does_takes_and_returns(skill: Skill) -> None:
    Draft7Validator.check_schema(skill.parameters)
    assert skill.description
    assert skill.returns
    assert [name for name, rule in skill.parameters["properties"].items() if not rule.get("description")] == []
    assert "writes" not in skill.touches or skill.effect != "pure"
    assert skill.trusted
    assert skill.undo is None or wrong_undo(skill.undo) is None


SAMPLE = '''
from __future__ import annotations
import pathlib, typing
from typing import Any, Optional, Union
import skills
from skills import Context as C, skill as s

@s
def plain(a, b: "int" = -1, *, c: typing.Any = None): ...

@skills.skill(name="two.three", effect="pure", touches=("network",))
async def other(
    context: C, path: pathlib.Path, paths: list[pathlib.Path] | None = None, x: Union[int, str, None] = 0,
    y: Optional[dict[str, list[float]]] = None, z: typing.Literal["a", "b"] = "a", t: list[int] = (1, 2), w: bool = True
):
    """Do.

    Args:
        path: Here.
    """

@other.preview
def show(context: C, path: pathlib.Path, **rest: Any): ...
'''


def test_source_and_decorator_agree_on_every_hint(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(SAMPLE)
    found = read_manifests(path)
    assert isinstance(found, list), found
    module: dict[str, Any] = {"__name__": "sample"}
    exec(compile(SAMPLE, path, "exec"), module)
    functions = {entry.name: entry for entry in module.values() if isinstance(entry, Declared)}
    assert len(found) == 2
    for skill in found:
        assert_agree(skill, functions[skill.name])


def test_no_built_in_file_is_overlooked() -> None:
    assert len({skill.path for skill in SNAPSHOT.skills.values()}) == len(list(SkillFiles().files(BUILT_IN)))


def test_the_documentation_lists_them_with_their_effects() -> None:
    text = DOCUMENTATION.read_text()
    assert dict(re.findall(r"^\| `([\w.]+)` \| (\w+) \|", text, re.MULTILINE)) == {
        name: skill.effect for name, skill in SNAPSHOT.skills.items()
    }


async def test_the_skill_in_the_documentation_works(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", DOCUMENTATION.read_text(), re.DOTALL)
    assert example
    write_skill(tmp_path, "notes", example[1])
    call = Caller(tmp_path)
    assert await call("notes.add", file="notes.md", text="one") == {"file": "notes.md", "added": True}
    assert await call("notes.add", file="notes.md", text="one") == {"file": "notes.md", "added": False}
    assert (tmp_path / "notes.md").read_text() == "# Notes\n\n- one\n"
    assert (await call.preview("notes.add", file="notes.md", text="two")).body == "+- two\n"
    (tmp_path / "other").write_text("x")
    assert (await call.failure("notes.add", file="other", text="x")).message == "other is no file of notes"
    await call.invoker.aclose()
