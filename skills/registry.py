"""All skills that are known right now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from skills.layers import Files, Folder, Layered, Layers
from skills.manifest import Skill
from skills.written import SkillFiles
from workflows.errors import UnderstudyError


class UnknownSkill(UnderstudyError):
    """There is no skill of this name."""


class Snapshot(Layered[Skill]):
    """Skills by name, the problems of files that are broken, and what is shadowed."""

    @property
    def skills(self) -> Mapping[str, Skill]:
        return self.found

    def get(self, name: str) -> Skill:
        """The skill of this name. Raises UnknownSkill, whose hint suggests names that look alike."""
        if name in self.skills:
            return self.skills[name]
        close = self.suggest(name)
        there = "`understudy mcp` lists servers and their state" if name.startswith("mcp__") else ""
        hint = f"did you mean {' or '.join(close)}?" if close else there or "`understudy skills` lists what there is"
        if self.problems:
            hint += f" ({len({problem.file for problem in self.problems})} with errors: `understudy skills check`)"
        raise UnknownSkill(f"there is no skill '{name}'", hint)

    def suggest(self, name: str) -> list[str]:
        """Up to three names that look like this one, best first."""
        from difflib import get_close_matches

        return get_close_matches(name, self.skills, n=3, cutoff=0.6)


class Registry(Layers[Skill, Snapshot]):
    """The skills of these folders, and of what is added to them. `confined`: programs have to run in the sandbox."""

    def __init__(
        self, folders: Sequence[Folder], trusted: Callable[[Path], bool] = lambda root: False, *, confined: bool = False
    ) -> None:
        files = SkillFiles(confined=confined)
        super().__init__("skill", Snapshot, [Files(folder, files) for folder in folders], trusted)

    def get(self, name: str) -> Skill:
        """The skill of this name in the current snapshot. Raises UnknownSkill."""
        return self.snapshot.get(name)
