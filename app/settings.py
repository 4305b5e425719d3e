"""Settings: file, then environment, then flag; the later wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.diagnostics import render
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from skills.channels.model import Channel


class SettingsError(UnderstudyError):
    """The settings cannot be read, or say what does not fit."""


@dataclass(frozen=True)
class Settings:
    """What a user can set.

    `model` is the default model of agents that name none; empty for none at all. `allow_hosts` (`network:` in the file)
    are hosts, as `host` or `host:port`, that steps may reach though they are private. `channels` are where
    notifications can go besides the terminal and the desktop.
    """

    model: str = ""
    allow_hosts: tuple[str, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)


def load_settings(config: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of `settings.yaml` in the configuration folder and of `UNDERSTUDY_*` variables.

    Raises SettingsError where the file has an unknown key or a value that does not fit.
    """
    settings = _from_file(config / "settings.yaml")
    if model := environ.get("UNDERSTUDY_MODEL"):
        settings = replace(settings, model=model)
    return settings


def _from_file(path: Path) -> Settings:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "Mend the file or move it away.") from error
    # Imported here: most have no such file, and reading one takes the whole language.
    from app.settings_file import read_settings

    values, problems = read_settings(content, str(path))
    if problems:
        raise SettingsError("\n".join(render(problem) for problem in problems), "Mend the file or move it away.")
    return Settings(**values)
