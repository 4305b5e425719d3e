"""A secret's value, which cannot be shown by accident, and the port of where secrets are kept."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol

if TYPE_CHECKING:
    from workflows.secrets.redactor import Redactor

MASK = "•••"


class Secret:
    """A value that only `reveal` shows. Its repr, its text and its formatted forms are `•••`; it cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the one place that sends it, never for a message or a record."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


class Secrets(Protocol):
    """Where secrets are kept."""

    @property
    def redactor(self) -> Redactor:
        """Knows every value that is kept here, every one that `get` ever gave, and the keys of models."""
        ...

    def get(self, name: str) -> Secret | None:
        """The secret of this name, None where it is not set. Raises UnderstudyError where that cannot be told."""
        ...

    def names(self) -> Sequence[str]:
        """The names of all that are set, sorted. Raises UnderstudyError where that cannot be told."""
        ...


class NoSecrets:
    """A place that keeps none."""

    def __init__(self) -> None:
        from workflows.secrets.redactor import Redactor

        self.redactor = Redactor(())

    def get(self, name: str) -> Secret | None:
        return None

    def names(self) -> Sequence[str]:
        return ()


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
