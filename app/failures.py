"""What went wrong, as an exit code and as words: the one table and the one place for both."""

from __future__ import annotations

import errno
import logging
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflows.errors import CallFailed, Failure, OutcomeUnknown, UnderstudyError
from workflows.journal.port import NotWaiting, RunUnknown, StoreError
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.text import safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from workflows.diagnostics import Diagnostic

_log = logging.getLogger(__name__)

OF_THE_SETUP = frozenset({"authentication", "dependency", "resource"})
"""Failure classes that say something about this machine and its settings: a key, a model, a program, a disk."""


class Exit(IntEnum):
    """How the program ends. Scripts rely on these: docs and `understudy --help` list them."""

    OK = 0
    FAILED = 1
    """A run failed, or the program has a fault."""
    USAGE = 2
    """The command, a parameter or a file is wrong."""
    NEEDS_PERSON = 3
    """A run waits for a person and nobody is here, or a person's no was given for them."""
    SETUP = 4
    """Configuration, model, key or storage: something that this machine must have first."""
    BUDGET = 5
    """A run waits for room in its budget, or ended because it had none."""
    CANCELLED = 6
    HANGUP = 129
    INTERRUPTED = 130
    QUIT = 131
    TERMINATED = 143


def exit_of(state: RunState) -> Exit:
    """The exit code for where a run stands."""
    if state.status == "succeeded":
        return Exit.OK
    if state.status == "cancelled":
        return Exit.CANCELLED
    if state.status == "failed":
        return Exit.FAILED if state.failure is None else _exit_of_failure(state.failure)
    asked = {inquiry.asked.reason for inquiry in state.open_inquiries}
    return Exit.BUDGET if asked == {"budget"} else Exit.NEEDS_PERSON if asked else Exit.FAILED


def exit_of_error(error: UnderstudyError) -> Exit:
    """The exit code for an error that ended a command."""
    from app.desk import Untrusted
    from app.secret_store import SecretsUnusable
    from app.settings import SettingsError

    if isinstance(error, RunUnknown | NotWaiting):
        return Exit.USAGE
    if isinstance(error, StoreError | SettingsError | SecretsUnusable | Untrusted):
        return Exit.SETUP
    if isinstance(error, CallFailed | OutcomeUnknown):
        return _exit_of_failure(error.failure)
    return Exit.USAGE


def _exit_of_failure(failure: Failure) -> Exit:
    if failure.kind == "budget":
        return Exit.BUDGET
    return Exit.SETUP if failure.kind in OF_THE_SETUP else Exit.FAILED


@dataclass(frozen=True)
class Ended:
    """What ended a command before it had a result. `words` are for people and cleaned; `diagnostics` are JSON."""

    code: Exit
    message: str
    hint: str
    words: str
    diagnostics: tuple[Json, ...] = ()

    def document(self) -> Json:
        """The same for `--json`."""
        from app.present.run import SCHEMA_VERSION

        error: dict[str, Json] = {"message": self.message, "hint": self.hint}
        if self.diagnostics:
            error["diagnostics"] = list(self.diagnostics)
        return {"schema_version": SCHEMA_VERSION, "exit_code": int(self.code), "error": error}


def ended_by(error: Exception) -> Ended:
    """How an exception ends the program: a user's mistake in words, a fault of ours in one line and a log."""
    if isinstance(error, click.exceptions.Abort):
        return Ended(Exit.INTERRUPTED, "Stopped.", "", "Stopped.")
    if isinstance(error, click.ClickException):
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx else ""
        message = safe_text(error.format_message())
        return Ended(Exit.USAGE, message, "", f"{usage}Error: {message}")
    if isinstance(error, UnderstudyError):
        message, hint = safe_text(error.message), safe_text(error.hint)
        return Ended(exit_of_error(error), message, hint, explain(error), _diagnostics(error))
    if (of_here := _of_this_machine(error)) is not None:
        return Ended(Exit.SETUP, of_here.message, of_here.hint, explain(of_here))
    words = explain_fault(error, _log_file())
    return Ended(Exit.FAILED, words.split("\n")[0], "", words)


def _of_this_machine(error: Exception) -> UnderstudyError | None:
    """What a file system refuses is no fault of the program: a disk is full or read-only, or a right is missing."""
    if not isinstance(error, OSError) or not isinstance(error.filename, str):
        return None
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return UnderstudyError(f"There is no room left for {error.filename}.", "Free some space on that disk.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return UnderstudyError(
            f"{error.filename} cannot be used: {error.strerror}.",
            "Give yourself the right to write there, or set UNDERSTUDY_HOME to another folder.",
        )
    return None


def _diagnostics(error: UnderstudyError) -> tuple[Json, ...]:
    if not (found := _found_by(error)):
        return ()
    from workflows.diagnostics import to_json

    return tuple(map(to_json, found))


def _found_by(error: UnderstudyError) -> tuple[Diagnostic, ...]:
    from app.named_workflows import Invalid
    from app.proving import NotHeadless

    return error.diagnostics if isinstance(error, Invalid | NotHeadless) else ()


def _log_file() -> Path | None:
    from app.cli.session import here
    from app.logs import start_log

    try:
        return start_log(here().logs)
    except UnderstudyError:
        return None


def explain(error: UnderstudyError) -> str:
    """The error for a person: what happened, then what to do next. Every diagnostic that it has is in it."""
    lines = [safe_text(error.message)]
    if found := _found_by(error):
        from workflows.diagnostics import render

        lines += [render(each) for each in found]
    if error.hint:
        lines.append(f"  next: {safe_text(error.hint)}")
    return "\n".join(lines)


def explain_fault(error: BaseException, log: Path | None) -> str:
    """One line for a fault of our own. The traceback goes to the log."""
    _log.critical("a fault ended the program", exc_info=error)
    where = f"The details are in {log}." if log else "No log could be written."
    return safe_text(f"Understudy has a fault: {type(error).__name__}: {error}".split("\n")[0]) + f"\n  next: {where}"
