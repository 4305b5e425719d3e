"""Frozen values that are cheap to change: the new one shares with the old what did not change."""

from __future__ import annotations

from typing import Any, TypeVar

V = TypeVar("V")


def changed(record: V, /, **fields: Any) -> V:
    """A copy of a frozen dataclass with these fields changed; as `dataclasses.replace`, in a tenth of its time.

    Nothing of `__init__` or `__post_init__` is done again, and what a `cached_property` found would stay: not for such.
    Raises TypeError for a field that there is not.
    """
    before = record.__dict__
    after = before.copy()  # the one way that keeps the keys shared by all records of a class
    after.update(fields)
    if len(after) != len(before):
        raise TypeError(f"{type(record).__name__} has no field {', '.join(fields.keys() - before.keys())}")
    copy = object.__new__(type(record))
    object.__setattr__(copy, "__dict__", after)
    return copy


def write(draft: object, /, **fields: Any) -> None:
    """Change these fields of a draft itself: a copy that whoever made it has shown to nobody yet.

    Raises TypeError for a field that there is not.
    """
    own = draft.__dict__
    known = len(own)
    own.update(fields)
    if len(own) != known:
        raise TypeError(f"{type(draft).__name__} has no field {', '.join(fields)}, or not all of them")
