"""The log file: what libraries say and the tracebacks of faults. Nothing of it reaches a terminal."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO

from workflows.secrets import Redactor
from workflows.values import Json

LARGEST = 1_000_000
"""Bytes of a log file before it is put aside, where the settings do not say it; one older file is kept."""


RUNS = "understudy.runs"
"""The logger of what happens in runs: its records have `fields`, such as the ids of the run and the step."""


def start_log(folder: Path) -> Path | None:
    """Send all logging to `understudy.log` in the folder (0600). None where it cannot be written: it is dropped.

    Starting it again keeps what `keep_out_of_log` was told.
    """
    redactor = kept_out()
    path = folder / "understudy.log"
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(_opened(path))
        handler = _LogFile(path)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_WithoutSecrets(redactor))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # A full disk must not turn a log line into a traceback on the terminal.
    logging.raiseExceptions = False
    return path if isinstance(handler, _LogFile) else None


def shape_log(*, as_json: bool, runs: bool, size: int, keep: int) -> None:
    """Write lines as JSON or as text, with what happens in `runs` or without; files of `size` bytes, `keep` older ones.

    For what is written from now on. Where the file was begun already, its size stays.
    """
    for formatter in _formatters():
        formatter.as_json = as_json
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _LogFile):
            handler.size, handler.kept = size, keep
    logging.getLogger(RUNS).setLevel(logging.INFO if runs else logging.WARNING)


def keep_out_of_log(redactor: Redactor) -> None:
    """From now on what this redactor knows stands in no line of the log, tracebacks included."""
    for each in _formatters():
        each.redactor = redactor


def kept_out() -> Redactor:
    """What is kept out of the log; it knows nothing before anybody said what there is."""
    return next((each.redactor for each in _formatters()), Redactor())


def _formatters() -> list[_WithoutSecrets]:
    found = [handler.formatter for handler in logging.getLogger().handlers]
    return [formatter for formatter in found if isinstance(formatter, _WithoutSecrets)]


class _WithoutSecrets(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
        self.redactor = redactor
        self.as_json = False

    def format(self, record: logging.LogRecord) -> str:
        if self.as_json:
            # First as it is, since a secret with a quote in it is another text once it is escaped.
            return self.redactor.redact(json.dumps(self.redactor.redact_json(self._document(record)), default=str))
        about = "".join(
            f" {name}={value}" for name, value in getattr(record, "fields", {}).items() if value is not None
        )
        return self.redactor.redact(super().format(record) + about)

    def _document(self, record: logging.LogRecord) -> dict[str, Json]:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found: dict[str, Json] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return found


class _LogFile(logging.Handler):
    """Writes to a file that is put aside when it is full. Most commands have nothing to say there."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.size, self.kept = LARGEST, 1

    def emit(self, record: logging.LogRecord) -> None:
        self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def close(self) -> None:
        if "_file" in self.__dict__:
            self._file.close()
        super().close()

    @cached_property
    def _file(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler

        class Private(RotatingFileHandler):
            def _open(self) -> IO[str]:  # type: ignore[override]  # its base class says which class of file
                return open(_opened(Path(self.baseFilename)), self.mode, encoding=self.encoding, errors=self.errors)

        return Private(
            self._path, maxBytes=self.size, backupCount=self.kept, encoding="utf-8", errors="backslashreplace"
        )


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
