"""Rows as a Parquet file: one row group, plain and uncompressed, every column optional. Pure.

After "Apache Parquet: File Format" (parquet-format, 2.10): its footer is Thrift's compact protocol.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

_MAGIC = b"PAR1"
_BOOLEAN, _INT64, _DOUBLE, _BYTES = 0, 2, 5, 6
_PLAIN, _RLE = 0, 3
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_WHOLE = range(-(2**63), 2**63)


def parquet(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The file. A column is of booleans, whole numbers or numbers where all its values are, else of texts."""
    content = bytearray(_MAGIC)
    schema, chunks = [_struct((4, _BINARY, _text("schema")), (5, _I32, _zigzag(len(columns))))], []
    for name in columns:
        values = [row.get(name) for row in rows]
        kind = _kind(values)
        described = [(1, _I32, _zigzag(kind)), (3, _I32, _zigzag(1)), (4, _BINARY, _text(name))]
        schema.append(_struct(*described, *([(6, _I32, _zigzag(0))] if kind == _BYTES else [])))
        at, page = len(content), _page(kind, values)
        content += page
        meta = _struct(
            (1, _I32, _zigzag(kind)),
            (2, _LIST, _list(_I32, [_zigzag(_PLAIN), _zigzag(_RLE)])),
            (3, _LIST, _list(_BINARY, [_text(name)])),
            (4, _I32, _zigzag(0)),
            (5, _I64, _zigzag(len(values))),
            (6, _I64, _zigzag(len(page))),
            (7, _I64, _zigzag(len(page))),
            (9, _I64, _zigzag(at)),
        )
        chunks.append(_struct((2, _I64, _zigzag(at)), (3, _STRUCT, meta)))
    size = len(content) - len(_MAGIC)
    counted = _zigzag(len(rows))
    group = _struct((1, _LIST, _list(_STRUCT, chunks)), (2, _I64, _zigzag(size)), (3, _I64, counted))
    footer = _struct(
        (1, _I32, _zigzag(1)),
        (2, _LIST, _list(_STRUCT, schema)),
        (3, _I64, counted),
        (4, _LIST, _list(_STRUCT, [group])),
    )
    return bytes(content + footer + struct.pack("<I", len(footer)) + _MAGIC)


def _kind(values: Iterable[Any]) -> int:
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, bool) for value in there):
        return _BOOLEAN
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in there) or not there:
        return _BYTES
    return _INT64 if all(isinstance(value, int) and value in _WHOLE for value in there) else _DOUBLE


def _page(kind: int, values: Sequence[Any]) -> bytes:
    levels = b"".join(
        _varint(sum(1 for _ in run) << 1) + bytes([there])
        for there, run in groupby(each is not None for each in values)
    )
    there = [value for value in values if value is not None]
    data = struct.pack("<I", len(levels)) + levels + _plain(kind, there)
    sizes = [(number, _I32, _zigzag(len(data))) for number in (2, 3)]
    about = [(1, _zigzag(len(values))), (2, _zigzag(_PLAIN)), (3, _zigzag(_RLE)), (4, _zigzag(_RLE))]
    header = _struct(*((number, _I32, each) for number, each in about))
    return _struct((1, _I32, _zigzag(0)), *sizes, (5, _STRUCT, header)) + data


def _plain(kind: int, values: Sequence[Any]) -> bytes:
    if kind == _BOOLEAN:
        bits = sum(int(value) << place for place, value in enumerate(values))
        return bits.to_bytes((len(values) + 7) // 8, "little")
    if kind == _INT64:
        return struct.pack(f"<{len(values)}q", *values)
    if kind == _DOUBLE:
        return struct.pack(f"<{len(values)}d", *values)
    texts = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)
    encoded = [text.encode("utf-8", "replace") for text in texts]
    return b"".join(struct.pack("<I", len(each)) + each for each in encoded)


def _struct(*fields: tuple[int, int, bytes]) -> bytes:
    """Fields by number, type and content; none is further than 15 from the one before."""
    out, last = bytearray(), 0
    for number, kind, content in fields:
        out += bytes([(number - last) << 4 | kind]) + content
        last = number
    return bytes(out) + b"\0"


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    size = len(items)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + _varint(size)
    return head + b"".join(items)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")
    return _varint(len(encoded)) + encoded


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else ((-number) << 1) - 1)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
