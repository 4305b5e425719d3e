"""YAML text as nodes that know where they stand: only the parser's events are read, and every value stays text.

PyYAML's composer and constructors are never used: aliases and merge keys can blow up, deep files can end the process,
and YAML 1.1 turns `NO`, `on` and `12:30` into something else. Here a file is small, has no references, and a schema
(or `value_of`, by YAML 1.2's core schema) says what a text means.
"""

from __future__ import annotations

from workflows.core_schema import FALSE, TRUE, integer, is_null, number, value_of
from workflows.nodes import Document, Mapping, Mark, Node, Report, Scalar, Sequence, position

__all__ = [
    "FALSE",
    "TRUE",
    "Document",
    "Mapping",
    "Mark",
    "Node",
    "Report",
    "Scalar",
    "Sequence",
    "integer",
    "is_null",
    "number",
    "position",
    "read",
    "value_of",
]

LARGEST = 256 * 1024
"""Bytes of a file, in UTF-8."""
DEEPEST = 50
MOST_NODES = 20_000


def read(text: str | bytes, file: str) -> Document:
    """Read one YAML document. Never raises: whatever is wrong becomes a diagnostic with its place.

    Duplicate keys leave a usable root (the first one stands); anything else that is wrong does not.
    """
    from workflows import yaml_reading  # PyYAML is much to import for who reads no file, such as `resume`

    return yaml_reading.read(text, file)
