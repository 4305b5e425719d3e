"""Plain JSON values: the only data that workflows, journals and models exchange."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""None, bool, int, float (finite), str, list of Json, or dict of str to Json."""


def canonical(value: Json) -> str:
    """The one JSON text of a value: sorted keys, no spaces, NaN and infinities refused (ValueError)."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(*values: Json) -> str:
    """SHA-256, in hex, of the canonical texts of the values, each ended by a newline."""
    return digest_of_texts(*map(canonical, values))


def digest_of_texts(*canonical_texts: str) -> str:
    """The same of values whose canonical texts are known."""
    text = "".join(text + "\n" for text in canonical_texts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Plain(dict[str, Any]):
    """An object that is known to be plain JSON data, so that nobody has to look through it again."""


def plain(value: object) -> Json:
    """The value as plain JSON data: mappings become dicts, sequences lists.

    Raises TypeError, naming the type, for anything that JSON cannot hold, and ValueError for NaN and infinities.
    """
    if type(value) is str or value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{value} is not a JSON number")
        return value
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is not dict and isinstance(value, Plain):
        return value
    if type(value) is dict or isinstance(value, Mapping):
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
