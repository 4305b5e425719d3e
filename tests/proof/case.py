"""One case of a proof: a folder with a workspace, a home and a ledger, and what is found in it afterwards."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.paths import WORKSPACE, Paths
from workflows.journal.codec import decode
from workflows.runs.events import Recorded

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class Act:
    """One line of the ledger: what the outside world saw. `intended`: its intent was durable at that moment."""

    what: str
    effect: str
    key: str
    intended: bool


@dataclass(frozen=True)
class Journal:
    """A run as its journal has it. `run` is empty where no run was ever begun. `damage` is what SQLite complains of."""

    run: str = ""
    events: tuple[Recorded, ...] = ()
    damage: str = ""


@dataclass(frozen=True)
class Case:
    """The folder of one case."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, host: str) -> Case:
        """A new one: the reference workspace, and settings that let it reach a host of this machine."""
        shutil.copytree(REFERENCE, folder / "project" / WORKSPACE, ignore=shutil.ignore_patterns("__pycache__"))
        case = cls(folder)
        case.paths.config.mkdir(parents=True)
        (case.paths.config / "settings.yaml").write_text(f"network: {{allow_hosts: ['{host}']}}\n")
        return case

    @property
    def paths(self) -> Paths:
        home = self.folder / "home"
        return Paths(home / "config", home / "data", home / "log", self.folder / "project")

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def acts(self) -> list[Act]:
        """What happened outside, in its order."""
        if not self.ledger.exists():
            return []
        lines: list[Mapping[str, Any]] = [json.loads(line) for line in self.ledger.read_text().splitlines()]
        return [Act(line["what"], line["effect"], line["key"], line["intended"]) for line in lines]

    def journal(self) -> Journal:
        """The journal as it is on disk, read by SQLite alone. For when no process has it open.

        A copy is read: what a process that was killed has left is rolled back or taken in by whoever opens it first.
        """
        if not (self.paths.journal / "journal.db").exists():
            return Journal()
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in self.paths.journal.glob("journal.db*"):
            shutil.copyfile(path, copy / path.name)
        database = sqlite3.connect(copy / "journal.db")
        try:
            damage = "\n".join(row[0] for row in database.execute("PRAGMA integrity_check"))
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
                return Journal(damage="" if damage == "ok" else damage)
            runs = [row[0] for row in database.execute("SELECT run_id FROM runs ORDER BY id")]
            rows = database.execute(
                "SELECT seq, at, type, version, body, blobs FROM events ORDER BY run, seq"
            ).fetchall()
        finally:
            database.close()
        assert len(runs) < 2, "a case has one run"
        events = tuple(self._recorded(*row) for row in rows)
        return Journal(runs[0] if runs else "", events, "" if damage == "ok" else damage)

    def _recorded(self, seq: int, at: float, kind: str, version: int, text: str, blobs: str | None) -> Recorded:
        body = json.loads(text)
        for name, blob in json.loads(blobs or "{}").items():
            body[name] = json.loads((self.paths.journal / "blobs" / blob).read_text())
        return Recorded(seq, at, decode(kind, version, body))
