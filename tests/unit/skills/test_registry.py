"""Which skill a name means, and what a reload changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from skills.discover import BUILT_IN, user_folder, workspace_folder
from skills.layers import Reloaded
from skills.registry import Registry, UnknownSkill
from tests.support.skill_calls import workspace_registry, write_skill

GOOD = 'from skills import skill\n@skill(effect="pure")\ndef hello(): ...\n'
BROKEN = GOOD + "def x(:\n"


def test_a_broken_edit_keeps_the_last_good_version(tmp_path: Path) -> None:
    path = write_skill(tmp_path, "mine", GOOD)
    registry = workspace_registry(tmp_path)
    good = registry.get("hello")
    path.write_text(BROKEN)
    [change] = registry.reload()
    assert (change.name, change.old, change.new) == ("hello", good.digest, good.digest)
    assert change.problems
    assert (change.problems[0].line, change.problems[0].source_line) == (4, "def x(:")
    assert registry.get("hello") is not good
    assert registry.get("hello") == good
    assert registry.get("hello").source == GOOD.encode()
    assert registry.snapshot.problems_of(good) == change.problems
    assert registry.reload() == ()


def test_a_mended_file_takes_over(tmp_path: Path) -> None:
    path = write_skill(tmp_path, "mine", GOOD)
    registry = workspace_registry(tmp_path)
    old = registry.get("hello").digest
    path.write_text(BROKEN)
    registry.reload()
    path.write_text(GOOD + "# mended\n")
    [change] = registry.reload()
    assert (change.old, change.new, change.problems) == (old, registry.get("hello").digest, ())
    assert old != change.new
    assert registry.snapshot.problems == ()


def test_a_file_that_is_again_what_it_was_is_told_of(tmp_path: Path) -> None:
    path = write_skill(tmp_path, "mine", GOOD)
    registry = workspace_registry(tmp_path)
    good = registry.get("hello").digest
    path.write_text(BROKEN)
    registry.reload()
    path.write_text(GOOD)
    [change] = registry.reload()
    assert (change.old, change.new, change.problems) == (good, good, ())


def test_a_file_that_was_never_good_is_a_problem_under_its_own_name(tmp_path: Path) -> None:
    registry = workspace_registry(tmp_path)
    write_skill(tmp_path, "mine", BROKEN)
    [change] = registry.reload()
    assert (change.name, change.old, change.new) == ("mine", None, None)
    assert change.problems


def test_an_emptied_file_keeps_its_skills_and_a_deleted_one_does_not(tmp_path: Path) -> None:
    path = write_skill(tmp_path, "mine", GOOD)
    registry = workspace_registry(tmp_path)
    path.write_text("")  # as an editor leaves it between truncating and writing
    registry.reload()
    assert registry.get("hello")
    path.unlink()
    [change] = registry.reload()
    assert change.new is None
    assert "hello" not in registry.snapshot.skills


def test_a_snapshot_never_changes(tmp_path: Path) -> None:
    path = write_skill(tmp_path, "mine", GOOD)
    registry = workspace_registry(tmp_path)
    before = registry.snapshot
    path.unlink()
    registry.reload()
    assert "hello" in before.skills
    with pytest.raises(TypeError):
        before.skills["other"] = before.skills["hello"]  # type: ignore[index]  # the point


def test_the_workspace_wins_over_the_user_over_the_built_in(tmp_path: Path) -> None:
    root, config = tmp_path / "work", tmp_path / "config"
    named = GOOD.replace("effect", "name='git.log', effect")
    write_skill(root, "mine", named)
    (config / "skills").mkdir(parents=True)
    (config / "skills" / "mine.py").write_text(named)
    registry = Registry([workspace_folder(root), BUILT_IN, user_folder(config)], lambda _: True)
    assert registry.get("git.log").scope == "workspace"
    shadowed = [(entry.hidden.scope, entry.by.scope) for entry in registry.snapshot.shadowed]
    assert shadowed == [("built-in", "user"), ("user", "workspace")]


def test_an_untrusted_skill_is_listed_and_hides_nothing(tmp_path: Path) -> None:
    write_skill(tmp_path, "mine", GOOD + "@skill(name='git.log')\ndef log(): ...\n")
    trusted: list[Path] = []
    registry = Registry([BUILT_IN, workspace_folder(tmp_path)], lambda root: root in trusted)
    assert registry.get("hello").state == "untrusted"
    assert registry.get("git.log").scope == "built-in"
    assert [entry.hidden.scope for entry in registry.snapshot.shadowed] == ["workspace"]
    trusted.append(tmp_path)
    assert {change.name for change in registry.reload()} == {"hello", "git.log"}
    assert registry.get("hello").state == "ready"
    assert registry.get("git.log").scope == "workspace"


def test_one_name_in_two_files_is_a_problem_of_the_second(tmp_path: Path) -> None:
    first = write_skill(tmp_path, "a", GOOD)
    second = write_skill(tmp_path, "b", GOOD)
    registry = workspace_registry(tmp_path)
    assert registry.get("hello").path == first
    [problem] = registry.snapshot.problems
    assert problem.file == str(second)
    assert problem.line == 3
    assert str(first) in problem.message


def test_listeners_hear_of_changes_until_they_leave(tmp_path: Path) -> None:
    registry = workspace_registry(tmp_path)
    heard: list[Reloaded] = []
    leave = registry.listen(heard.append)
    path = write_skill(tmp_path, "mine", GOOD)
    registry.reload()
    leave()
    path.unlink()
    registry.reload()
    assert [(change.name, change.old) for change in heard] == [("hello", None)]


def test_an_unknown_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(UnknownSkill) as caught:
        workspace_registry(tmp_path).get("git.lgo")
    assert caught.value.hint.startswith("did you mean git.log")


def test_files_that_are_no_skills_are_left_alone(tmp_path: Path) -> None:
    for name in ("_shared", ".hidden"):
        write_skill(tmp_path, name, BROKEN)
    (workspace_folder(tmp_path).path / "notes.txt").write_text("def x(:")
    assert workspace_registry(tmp_path).snapshot.problems == ()
