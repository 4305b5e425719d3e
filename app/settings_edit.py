"""The one thing that the program writes into the settings file: a text of a key at the top. All else stays as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.settings_file import read_settings
from app.sources import Source, read_source_text, save_source
from workflows.errors import UnderstudyError

PLAIN = re.compile(r"[A-Za-z][\w./@+-]*(?::[\w./@+-]+)*")
"""Values that YAML reads as texts without quotes around them."""


def with_setting(text: str, key: str, value: str) -> str:
    """The file's text with the key set to this value, comments and all else kept.

    Raises UnderstudyError where the file is written in a way that a line of it cannot be changed by itself.
    """
    shown = value if PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    found = re.search(rf"^{key}[ \t]*:(?P<value>[^#\n]*?)(?P<comment>[ \t]+#[^\n]*)?$", text, re.MULTILINE)
    if found:
        changed = f"{text[: found.start()]}{key}: {shown}{found['comment'] or ''}{text[found.end() :]}"
    else:
        changed = f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{key}: {shown}\n"
    before, _ = read_settings(text.encode("utf-8"), "settings.yaml")
    after, problems = read_settings(changed.encode("utf-8"), "settings.yaml")
    if problems or after != {**before, key: value}:
        raise UnderstudyError("No line of settings.yaml can be changed by itself.", f"Write `{key}: {shown}` into it.")
    return changed


def keep_setting(config: Path, key: str, value: str) -> Path:
    """Set a key in the settings file of this configuration folder; its path.

    Raises UnderstudyError where it cannot be written, or was changed meanwhile.
    """
    path = config / "settings.yaml"
    try:
        config.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnderstudyError(f"{config} cannot be made: {error.strerror}.", "Nothing was saved.") from None
    source = read_source_text(path) if path.exists() else Source(path, "")
    save_source(source, with_setting(source.text, key, value))
    return path
