"""YAML 1.2's core schema: what a text means where any value may stand."""

from __future__ import annotations

import math
import re

from workflows.nodes import Mapping, Node, Report, Scalar, Sequence
from workflows.values import Json

GREATEST_INTEGER = 2**63 - 1
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def value_of(node: Node, report: Report) -> Json:
    """A node as plain JSON, its texts typed by YAML 1.2's core schema: null, true, false, integers and numbers.

    `on`, `NO` and `12:30` are text. `010` is the integer 10, as the core schema has it, and is warned of. What JSON
    cannot hold (NaN, infinities) and integers beyond 64 bits are reported and become null.
    """
    if isinstance(node, Mapping):
        return {key.text: value_of(value, report) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [value_of(item, report) for item in node.items]
    if not node.plain:
        return node.text
    return _resolve(node, report)


def is_null(node: Node) -> bool:
    """Whether nothing is written here: an empty value, `null` or `~`."""
    return isinstance(node, Scalar) and node.plain and node.text in _NULL


def integer(text: str) -> int | None:
    """The integer that a text is by the core schema, None where it is none. Raises ValueError beyond 64 bits."""
    if not _INTEGER.fullmatch(text):
        return None
    if len(text) > 70:
        raise ValueError("too many digits")
    number = int(text[2:], {"o": 8, "x": 16}[text[1]]) if text[:2] in ("0o", "0x") else int(text)
    if abs(number) > GREATEST_INTEGER:
        raise ValueError("beyond 64 bits")
    return number


def number(text: str) -> float | None:
    """The number that a text is by the core schema, None where it is none. Raises ValueError where it is not finite."""
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("not finite")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too great")
    return value


def _resolve(node: Scalar, report: Report) -> Json:
    text = node.text
    if text in _NULL:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    first = text[0]
    if not (first in "+-." or first.isdigit()):
        return text
    try:
        whole = integer(text)
        if whole is None:
            fraction = number(text)
            return text if fraction is None else fraction
    except ValueError:
        shown = text if len(text) <= 30 else text[:27] + "…"
        report(
            node, "bad-number", f"{shown} is not a number that can be kept", "put quotes around it to keep it as text"
        )
        return None
    if re.match(r"[-+]?0[0-9]", text):
        hint = "put quotes around it to keep it as text"
        report(node, "leading-zero", f"{text} is read as the number {whole}", hint, warning=True)
    return whole
