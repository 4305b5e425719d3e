"""Writing the fields of records as JSON objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

MANY = 300
"""Records of a class that are written before a function is compiled for it, which takes as long as they save by it."""


class Written(NamedTuple):
    """How one field is written, which is left out where it has its default: what is of the type `exact` by `quick`,
    anything else by `convert`."""

    name: str
    required: bool
    default: Any
    exact: type | None
    quick: Callable[[Any], str]
    convert: Callable[[Any], str]


class Fields:
    """The fields of a class of records. `text` takes those of one, by name, and gives it as a JSON object: it looks at
    one after the other, until there are so many records that a function is compiled for them."""

    def __init__(self, fields: Sequence[Written]) -> None:
        self._fields = fields
        self._keyed = [(f'"{each.name}":', *each) for each in fields]
        self._made = 0
        self.text: Callable[[Mapping[str, Any]], str] = self._one_by_one

    def _one_by_one(self, own: Mapping[str, Any]) -> str:
        self._made += 1
        if self._made == MANY:
            self.text = _compiled(self._fields)
        # Of most events most fields have their default, which is one and the same object then.
        pieces = [
            key + (quick(item) if type(item) is exact else convert(item))
            for key, name, _, default, exact, quick, convert in self._keyed
            if (item := own[name]) is not default
        ]
        return f"{{{','.join(pieces)}}}"


def _compiled(fields: Sequence[Written]) -> Callable[[Mapping[str, Any]], str]:
    """Takes a record's fields by name, and gives it as text."""
    known: dict[str, Any] = {}
    lines = ["def text(own):"]
    always: list[str] = []
    more: list[str] = []
    for n, (name, required, default, exact, quick, convert) in enumerate(fields):
        known |= {f"default{n}": default, f"exact{n}": exact, f"quick{n}": quick, f"convert{n}": convert}
        lines.append(f"    v{n} = own['{name}']")
        written = f"v{n}" if exact is int else f"quick{n}(v{n})"  # a number writes itself
        written = f'"{name}":{{{written} if type(v{n}) is exact{n} else convert{n}(v{n})}}'
        if required:
            always.append(written)
        else:
            more.append(f"    if v{n} is not default{n}: text += f',{written}'")
    first = ",".join(always)
    if not more:
        lines.append(f"    return f'{{{{{first}}}}}'")
    elif always:
        lines += [f"    text = f'{{{{{first}'", *more, "    return text + '}'"]
    else:
        lines += ["    text = ''", *more, "    return f'{{{text[1:]}}}'"]
    exec("\n".join(lines), known)  # noqa: S102  # made of our own classes' fields
    write: Callable[[Mapping[str, Any]], str] = known["text"]
    return write
