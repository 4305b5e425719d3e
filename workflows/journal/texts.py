"""A function that writes a record's fields as one JSON object, compiled for them: a third of the time of a loop.

Compiling takes as long as some hundred small records take to be written, so it is for those that come often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflows.journal.codec import Written


def compiled(fields: Sequence[Written]) -> Callable[[Mapping[str, Any]], str]:
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
