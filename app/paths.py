"""Where things are kept: settings, history, logs, and the workspace that is worked in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workflows.errors import UnderstudyError
from workflows.records import dataclass

WORKSPACE = ".understudy"
"""The folder of a project that holds its agents, skills and workflows."""


@dataclass(frozen=True)
class Paths:
    """Folders of this user and of the workspace. None of them need exist."""

    config: Path
    data: Path
    logs: Path
    root: Path
    """The workspace: the nearest folder upwards that has `.understudy`, else the working folder."""

    @property
    def workspace(self) -> Path:
        return self.root / WORKSPACE

    @property
    def journal(self) -> Path:
        return self.data / "journal"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def journal_backups(self) -> Path:
        """Copies of the journal that were given no other name, and those it had before it was restored."""
        return self.data / "journal-backups"

    @property
    def spool(self) -> Path:
        """What runs say: a folder for each, with the text of its steps, and what one that has no terminal tells."""
        return self.data / "spool"

    def named(self) -> dict[str, Path]:
        """Where everything is kept, by what people call it."""
        return {
            "settings": self.config,
            "data": self.data,
            "journal": self.journal,
            "backups": self.backups,
            "logs": self.logs,
            "workspace": self.root,
            "workspace files": self.workspace,
        }

    def folders(self, what: str) -> dict[str, Path]:
        """Where users keep `agents`, `skills` or `workflows`: by scope, the one that wins first."""
        return {"workspace": self.workspace / what, "user": self.config / what}


def find_paths(environ: Mapping[str, str], cwd: Path) -> Paths:
    """The folders for this environment. `UNDERSTUDY_HOME` puts all of the user's below one folder.

    Raises UnderstudyError where there is no home to keep anything in.
    """
    root = next((folder for folder in (cwd, *cwd.parents) if (folder / WORKSPACE).is_dir()), cwd)
    if home := environ.get("UNDERSTUDY_HOME"):
        base = Path(home).expanduser().resolve()
        return Paths(base / "config", base / "data", base / "log", root)
    import platformdirs  # where the home of all is given, it is not asked

    dirs = platformdirs.PlatformDirs("understudy", appauthor=False)
    try:
        return Paths(Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_log_dir), root)
    except RuntimeError:
        raise UnderstudyError("You have no home folder to keep history in.", "Set HOME or UNDERSTUDY_HOME.") from None


def from_home(text: str) -> str:
    """A text that is shown, with the user's home folder as `~`."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return text  # there is none
    return text if home == "/" else text.replace(f"{home}/", "~/")
