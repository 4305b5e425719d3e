"""Opens a person's own editor on a text, and gives back what was saved."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.editors import editor_of
from workflows.errors import UnderstudyError


def edit(text: str, environ: Mapping[str, str], *, suffix: str = ".json") -> str:
    """The text as it was saved, the same where nothing was. `$VISUAL`, else `$EDITOR`, else `vi` is started.

    The file is its owner's alone and goes with the editor. Raises UnderstudyError where no editor is there, or it
    failed.
    """
    name = editor_of(environ)
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder) / f"edit{suffix}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        try:
            # Split as a shell would, but without one. Resolved by its name on purpose: it is the person's own choice.
            done = subprocess.run([*shlex.split(name), str(path)], check=False)  # noqa: S603  # no shell; their own editor
        except (OSError, ValueError) as error:
            raise UnderstudyError(
                f"The editor '{name}' cannot be started: {error}.", "Set EDITOR to one that is there, or give --value."
            ) from None
        if done.returncode:
            raise UnderstudyError(
                f"The editor '{name}' ended with {done.returncode}; nothing was answered.",
                "Try again, or give --value.",
            )
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnderstudyError(f"What was saved cannot be read: {error}.", "Try again, or give --value.") from None
