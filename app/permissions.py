"""The permission rules that count here: those of the settings, and those of a trusted workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.paths import WORKSPACE
from app.settings import SettingsError
from skills.discover import read_source
from skills.permissions.rules import Rule
from workflows.diagnostics import Diagnostic, render


class RuleBook:
    """Gives the rules of a workspace. Of one that is not trusted nothing is read: it can neither allow nor forbid."""

    def __init__(self, own: Sequence[Rule], trusted: Callable[[Path], bool]) -> None:
        self._own = tuple(own)
        self._trusted = trusted
        self._read: dict[Path, tuple[object, tuple[Rule, ...]]] = {}

    def rules(self, root: Path) -> Sequence[Rule]:
        """The rules for runs in this folder, as the files say now.

        Raises SettingsError where the workspace's file is broken: what it may forbid is not known then.
        """
        return (*self._own, *(self._of_workspace(root) if self._trusted(root) else ()))

    def of_a_step(self, root: Path) -> Sequence[Rule]:
        """The same, for a step: a failure of it has one line, and says where all of them stand."""
        try:
            return self.rules(root)
        except SettingsError as error:
            hint = "`understudy permissions` shows all that is wrong. No tool is used before it is mended."
            raise SettingsError(error.message.partition("\n")[0], hint) from None

    def _of_workspace(self, root: Path) -> tuple[Rule, ...]:
        path = root / WORKSPACE / "settings.yaml"
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise SettingsError(f"{path} cannot be read: {error.strerror}", "Mend the file or move it away.") from error
        about = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._read.get(path)
        if known is None or known[0] != about:
            known = self._read[path] = (about, _rules(path, root))
        return known[1]


def _rules(path: Path, root: Path) -> tuple[Rule, ...]:
    from app.settings_file import read_workspace_settings  # here: most workspaces have no such file

    content = read_source(path, root, "bad-settings")
    if isinstance(content, Diagnostic):
        raise SettingsError(render(content), "Mend the file; no tool is used before.")
    rules, problems = read_workspace_settings(content, str(path))
    if problems:
        raise SettingsError(
            "\n".join(map(render, sorted(problems, key=lambda each: each.place))),
            "Mend the file; no tool is used before.",
        )
    return rules
