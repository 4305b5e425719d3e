"""What every change to the journal is, and what its writer knows of the runs that this process owns."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from workflows.journal.sqlite.blobs import Blob

T_co = TypeVar("T_co", covariant=True)


class Known(NamedTuple):
    """What this process knows of a run that it owns: in which epoch, the id of its row, what is written of its summary
    there and in the inbox table, as `steady` gives it (None: not known), and whether any of its attempts has a row: the
    end of one that has none need not be looked for."""

    epoch: int
    id: int
    steady: tuple[Any, ...] | None = None
    performed: bool = True


Inboxes: TypeAlias = dict[str, Known]
"""By run. A transaction that is rolled back takes all of it away."""


class Change(ABC, Generic[T_co]):
    """One thing to write."""

    @property
    def size(self) -> int:
        """About how many bytes it adds."""
        return 256

    @property
    def blobs(self) -> Sequence[Blob]:
        """What must be durable before it is written."""
        return ()

    @abstractmethod
    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> T_co:
        """Write it, in a transaction that is rolled back if this raises. Raises StoreError, sqlite3.Error, OSError."""
