"""Runs as JSON lines: written for other tools and other machines, and read back only where every line is understood."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, BinaryIO

from app.desk import Desk
from workflows.errors import UnderstudyError
from workflows.journal.codec import decode, encode, text_of
from workflows.journal.files import open_private
from workflows.journal.port import Query, RunStore
from workflows.records import dataclass
from workflows.runs.events import Recorded
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise
from workflows.secrets import Redactor

FORM = 1
"""Rises when the lines change their meaning."""

LONGEST = 256 * 1024 * 1024
"""Bytes that a line may have."""

PAGE = 200


@dataclass(frozen=True)
class Exchanged:
    """What was written or read: runs, their events, and the ids of runs that were there already."""

    runs: tuple[str, ...]
    events: int
    known: tuple[str, ...] = ()


class Unreadable(UnderstudyError):
    """The file is no export, or not one that this release understands. Nothing was read of it."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}, line {line}: {what}.", "Nothing was imported.")


async def export(desk: Desk, runs: Sequence[str], path: Path) -> Exchanged:
    """Write these runs, or all, to a new file that only its owner reads. A secret in it becomes its name.

    Raises UnderstudyError where there is such a file, no such run, or no room.
    """
    store, redactor = desk.services.store, desk.services.secrets.redactor
    ids = [await store.resolve(run) for run in runs] or await _every(store)
    _must_be_new(path)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(open_private(part, os.O_WRONLY), "wb") as file:
            written = _Writing(file)
            written.line({"understudy": "export", "form": FORM, "release": installed("understudy")})
            events = 0
            for run_id in ids:
                journal = await store.read(run_id)
                written.line({"run": run_id, "events": len(journal)})
                for one in journal:
                    written.line(_line_of(one, redactor))
                events += len(journal)
            written.line({"end": {"runs": len(ids), "events": events, "sha256": written.digest.hexdigest()}})
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}.", "Nothing was written.") from None
    finally:
        part.unlink(missing_ok=True)
    return Exchanged(tuple(ids), events)


async def import_runs(desk: Desk, path: Path) -> Exchanged:
    """Take the runs of an export into the history: all of the file is understood before the first is taken.

    Runs that are there already, event by event the same, are left. Raises Unreadable; UnderstudyError where a run is
    there with other events.
    """
    store = desk.services.store
    for _ in read_export(path):
        pass  # the whole file, before anything is written
    here = set(await _every(store))
    for run_id, events in read_export(path):
        if run_id in here and await store.read(run_id) != list(events):
            raise UnderstudyError(f"Another run {run_id} is in the history.", "Nothing was imported.")
    taken, known, count = [], [], 0
    for run_id, events in read_export(path):
        if run_id in here:
            known.append(run_id)
            continue
        summary = replace(summarise(replay(run_id, events)), root=_root_of(events))
        await store.release(await store.create(run_id, "import", events, summary))
        taken.append(run_id)
        count += len(events)
    return Exchanged(tuple(taken), count, tuple(known))


def read_export(path: Path) -> Iterator[tuple[str, Sequence[Recorded]]]:
    """Each run of an export with its events, in order. Raises Unreadable where anything is not as it was written."""
    try:
        with path.open("rb") as file:
            yield from _Reading(file, path).runs()
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be read: {error.strerror}.") from None


def _must_be_new(path: Path) -> None:
    if path.exists():
        raise UnderstudyError(f"{path} is there already.", "Choose another name.")


def _root_of(events: Sequence[Recorded]) -> str:
    return str(getattr(events[0].event, "root", ""))


async def _every(store: RunStore) -> list[str]:
    found: list[str] = []
    while page := await store.runs(Query(limit=PAGE, offset=len(found))):
        found += [run.run_id for run in page]
    return found[::-1]


def _line_of(one: Recorded, redactor: Redactor) -> dict[str, Any]:
    body = redactor.redact_json(encode(one.event))
    return {
        "seq": one.seq,
        "at": one.at,
        "type": type(one.event).__name__,
        "version": one.event.version,
        "body": body,
    }


class _Writing:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def line(self, value: dict[str, Any]) -> None:
        data = f"{text_of(value)}\n".encode()
        self.digest.update(data)
        self._file.write(data)


class _Reading:
    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._number = 0
        self._digest = hashlib.sha256()

    def runs(self) -> Iterator[tuple[str, Sequence[Recorded]]]:
        head = self._line()
        if head.get("understudy") != "export":
            raise self._wrong("this is no export of Understudy")
        if head.get("form") != FORM:
            raise self._wrong(f"it has the form {head.get('form')}, and this release knows {FORM}: update Understudy")
        seen: set[str] = set()
        events = 0
        before = self._digest.copy()
        while "end" not in (line := self._line()):
            run_id, count = line.get("run"), line.get("events")
            if not isinstance(run_id, str) or not isinstance(count, int) or count < 1 or set(line) != {"run", "events"}:
                raise self._wrong("a run begins with its id and how many events it has")
            if not run_id.isalnum() or len(run_id) > 64 or run_id in seen:
                raise self._wrong("this is no id of a run, or it was there before")
            seen.add(run_id)
            yield run_id, self._events(run_id, count)
            events += count
            before = self._digest.copy()
        if line["end"] != {"runs": len(seen), "events": events, "sha256": before.hexdigest()}:
            raise self._wrong("the end does not fit what stands before it: the file was cut or changed")
        if self._file.read(1):
            raise self._wrong("something follows the end")

    def _events(self, run_id: str, count: int) -> list[Recorded]:
        found = []
        for seq in range(1, count + 1):
            line = self._line()
            if set(line) != {"seq", "at", "type", "version", "body"} or line["seq"] != seq:
                raise self._wrong(f"event {seq} of run {run_id} should stand here")
            at, kind, version = line["at"], line["type"], line["version"]
            if type(at) not in (int, float) or type(kind) is not str or type(version) is not int:
                raise self._wrong("this is no event")
            try:
                found.append(Recorded(seq, float(at), decode(kind, version, line["body"])))
            except UnderstudyError as error:
                raise self._wrong(error.message.rstrip(".")) from None
        try:
            state = replay(run_id, found)
        except Exception as error:  # the reducer trusts what the engine wrote, and anybody may have written this
            raise self._wrong(f"the events of run {run_id} do not fit each other ({type(error).__name__})") from None
        if not state.over:
            raise self._wrong(f"run {run_id} is not over; `understudy db backup` moves those too")
        return found

    def _line(self) -> dict[str, Any]:
        self._number += 1
        data = self._file.readline(LONGEST)
        if not data.endswith(b"\n"):
            raise self._wrong("the file ends too soon")
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            raise self._wrong("this is not JSON") from None
        if not isinstance(value, dict):
            raise self._wrong("this is no JSON object")
        self._digest.update(data)
        return value

    def _wrong(self, what: str) -> Unreadable:
        return Unreadable(self._path, self._number, what)
