"""Settings: file, then environment, then flag; the later wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from workflows.diagnostics import Diagnostic, render, suggest
from workflows.errors import UnderstudyError


class SettingsError(UnderstudyError):
    """The settings cannot be read, or say what does not fit."""


@dataclass(frozen=True)
class Settings:
    """What a user can set. `model` is the default model of agents that name none; empty for none at all."""

    model: str = ""


def load_settings(config: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of `settings.yaml` in the configuration folder and of `UNDERSTUDY_*` variables.

    Raises SettingsError where the file has an unknown key or a value that does not fit.
    """
    settings = _from_file(config / "settings.yaml")
    if model := environ.get("UNDERSTUDY_MODEL"):
        settings = replace(settings, model=model)
    return settings


def _from_file(path: Path) -> Settings:
    from workflows.source import Mapping as Table
    from workflows.source import Scalar, read

    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "Mend the file or move it away.") from error
    document = read(content, str(path))
    problems: list[Diagnostic] = list(document.diagnostics)
    known = [field.name for field in fields(Settings)]
    given: dict[str, str] = {}
    if isinstance(document.root, Table):
        for key, value in document.root.entries:
            if key.text not in known:
                hint = suggest(key.text, known) or f"there are: {', '.join(known)}"
                problems.append(document.diagnose(key.mark, "unknown-key", f"there is no setting '{key.text}'", hint))
            elif not isinstance(value, Scalar):
                problems.append(document.diagnose(value.mark, "wrong-type", f"{key.text} must be a text"))
            else:
                given[key.text] = value.text
    elif document.root is not None and not (isinstance(document.root, Scalar) and not document.root.text):
        problems.append(document.diagnose(document.root.mark, "wrong-type", "settings are written as `key: value`"))
    if problems:
        raise SettingsError("\n".join(render(problem) for problem in problems), "Mend the file or move it away.")
    return Settings(**given)
