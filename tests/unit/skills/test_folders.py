"""Skill folders: what a SKILL.md may say, what is only warned of, and what of a folder an agent gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from skills.discover import BUILT_IN, user_folders, workspace_folder, workspace_folders
from skills.folders.contents import folders_inside
from skills.folders.read import FOR_AGENTS, check_folder
from skills.folders.tools import guide, tools_of
from skills.registry import Registry
from tests.support.folder_shapes import SHAPES, Shape
from tests.support.skill_calls import Caller, workspace_registry
from tests.support.skill_folders import COUNT, write_folder

RUNS = "metadata:\n  understudy-run: scripts/count.py\n  understudy-effect: pure\n"


def own(root: Path) -> Path:
    return workspace_folder(root).path


def test_a_folder_is_instructions_for_agents_and_no_step(tmp_path: Path) -> None:
    path = write_folder(own(tmp_path), "count-words", files={"references/a.md": "A", "scripts/count.py": COUNT})
    (path.parent / ".hidden").write_text("no")
    (path.parent / "link").symlink_to("/etc/passwd")
    registry = workspace_registry(tmp_path)
    skill = registry.get("count-words")
    assert registry.snapshot.problems == registry.snapshot.notes == ()
    assert (skill.kind, skill.unusable) == ("folder", FOR_AGENTS)
    assert skill.bundle is not None
    assert list(skill.bundle.files) == ["references/a.md", "scripts/count.py"]
    assert skill.bundle.body.startswith("# How")
    assert check_folder(path) == ()


async def test_one_that_declares_a_script_is_a_step_too(tmp_path: Path) -> None:
    path = write_folder(own(tmp_path), "count-words", more=RUNS, files={"scripts/count.py": COUNT})
    call = Caller(tmp_path)
    skill = call.registry.get("count-words")
    assert (skill.effect, skill.unusable, check_folder(path)) == ("pure", "", ())
    assert await call("count-words", stdin="one two", args=["x y"]) == "2 x y"
    assert (await call.preview("count-words", args=["x y"])).body.endswith("2: 'x y'")


async def test_a_script_that_was_changed_meanwhile_is_not_run(tmp_path: Path) -> None:
    path = write_folder(own(tmp_path), "count-words", more=RUNS, files={"scripts/count.py": COUNT})
    call = Caller(tmp_path)
    old = call.registry.get("count-words")
    (path.parent / "scripts" / "count.py").write_text("print('other')")
    assert "was changed since the skill was read" in (await call.failure("count-words", stdin="")).message
    (change,) = call.registry.reload()
    assert change.old == old.digest != change.new
    assert await call("count-words") == "other"


async def test_instructions_cannot_be_called(tmp_path: Path) -> None:
    write_folder(own(tmp_path), "count-words")
    assert FOR_AGENTS in (await Caller(tmp_path).failure("count-words")).message


async def test_an_agent_reads_the_body_then_files_and_runs_scripts(tmp_path: Path) -> None:
    files = {"references/a.md": "Count slowly.", "scripts/count.py": COUNT, "assets/x.bin": "\x00"}
    write_folder(own(tmp_path), "count-words", files=files)
    call = Caller(tmp_path)
    skill = call.registry.get("count-words")
    assert guide([skill]).endswith("- count-words: Counts words. Use it when words are to be counted.")
    assert "How" not in guide([skill])
    read, run = tools_of([skill])
    assert (read.effect, run.effect) == ("pure", "unsafe")
    assert read.parameters["properties"]["skill"]["enum"] == ["count-words"]

    async def use(tool: object, **arguments: object) -> object:
        return await call.invoker.invoke(tool, arguments, call.context)  # type: ignore[arg-type]  # a skill

    body = str(await use(read, skill="count-words"))
    assert "# How" in body
    assert "- scripts/count.py (runs, with skill_run)" in body
    assert "Count slowly." in str(await use(read, skill="count-words", file="references/a.md"))
    assert (await use(run, skill="count-words", script="scripts/count.py", stdin="a b c"))["stdout"] == "3\n"  # type: ignore[index]  # a result
    shown = await call.invoker.preview(run, {"skill": "count-words", "script": "scripts/count.py"}, call.context)
    assert shown.title == "Run scripts/count.py of the skill count-words"


@pytest.mark.parametrize("file", ["../other/SKILL.md", "/etc/passwd", "references/../../x", "link", "scripts/none.py"])
async def test_nothing_but_the_files_of_the_skill_is_read_or_run(file: str, tmp_path: Path) -> None:
    write_folder(own(tmp_path), "other")
    path = write_folder(own(tmp_path), "count-words", files={"scripts/count.py": COUNT})
    (path.parent / "link").symlink_to("/etc/passwd")
    call = Caller(tmp_path)
    for tool, key in zip(tools_of([call.registry.get("count-words")]), ("file", "script"), strict=True):
        with pytest.raises(Exception, match="the skill has no file"):
            await call.invoker.invoke(tool, {"skill": "count-words", key: file}, call.context)


def test_folders_of_other_programs_are_read_leniently(tmp_path: Path) -> None:
    home = tmp_path / "home"
    front = (
        "name: PDF_Forms\ndescription: Fills forms: all of them\nargument-hint: [file] [name]\nmodel: opus\ncolour: red"
    )
    text = f"---\n{front}\n---\nBody\n"
    for name, content in (("pdf", text), ("none", "---\nname: none\n---\nBody\n"), ("plain", "# No front matter\n")):
        (home / ".claude" / "skills" / "office" / name).mkdir(parents=True)
        (home / ".claude" / "skills" / "office" / name / "SKILL.md").write_text(content)
    (home / ".claude" / "skills" / "evil.py").write_text("from skills import skill\n@skill\ndef evil(): ...\n")
    registry = Registry(user_folders(tmp_path / "config", home))
    assert set(registry.snapshot.skills) == {"PDF_Forms"}
    assert registry.get("PDF_Forms").description == "Fills forms: all of them"
    said = [note.message for note in registry.snapshot.notes]
    assert any("the format has no key 'model'" in message for message in said)
    assert any("its folder is called 'pdf'" in message for message in said)
    assert {problem.file.split("/")[-2] for problem in registry.snapshot.problems} == {"none", "plain"}


def test_the_workspace_wins_over_the_user_and_its_own_folder_over_that_of_others(tmp_path: Path) -> None:
    home, root, config = tmp_path / "home", tmp_path / "project", tmp_path / "config"
    for parent in (home / ".agents" / "skills", config / "skills", root / ".claude" / "skills", own(root)):
        write_folder(parent, "count-words", description=f"From {parent}.")
    registry = Registry([*user_folders(config, home), *workspace_folders(root)], lambda _: True)
    assert registry.get("count-words").description == f"From {own(root)}."
    assert len(registry.snapshot.shadowed) == 3


def test_instructions_hide_nothing_that_can_be_called(tmp_path: Path) -> None:
    write_folder(tmp_path / ".claude" / "skills", "command")
    registry = Registry([BUILT_IN, *workspace_folders(tmp_path)], lambda _: True)
    assert registry.get("command").scope == "built-in"
    assert [entry.hidden.scope for entry in registry.snapshot.shadowed] == ["workspace"]


def test_a_workspace_that_nobody_trusts_gives_an_agent_nothing(tmp_path: Path) -> None:
    write_folder(tmp_path / ".claude" / "skills", "count-words")
    registry = Registry(workspace_folders(tmp_path), lambda _: False)
    assert registry.get("count-words").state == "untrusted"


def test_a_link_out_of_the_workspace_is_not_followed(tmp_path: Path) -> None:
    outside = write_folder(tmp_path / "elsewhere", "spy").parent
    root = tmp_path / "project"
    own(root).mkdir(parents=True)
    (own(root) / "spy").symlink_to(outside)
    snapshot = workspace_registry(root).snapshot
    assert "spy" not in snapshot.skills
    assert "leads out" in snapshot.problems[0].message
    assert list(folders_inside(own(root), root)) == []
    assert list(folders_inside(own(root), None)) == [own(root) / "spy"]


MISTAKES = [
    ("name: Count\ndescription: d", 2, 7, "it has capital letters"),
    ("name: a--b\ndescription: d", 2, 7, "two hyphens in a row"),
    ("name: -mine\ndescription: d", 2, 7, "begins or ends with a hyphen"),
    ("name: my_skill\ndescription: d", 2, 7, "other characters"),
    (f"name: {'a' * 65}\ndescription: d", 2, 7, "65 characters"),
    ("name: other\ndescription: d", 2, 7, "its folder is called 'mine'"),
    ("description: d", 2, 1, "a skill needs 'name'"),
    ("name: mine", 2, 1, "a skill needs 'description'"),
    ("name: mine\ndescription: ''", 3, 14, "the description is empty"),
    (f"name: mine\ndescription: {'x' * 1025}", 3, 14, "1025 characters"),
    (f"name: mine\ndescription: d\ncompatibility: {'x' * 501}", 4, 16, "501 characters"),
    ("name: mine\ndescription: d\nversion: 1", 4, 1, "the format has no key 'version'"),
    ("name: mine\ndescription: d\nallowed_tools: Read", 4, 1, "did you mean 'allowed-tools'?"),
    ("name: mine\ndescription: d\nmetadata: {a: b}", 4, 11, "written in brackets"),
    ("name: mine\ndescription: a: b", 3, 15, ""),
    ("name: mine\ndescription: d\nmetadata:\n  understudy-run: scripts/x.py", 5, 19, "no file of this skill"),
]


@pytest.mark.parametrize(("front", "line", "column", "message"), MISTAKES, ids=[entry[3] for entry in MISTAKES])
def test_mistakes_are_told_with_their_place(front: str, line: int, column: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine" / "SKILL.md"
    path.parent.mkdir()
    path.write_text(f"---\n{front}\n---\nBody\n")
    first = next(found for found in check_folder(path) if found.is_error)
    assert message in f"{first.message} {first.hint}"
    assert (first.line, first.column) == (line, column)


def test_what_no_yaml_is_hides_no_other_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "SKILL.md"
    path.parent.mkdir()
    path.write_text("---\nname: Mine\ndescription: a: b\nversion: 1\n---\nBody\n")
    found = [(each.code, each.line, each.source_line) for each in check_folder(path)]
    assert found == [
        ("skill-name", 2, "name: Mine"),
        ("skill-name", 2, "name: Mine"),
        ("bad-yaml", 3, "description: a: b"),
        ("skill-key", 4, "version: 1"),
    ]


def test_files_that_are_named_and_not_there_are_warned_of_once(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "SKILL.md"
    (path.parent / "scripts").mkdir(parents=True)
    (path.parent / "scripts" / "a.py").write_text("")
    body = "Run `scripts/a.py`, then scripts/b.py.\nSee references/c/d.md, scripts/b.py; not src/scripts/e.py."
    path.write_text(f"---\nname: mine\ndescription: d\n---\n{body}\n")
    assert [(each.severity, each.message, each.line, each.column) for each in check_folder(path)] == [
        ("warning", "there is no file scripts/b.py in this folder", 5, 26),
        ("warning", "there is no file references/c/d.md in this folder", 6, 5),
    ]


@pytest.mark.parametrize(
    "front",
    [
        "name: été-2\ndescription: d",
        "name: 名前\ndescription: d",
        "name: mine\ndescription: d\nlicense: Apache-2.0\nallowed-tools: Bash(git:*) Read\ncompatibility: Needs git",
        "name: mine\ndescription: >-\n  Long text\n  in two lines\nmetadata:\n  author: me\n  version: '1.0'",
    ],
)
def test_what_the_specification_allows_is_right(front: str, tmp_path: Path) -> None:
    path = tmp_path / front.split("\n")[0].removeprefix("name: ") / "SKILL.md"
    path.parent.mkdir()
    path.write_text(f"---\n{front}\n---\nBody\n")
    assert check_folder(path) == ()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_folders_of_every_shape_are_used_where_they_can_be_and_checked_as_the_specification_says(
    shape: Shape, tmp_path: Path
) -> None:
    folder = shape.write(tmp_path / ".claude" / "skills")
    assert (not any(found.is_error for found in check_folder(folder / shape.file))) is shape.right
    snapshot = Registry(workspace_folders(tmp_path), lambda _: True).snapshot
    assert bool(snapshot.skills) is shape.loads
    assert bool(snapshot.problems) is not shape.loads
    assert shape.right or snapshot.notes or snapshot.problems, "what is wrong is said"
