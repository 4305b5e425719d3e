"""Standing values as rows of their tables, and back: a column for each field, JSON where it is no plain value."""

from __future__ import annotations

import json
from typing import Any, Generic, TypeVar

from workflows.journal.codec import text_of
from workflows.journal.sqlite.rows import clean
from workflows.records import dataclass, declared
from workflows.unattended.values import Alert, Child, Memo, Schedule, Start, Trigger, User, Version

T = TypeVar("T")


@dataclass(frozen=True)
class Table(Generic[T]):
    """Where values of one type are kept."""

    name: str
    kind: type[T]
    in_json: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(declared(self.kind))

    @property
    def select(self) -> str:
        """The beginning of every query for such values."""
        return f"SELECT {self._listed} FROM {self.name}"  # noqa: S608  # names of ours

    @property
    def insert(self) -> str:
        """A statement that adds one."""
        return f"INSERT INTO {self.name} ({self._listed}) VALUES ({', '.join('?' * len(self.columns))})"  # noqa: S608  # names of ours

    @property
    def _listed(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns)

    def row(self, value: T) -> tuple[Any, ...]:
        """The value as a row. Raises StoreError for what cannot be JSON."""
        return tuple(self._write(name, getattr(value, name)) for name in self.columns)

    def value(self, row: tuple[Any, ...]) -> T:
        """The value that a row holds."""
        return self.kind(**{name: self._read(name, each) for name, each in zip(self.columns, row, strict=True)})

    def _write(self, name: str, value: Any) -> Any:
        if name == "children":
            value = [[child.name, child.text, child.digest, child.path] for child in value]
        if name in self.in_json:
            return text_of(value)
        return clean(value) if isinstance(value, str) else value

    def _read(self, name: str, value: Any) -> Any:
        if name == "children":
            return tuple(Child(*child) for child in json.loads(value))
        if name in self.in_json:
            return json.loads(value)
        return bool(value) if name in self.flags else value


VERSIONS = Table("versions", Version, frozenset(("children", "code")))
SCHEDULES = Table("schedules", Schedule, frozenset(("parameters",)), frozenset(("paused",)))
TRIGGERS = Table("triggers", Trigger, frozenset(("config", "parameters")), frozenset(("paused",)))
STARTS = Table("starts", Start, frozenset(("parameters",)))
USERS = Table("users", User)
ALERTS = Table("alerts", Alert, frozenset(("facts",)))
MEMOS = Table("memos", Memo, frozenset(("value",)))
