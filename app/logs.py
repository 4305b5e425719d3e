"""The log file: what libraries say and the tracebacks of faults. Nothing of it reaches a terminal."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from workflows.secrets import Redactor

LARGEST = 1_000_000
"""Bytes of a log file before it is put aside; one older file is kept."""


def start_log(folder: Path) -> Path | None:
    """Send all logging to `understudy.log` in the folder (0600). None where it cannot be written: it is dropped.

    Starting it again keeps what `keep_out_of_log` was told.
    """
    redactor = next((each.redactor for each in _formatters()), Redactor())
    path = folder / "understudy.log"
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(path, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_WithoutSecrets(redactor))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # A full disk must not turn a log line into a traceback on the terminal.
    logging.raiseExceptions = False
    return path if isinstance(handler, _PrivateFile) else None


def keep_out_of_log(redactor: Redactor) -> None:
    """From now on what this redactor knows stands in no line of the log, tracebacks included."""
    for each in _formatters():
        each.redactor = redactor


def _formatters() -> list[_WithoutSecrets]:
    found = [handler.formatter for handler in logging.getLogger().handlers]
    return [formatter for formatter in found if isinstance(formatter, _WithoutSecrets)]


class _WithoutSecrets(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
        self.redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self.redactor.redact(super().format(record))


class _PrivateFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]  # its base class gives no type that mypy can follow
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return open(descriptor, self.mode, encoding=self.encoding, errors=self.errors)
