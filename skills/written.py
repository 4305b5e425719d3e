"""How skills are written in files: functions in Python, declared commands, folders with a SKILL.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from skills.discover import read_manifests, read_source
from skills.index import indexed
from skills.layers import Folder, Unit
from skills.manifest import Skill
from skills.outside import INSTEAD, OUTSIDE
from workflows.diagnostics import Diagnostic


class SkillFiles:
    """The skills of a folder. Files whose names begin with an underscore or a dot are none.

    The built-in library has one folder of Python files a domain; in others files lie flat, beside skill folders. In the
    folders of other programs only skill folders are ours to read. Where programs have to be `confined`, functions that
    are not built in cannot be called: their processes are not.
    """

    def __init__(self, *, confined: bool = False) -> None:
        self._confined = confined

    def files(self, folder: Folder) -> Iterable[Path]:
        if folder.scope == "built-in":
            return [path for path in sorted(folder.path.glob("*/*.py")) if not path.name.startswith(("_", "."))]
        try:
            entries = sorted(folder.path.iterdir())
        except OSError:
            return []
        own = () if folder.foreign else (".py", ".yaml", ".yml")
        files = [path for path in entries if path.suffix in own and not path.name.startswith(("_", "."))]
        if any(path.suffix not in own for path in entries):
            from skills.folders.contents import skill_files  # here: few have any

            files += skill_files(folder.path)
        return files

    def inside(self, folder: Folder) -> Iterable[Path]:
        from skills.folders.contents import folders_inside

        return folders_inside(folder.path, folder.within)

    def stamp(self, path: Path, folder: Folder) -> object | Diagnostic:
        if path.suffix == ".md":
            from skills.folders.contents import read_contents

            return read_contents(path, folder)
        return read_source(path, folder.within)

    def read(self, path: Path, folder: Folder, stamp: Any) -> Unit[Skill]:
        if path.suffix == ".md":
            from skills.folders.read import read_folder

            return read_folder(path, folder, stamp)
        if path.suffix != ".py":
            from skills.commands.read import read_command

            return read_command(path, folder, stamp)
        if folder.scope == "built-in" and (known := indexed(path, stamp)) is not None:
            return Unit(path, known)
        manifests = read_manifests(path, folder.scope, stamp)
        if isinstance(manifests, tuple):
            return Unit(path, (), manifests)
        if self._confined and folder.scope != "built-in":
            manifests = [replace(each, unusable=f"{OUTSIDE}: {INSTEAD}") for each in manifests]
        return Unit(path, tuple(manifests))
