"""Why a store says no, in words that every store shares."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.journal.port import Fenced, NotWaiting, PostedAnswer, RunOwned, RunTaken, RunUnknown, StoreError

_PROGRAM = "This is a mistake in the program; nothing was written."


def unknown(run_id: str, near: Sequence[str] = ()) -> RunUnknown:
    named = f"There {'are' if len(near) > 1 else 'is'} {', '.join(near)}. " if near else ""
    said = f"There is no run {run_id}." if run_id else "No run has an empty id."
    return RunUnknown(said, f"{named}`understudy runs` lists them.")


def ambiguous(text: str, matches: Sequence[str]) -> RunUnknown:
    return RunUnknown(f"More than one run begins with {text}.", f"Say more of it: {', '.join(matches)}.")


def taken(run_id: str) -> RunTaken:
    return RunTaken(run_id)


def owned(run_id: str, owner: str) -> RunOwned:
    return RunOwned(run_id, owner)


def fenced(run_id: str, owner: str) -> Fenced:
    taker = f"{owner} has taken run {run_id} over" if owner else f"Run {run_id} was given up"
    return Fenced(f"{taker}; this process may not write to it any more.", f"`understudy show {run_id}` shows it.")


def out_of_order(run_id: str, seq: int, last: int) -> StoreError:
    return StoreError(f"Event {seq} of run {run_id} does not follow the last one, {last}.", _PROGRAM)


def nothing_to_write(run_id: str) -> StoreError:
    return StoreError(f"There is no event to write for run {run_id}.", _PROGRAM)


def not_waiting(run_id: str, entry: str) -> NotWaiting:
    return NotWaiting(f"Nothing waits as {entry} in run {run_id}.", "`understudy runs` shows what waits.")


def answered(left: PostedAnswer) -> NotWaiting:
    by = f" by {left.by}" if left.by else ""
    return NotWaiting(
        f"It was answered already: {left.choice}{by}.", f"`understudy show {left.run_id}` shows what became of it."
    )


def read_only(path: object) -> StoreError:
    return StoreError(
        f"{path} was opened to be read, and cannot be written.",
        "Give yourself the right to write there, or set UNDERSTUDY_HOME to another folder.",
    )


def unreadable(path: object) -> StoreError:
    return StoreError(
        f"{path} cannot be read here: its latest changes are in its -wal file, which needs writing beside it.",
        "Make its folder writable and see that its disk has room. Nothing is lost.",
    )


def outdated(path: object) -> StoreError:
    return StoreError(
        f"{path} cannot be read before it is brought up to date, and it cannot be written.",
        "Make its folder writable and see that its disk has room, then try again.",
    )


def gone(path: object) -> StoreError:
    return StoreError(
        f"The journal was moved or deleted while it was in use: {path}.",
        "Put it back, and what waits to be written follows. Otherwise stop here: nothing more is kept of this run.",
    )


def closed() -> StoreError:
    return StoreError("The journal is closed.", "Start Understudy again.")
