"""Plain JSON values: the only data that workflows, journals and models exchange."""

from __future__ import annotations

import hashlib
import json
import json.encoder
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""None, bool, int, float (finite), str, list of Json, or dict of str to Json."""


def writer(*, sort_keys: bool = False) -> Callable[[Json], str]:
    """A function that gives the JSON text of a value: no spaces, NaN, infinities and what holds itself refused.

    It raises ValueError for these, and TypeError for what is not JSON. The library's encoder makes its inner one anew
    for every value, which takes longer than a small value itself: here one is made for all.
    """
    library = json.JSONEncoder(sort_keys=sort_keys, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return library.encode  # a Python without the library's own C
    pieces = make(None, library.default, quoted, None, ":", ",", sort_keys, False, False)

    def write(value: Json) -> str:
        if type(value) is str:
            return quoted(value)
        try:
            return "".join(pieces(value, 0))
        except RecursionError:
            raise ValueError("it is nested too deeply, or holds itself") from None

    return write


quoted: Callable[[str], str] = json.encoder.encode_basestring
"""A text as JSON."""

canonical = writer(sort_keys=True)
"""The one JSON text of a value: sorted keys, no spaces, NaN and infinities refused (ValueError)."""


def digest(*values: Json) -> str:
    """SHA-256, in hex, of the canonical texts of the values, each ended by a newline."""
    return digest_of_texts(*map(canonical, values))


def digest_of_texts(*canonical_texts: str) -> str:
    """The same of values whose canonical texts are known."""
    text = "\n".join((*canonical_texts, ""))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Plain(dict[str, Any]):
    """An object that is known to be plain JSON data and never changed: looked through once, and written once."""

    @cached_property
    def text(self) -> str:
        """The object as JSON."""
        return _written(self)


_written = writer()


def plain(value: Any) -> Json:
    """The value as plain JSON data: mappings become dicts, sequences lists.

    Raises TypeError, naming the type, for anything that JSON cannot hold, and ValueError for NaN and infinities.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is dict:
        for key in value:
            if type(key) is not str and not isinstance(key, str):
                raise TypeError(f"a JSON object has text keys, not {type(key).__name__}")
        return {key: item if type(item) is str else plain(item) for key, item in value.items()}
    if kind is list:
        return [plain(item) for item in value]
    if isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{value} is not a JSON number")
        return value
    if isinstance(value, Plain):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"a JSON object has text keys, not {type(key).__name__}")
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is not JSON data")


def kind_of(value: Json) -> str:
    """The JSON name of a value's type: null, boolean, integer, number, string, array or object."""
    if value is None:
        return "null"
    for python_type, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, python_type):
            return name
    return "object" if isinstance(value, Mapping) else "array"
