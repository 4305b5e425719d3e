"""Archives that were made to keep whoever looks at them busy for ever, or to fill their memory."""

from __future__ import annotations

import io
import lzma
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from skills.library.archive import _kinds
from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def header(name: str, size: bytes) -> bytes:
    """A header of a tar whose size is these bytes, as they stand."""
    block = bytearray(tarfile.TarInfo(name).tobuf())
    block[124:136] = size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


async def test_an_entry_of_less_than_nothing_does_not_lead_back_to_itself(call: Caller) -> None:
    back = header("b", b"\xff" * 10 + b"\xfe\x00")  # -512
    (call.root / "a.tar").write_bytes(tarfile.TarInfo("a").tobuf() + back + bytes(1024))
    assert "-512 bytes" in (await call.failure("archive.list", path="a.tar", deadline=200)).message


@pytest.mark.parametrize("headers", [{"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, {"size": "-512"}])
async def test_texts_of_a_header_cannot_make_it_endless(call: Caller, headers: dict[str, str]) -> None:
    info = tarfile.TarInfo("a")
    info.size = 4096
    info.pax_headers = headers
    (call.root / "a.tar").write_bytes(info.tobuf(tarfile.PAX_FORMAT) + b"9" * 4096 + bytes(1024))
    assert (await call.failure("archive.list", path="a.tar", deadline=200)).kind == "validation"


async def test_texts_of_a_header_are_few(call: Caller) -> None:
    info = tarfile.TarInfo("a")
    info.pax_headers = {"comment": "1" * 200_000}
    (call.root / "a.tar").write_bytes(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    assert "bytes of texts" in (await call.failure("archive.list", path="a.tar", deadline=200)).message


async def test_a_list_of_holes_is_not_read(call: Caller) -> None:
    info = tarfile.TarInfo("a")
    info.type = tarfile.GNUTYPE_SPARSE
    (call.root / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert "holes" in (await call.failure("archive.list", path="a.tar")).message


async def test_what_lies_behind_gigabytes_is_not_looked_for(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_kinds, "MOST_BYTES", 1024 * 1024)
    big = tarfile.TarInfo("big")
    big.size = 2 * 1024 * 1024
    content = big.tobuf() + bytes(big.size) + tarfile.TarInfo("behind").tobuf() + bytes(1024)
    (call.root / "a.tar.xz").write_bytes(lzma.compress(content))
    (call.root / "a.tar").write_bytes(content)
    found = await call("archive.list", path="a.tar.xz")
    assert [each["name"] for each in found["entries"]] == ["big"]
    assert found["truncated"]
    # In one that is not packed it costs nothing to look.
    assert [each["name"] for each in (await call("archive.list", path="a.tar"))["entries"]] == ["big", "behind"]


@pytest.mark.parametrize("long_form", [False, True])
async def test_an_index_of_gigabytes_is_not_read(call: Caller, long_form: bool) -> None:
    size = 9 * 1024 * 1024
    (call.root / "a.zip").touch()
    os.truncate(call.root / "a.zip", size)
    said = 0xFFFFFFFF if long_form else size
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, said, 0, 0)
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, size, 1)
    with open(call.root / "a.zip", "ab") as file:
        file.write(end_64 + locator + end if long_form else end)
    assert "8 MB of what lies in it" in (await call.failure("archive.list", path="a.zip")).message


@pytest.mark.parametrize("names", [("a", "a"), ("./a", "a"), ("AGENTS.md", "AGENTS.unpacked.md")])
async def test_an_archive_with_a_name_twice_is_refused(call: Caller, names: tuple[str, str]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    (call.root / "a.tar").write_bytes(out.getvalue())
    assert "twice" in (await call.failure("archive.extract", path="a.tar", target="new")).message


async def test_an_empty_archive_and_one_with_a_comment_are_listed(call: Caller) -> None:
    with zipfile.ZipFile(call.root / "a.zip", "w") as archive:
        archive.comment = b"a comment" * 20
        archive.writestr("a", "1")
    assert [each["name"] for each in (await call("archive.list", path="a.zip"))["entries"]] == ["a"]
    with zipfile.ZipFile(call.root / "b.zip", "w"):
        pass
    assert (await call("archive.list", path="b.zip"))["entries"] == []
