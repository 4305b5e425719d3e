"""A run that goes on without its screen: a process of its own takes it over where this one stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from workflows.errors import UnderstudyError

PATIENCE = 120
"""Seconds in which the new process has to say that it has the run."""

_PROGRAM = "from app.cli.main import main; main()"


def hand_over(run: str, folder: Path, environ: Mapping[str, str]) -> int:
    """Let a process of its own go on with a run that nobody drives now; the id of that process.

    `folder` is the one that the program works in. Failures in it wait for a person, as they do on a screen. Raises
    UnderstudyError with what kept it from going on.
    """
    command = [sys.executable, "-P", "-c", _PROGRAM, "resume", run, "--detach", "--attended", "--json"]
    try:
        ended = subprocess.run(  # noqa: S603  # our own program, with the id of a run
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnderstudyError(
            f"Run {run} was not taken over: {error}.", f"Go on with: understudy resume {run}"
        ) from error
    try:
        return int(json.loads(ended.stdout)["pid"])
    except (ValueError, KeyError, TypeError):
        said = (ended.stderr.strip() or "nothing was said").splitlines()[0]
        raise UnderstudyError(f"Run {run} was not taken over: {said}", f"Go on with: understudy resume {run}") from None
