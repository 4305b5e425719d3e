"""Frozen values that are cheap to change: the new one shares with the old what did not change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, ValuesView
from itertools import chain, islice
from typing import Any, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

_PAGE = 32


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


class Entries(Mapping[K, V]):
    """A mapping in the order in which keys came, which nobody can change.

    `including` gives another with one entry set: it costs the same however many there are, near enough. The values are
    in pages, of which the other shares all but one; where each key's value stands is known to all that grew out of one.
    """

    __slots__ = ("_pages", "_places", "_size")

    def __init__(self, entries: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        known = dict(entries)
        values = list(known.values())
        self._size = len(values)
        self._places = {key: place for place, key in enumerate(known)}
        """Keys at `_size` and beyond belong to mappings that grew out of this one."""
        self._pages = [values[start : start + _PAGE] for start in range(0, len(values), _PAGE)]
        """Lists, as they are the quickest to copy. None is changed once a mapping is made of it."""

    def including(self, key: K, value: V) -> Entries[K, V]:
        """This mapping and the entry, in its old place where the key is known."""
        other: Entries[K, V] = object.__new__(Entries)
        if not self._size:
            other._places, other._pages, other._size = {key: 0}, [[value]], 1
            return other
        place = self._places.get(key, self._size)
        if place > self._size or (place == self._size and len(self._places) > self._size):
            return Entries(self).including(key, value)  # another has grown out of this one
        pages = self._pages.copy()
        if place % _PAGE == 0 and place == self._size:
            pages.append([value])
        else:
            page = pages[place // _PAGE].copy()
            if place < self._size:
                page[place % _PAGE] = value
            else:
                page.append(value)
            pages[place // _PAGE] = page
        other._places, other._pages, other._size = self._places, pages, self._size
        if place == self._size:
            self._places[key] = place
            other._size += 1
        return other

    def including_all(self, entries: Mapping[K, V]) -> Entries[K, V]:
        """This mapping and all of these."""
        if 4 * len(entries) > self._size:
            return Entries({**self, **entries})
        grown = self
        for key, value in entries.items():
            grown = grown.including(key, value)
        return grown

    def place(self, key: K) -> int:
        """How many keys stand before this one. Raises KeyError."""
        place = self._places[key]
        if place >= self._size:
            raise KeyError(key)
        return place

    def __getitem__(self, key: K) -> V:
        place = self._places[key]
        if place >= self._size:
            raise KeyError(key)
        return self._pages[place // _PAGE][place % _PAGE]

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        place = self._places.get(key, self._size)
        return default if place >= self._size else self._pages[place // _PAGE][place % _PAGE]

    def __contains__(self, key: object) -> bool:
        return self._places.get(key, self._size) < self._size  # type: ignore[arg-type]  # any key may be asked for

    def __iter__(self) -> Iterator[K]:
        # A copy: another mapping may grow out of this one meanwhile.
        return iter(tuple(islice(self._places, self._size)))

    def __len__(self) -> int:
        return self._size

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def __repr__(self) -> str:
        return f"Entries({dict(self.items())!r})"


class _Values(ValuesView[V]):
    """The values without a look at the keys."""

    _mapping: Entries[Any, V]

    def __iter__(self) -> Iterator[V]:
        return chain.from_iterable(self._mapping._pages)
