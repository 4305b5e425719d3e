"""The colours that a person chose, kept beside the settings: a line of text, which is read before the first frame."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from app.tui.theme import NAMES
from workflows.errors import UnderstudyError


def kept_theme(config: Path) -> str:
    """The name of the theme that was chosen last; that of the first one where none was, or none that there is."""
    try:
        name = (config / "theme").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return NAMES[0]
    return name if name in NAMES else NAMES[0]


def keep_theme(config: Path, name: str) -> None:
    """Keep a choice for the next start. Raises UnderstudyError where it cannot be written."""
    beside = config / f".theme.{os.urandom(6).hex()}"
    try:
        config.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{name}\n")
        os.replace(beside, config / "theme")
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        hint = "These colours are used until the program ends."
        raise UnderstudyError(f"{config / 'theme'} cannot be written: {error.strerror}.", hint) from None
