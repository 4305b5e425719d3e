"""The log file: what libraries say and the tracebacks of faults. Nothing of it reaches a terminal."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST = 1_000_000
"""Bytes of a log file before it is put aside; one older file is kept."""


def start_log(folder: Path) -> Path | None:
    """Send all logging to `understudy.log` in the folder (0600). None where it cannot be written: it is dropped."""
    path = folder / "understudy.log"
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(path, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # A full disk must not turn a log line into a traceback on the terminal.
    logging.raiseExceptions = False
    return path if isinstance(handler, _PrivateFile) else None


class _PrivateFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]  # its base class gives no type that mypy can follow
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return open(descriptor, self.mode, encoding=self.encoding, errors=self.errors)
