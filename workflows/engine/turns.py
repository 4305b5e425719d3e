"""Places for whole runs, and the line of those that wait for one: files in a folder that processes hold locked.

Who holds a place or stands in line is known exactly, not by time: a lock ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from workflows.engine.limits import Claim, admitted, standing_of
from workflows.journal.files import is_locked, make_folder, open_private

HEARD = 20.0
"""Seconds for which one in line may say nothing before others go ahead of it: its process was stopped, or hangs."""


class Turns:
    """The places there are, by name, and who is next. All processes that share the folder share them.

    Asking is cheap and never waits for another process. Every method may raise OSError.
    """

    def __init__(self, folder: Path, capacities: Mapping[str, int]) -> None:
        self.capacities = dict(capacities)
        self._folder = folder
        self._line = folder / "line"
        self._slots = {
            name: list(map(f"{folder / quote(name, safe='')}.{{}}".format, range(count)))
            for name, count in capacities.items()
        }
        self._held: dict[int, str] = {}
        """The places that this process holds, by descriptor, and below without: they need no second look."""
        self._own: set[str] = set()

    def enter(self, run_id: str, claim: Claim) -> Turn:
        """A turn for a run. It has no place yet, and does not stand in line before it asked for one."""
        return Turn(self, run_id, claim)

    def line(self) -> list[str]:
        """The runs that stand in line, the next one first."""
        waiting = self.waiting()
        claims = [claim for _, claim in waiting]
        order = sorted(range(len(claims)), key=lambda index: standing_of(claims, index))
        return [waiting[index][0] for index in order]

    def waiting(self, within: float = float("inf")) -> Sequence[tuple[str, Claim]]:
        """Who stands in line and was heard of `within` so many seconds, in no order.

        What dead processes left there is removed.
        """
        names: list[str] = []
        with suppress(FileNotFoundError):
            names = os.listdir(self._line)
        return [(name, claim) for name in names if (claim := _read(self._line / name, within))]

    def free(self, name: str) -> int:
        """How many places of a name nobody holds."""
        return sum(path not in self._own and not is_locked(Path(path)) for path in self._slots.get(name, ()))

    def grab(self, needs: Mapping[str, int]) -> list[int] | None:
        """Take so many places of each name, all or none. The descriptors hold them."""
        held: list[int] = []
        make_folder(self._folder)
        for name, count in needs.items():
            before = len(held)
            for path in self._slots.get(name, ()):
                if len(held) - before == count:
                    break
                if path not in self._own and (descriptor := _lock(path)) is not None:
                    held.append(descriptor)
                    self._held[descriptor] = path
                    self._own.add(path)
            if len(held) - before < count:
                self.give(held)
                return None
        return held

    def give(self, held: Iterable[int]) -> None:
        """Give places back."""
        for descriptor in held:
            self._own.discard(self._held.pop(descriptor))
            os.close(descriptor)

    def stand(self, run_id: str, claim: Claim) -> int:
        """Stand in line: the descriptor holds the ticket."""
        make_folder(self._line)
        path = self._line / run_id
        while True:
            descriptor = open_private(path)
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # whoever only looks has it for a moment
            if _is_at(descriptor, path):
                break
            os.close(descriptor)
        os.truncate(descriptor, 0)
        about = {"needs": dict(claim.needs), "priority": claim.priority, "since": claim.since}
        os.pwrite(descriptor, json.dumps(about).encode(), 0)
        return descriptor

    def leave(self, run_id: str, ticket: int) -> None:
        """Leave the line."""
        (self._line / run_id).unlink(missing_ok=True)
        os.close(ticket)


class Turn:
    """One run's: it stands in line, has its places, or lends them to others while it rests."""

    def __init__(self, turns: Turns, run_id: str, claim: Claim) -> None:
        self._turns = turns
        self._run_id = run_id
        self._claim = replace(claim, party=run_id)
        self._held: list[int] = []
        self._ticket: int | None = None

    @property
    def impossible(self) -> str:
        """Of what it needs more than there is altogether; empty where it can be had."""
        return next(
            (name for name, count in self._claim.needs.items() if self._turns.capacities.get(name, 0) < count), ""
        )

    @property
    def place(self) -> int:
        """Where it stands in line, from 1; 0 where it does not."""
        line = self._turns.line() if self._ticket is not None else []
        return line.index(self._run_id) + 1 if self._run_id in line else 0

    def take(self) -> bool:
        """Take the places, if it is this run's turn; else stand in line."""
        if self._held:
            return True
        others = [entry for entry in self._turns.waiting(HEARD) if entry[0] != self._run_id]
        if self._is_next([claim for _, claim in others]):
            self._held = self._turns.grab(self._claim.needs) or []
        if self._held:
            self._leave_line()
        elif self._ticket is None:
            self._ticket = self._turns.stand(self._run_id, self._claim)
        else:
            os.utime(self._ticket)  # it is there, and looks whether it is its turn
        return bool(self._held)

    def short_of(self) -> list[str]:
        """What there is not enough of now."""
        return [name for name, count in self._claim.needs.items() if self._turns.free(name) < count]

    def rest(self) -> None:
        """Let others have the places while nothing goes on in this run."""
        self._turns.give(self._held)
        self._held = []

    def back(self) -> None:
        """Take the places again where they are free. What has begun goes on in any case."""
        if not self._held:
            self._held = self._turns.grab(self._claim.needs) or []

    def leave(self) -> None:
        """The run is over, or this process is done with it."""
        self.rest()
        self._leave_line()

    def _is_next(self, others: list[Claim]) -> bool:
        if not others:
            return True
        free = {name: self._turns.free(name) for name in self._turns.capacities}
        return len(others) in admitted([*others, self._claim], free, {})

    def _leave_line(self) -> None:
        if self._ticket is not None:
            self._turns.leave(self._run_id, self._ticket)
            self._ticket = None


def _lock(path: str) -> int | None:
    """Hold a file, if nobody does. Nobody removes it, so that all lock the same one."""
    descriptor = open_private(Path(path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _read(path: Path, within: float) -> Claim | None:
    """What one in line claims; None where nobody holds the ticket, it is only just being written, or silent."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        if time.time() - os.fstat(descriptor).st_mtime > within:
            return None
        try:
            about = json.loads(os.pread(descriptor, 65_536, 0))
            return Claim(about["needs"], about["priority"], about["since"], path.name)
        except (ValueError, KeyError, TypeError):
            return None
    else:
        path.unlink(missing_ok=True)
        return None
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
