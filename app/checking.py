"""Checking the files of skills: every error with its line, and nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.desk import Desk
    from skills.manifest import Skill
    from skills.registry import Snapshot
    from workflows.diagnostics import Diagnostic


def check_skills(desk: Desk, paths: Sequence[str]) -> list[tuple[Path, tuple[Diagnostic, ...]]]:
    """Each file that these paths and names stand for, with what is to be said of it."""
    from skills.layers import TWICE

    taken = [problem for problem in desk.services.skills.snapshot.problems if problem.code == TWICE]
    return [
        (path, (*said, *(problem for problem in taken if problem.file == str(path.absolute()))))
        for each in paths
        for path, said in _checked(each, desk)
    ]


def check_file(desk: Desk, what: str, path: Path) -> tuple[Diagnostic, ...]:
    """What is to be said of the file of a skill, or of an `agent`, as it is now."""
    if what == "agent":
        from agents.catalog import AgentFiles
        from skills.layers import Folder
        from workflows.diagnostics import Diagnostic

        files, folder = AgentFiles(), Folder(path.parent, "user")
        stamp = files.stamp(path, folder)
        said = (stamp,) if isinstance(stamp, Diagnostic) else files.read(path, folder, stamp).diagnostics
    else:
        said = tuple(each for _, found in check_skills(desk, [str(path)]) for each in found)
    return tuple(sorted(said, key=lambda each: (not each.is_error, each.place)))


def own_folders(desk: Desk) -> list[str]:
    """The folders that hold what the user writes; not those that are other programs' too."""
    folders = desk.services.skills.folders
    return [
        str(folder.path)
        for folder in folders
        if folder.scope != "built-in" and not folder.foreign and folder.path.is_dir()
    ]


def _checked(text: str, desk: Desk) -> Iterator[tuple[Path, tuple[Diagnostic, ...]]]:
    """Each file that a path or a name stands for, with what is to be said of it."""
    from skills.folders.contents import NAMES, skill_file
    from skills.layers import Folder
    from skills.written import SkillFiles
    from workflows.diagnostics import Diagnostic

    path, snapshot = Path(text), desk.services.skills.snapshot
    if not path.exists() and text in snapshot.skills and snapshot.skills[text].path is not None:
        path = snapshot.skills[text].path or path
    if path.name in NAMES:
        yield _of_folder(path)
    elif path.is_dir():
        own = skill_file(path)
        files = [own] if own else list(SkillFiles().files(Folder(path, "user")))
        if not files:
            hint = "skills are *.py, *.yaml, or folders with a SKILL.md"
            yield path, (Diagnostic("error", "no-skill", "there is no skill in this folder", hint, str(path)),)
        for file in files:
            yield _of_folder(file) if file.name in NAMES else _of_file(file, snapshot)
    elif path.is_file() and path.suffix in (".py", ".yaml", ".yml"):
        yield _of_file(path, snapshot)
    else:
        close = snapshot.suggest(text)
        hint = f"did you mean {close[0]}?" if close else "give a file, a folder, or a name of `understudy skills`"
        message = "this is no skill file" if path.exists() else "there is neither such a file nor such a skill"
        yield path, (Diagnostic("error", "no-skill", message, hint, text),)


def _of_folder(path: Path) -> tuple[Path, tuple[Diagnostic, ...]]:
    from skills.folders.read import check_folder

    # A name is compared with the folder's real one, also where the path is `SKILL.md` alone.
    return path, check_folder(path if path.parent.name else path.absolute())


def _of_file(path: Path, snapshot: Snapshot) -> tuple[Path, tuple[Diagnostic, ...]]:
    from skills.layers import Folder
    from skills.written import SkillFiles
    from workflows.diagnostics import Diagnostic

    folder, files = Folder(path.parent, "user"), SkillFiles()
    stamp = files.stamp(path, folder)
    if isinstance(stamp, Diagnostic):
        return path, (stamp,)
    unit = files.read(path, folder, stamp)
    if not unit.definitions and not unit.diagnostics:
        hint = "a skill is a function with the decorator @skill"
        return path, (Diagnostic("warning", "no-skill", "there is no skill in this file", hint, str(path)),)
    near = {**snapshot.skills, **{skill.name: skill for skill in unit.definitions}}
    return path, (*unit.diagnostics, *(found for skill in unit.definitions for found in _undo(skill, near)))


def _undo(skill: Skill, near: Mapping[str, Skill]) -> Iterator[Diagnostic]:
    """What is wrong with a skill's undo: no step could use the skill."""
    from workflows.diagnostics import Diagnostic

    if not skill.undo:
        return
    name, given, file = skill.undo["skill"], skill.undo["parameters"], str(skill.path)
    if (undo := near.get(name)) is None:
        message, hint = f"its undo '{name}' is no skill", "`understudy skills` lists those that exist"
        yield Diagnostic("error", "bad-undo", message, hint, file, skill.line)
        return
    known, needed = undo.parameters.get("properties", {}), undo.parameters.get("required", [])
    hint = "such as " + ", ".join(f"'{key}': '${{{{ output.{key} }}}}'" for key in needed or known)
    for key in (key for key in needed if key not in given):
        yield Diagnostic("error", "bad-undo", f"its undo '{name}' needs the parameter '{key}'", hint, file, skill.line)
    for key in (key for key in given if key not in known):
        yield Diagnostic("error", "bad-undo", f"its undo '{name}' has no parameter '{key}'", hint, file, skill.line)
