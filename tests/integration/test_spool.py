"""Live text beside the journal."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import ROOT
from workflows.journal import spool as module
from workflows.journal.spool import FLUSH_BYTES, FULL, Spool

READ = """
import sys
from pathlib import Path
from workflows.journal.spool import Spool
sys.stdout.write(Spool(Path(sys.argv[1])).read_tail("r1", "notes", 1))
"""


def test_text_is_read_by_any_process_and_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        spool = Spool(tmp_path / "spool")
        for piece in ("Once ", "upon ", "a tïme"):
            spool.write("r1", "notes", 1, piece)
    finally:
        os.umask(before)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "spool")], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout.decode() == "Once upon a tïme"
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_attempts_and_logs_have_files_of_their_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    long = "for>each[3]/" * 40
    keys = [
        ("r1", "a", 1),
        ("r1", "a", 2),
        ("r1", "b/turn1", 1),
        ("r1", "b%2Fturn1", 1),
        ("r2", "a", 1),
        ("..", "../a", 1),
        (".", "a", 1),
        ("r1", long, 1),
        ("r1", long + "x", 1),
    ]
    for key in keys:
        spool.write(*key, f"text of {key}")
        spool.write(*key, f"log of {key}", log=True)
    for key in keys:
        assert spool.read_tail(*key) == f"text of {key}"
        assert spool.read_tail(*key, log=True) == f"log of {key}"
    assert spool.read_tail("r3", "a", 1) == ""
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2 * len(keys)


async def test_in_an_event_loop_text_is_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.001)
    spool = Spool(tmp_path)
    spool.write("r1", "a", 1, "one ")
    spool.write("r1", "a", 1, "two")
    assert spool.read_tail("r1", "a", 1) == ""
    while not spool.read_tail("r1", "a", 1):
        await asyncio.sleep(0.001)
    assert spool.read_tail("r1", "a", 1) == "one two"
    spool.write("r1", "a", 1, "x" * FLUSH_BYTES)
    assert len(spool.read_tail("r1", "a", 1)) == 7 + FLUSH_BYTES
    spool.write("r1", "a", 1, " end")
    spool.close()
    assert spool.read_tail("r1", "a", 1, 4) == " end"


def test_the_tail_begins_with_a_whole_character(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write("r1", "a", 1, "äöü😀")
    assert [spool.read_tail("r1", "a", 1, limit) for limit in range(1, 11)] == [
        *("", "", "", "😀", "😀", "ü😀", "ü😀", "öü😀", "öü😀", "äöü😀")
    ]


def test_a_file_has_a_limit_and_says_so_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit=10)
    spool.write("r1", "a", 1, "12345678")
    spool.write("r1", "a", 1, "äääää")
    spool.write("r1", "a", 1, "more")
    Spool(tmp_path, limit=10).write("r1", "a", 1, "a later process")
    assert spool.read_tail("r1", "a", 1) == "12345678ä" + FULL
    spool.write("r1", "b", 1, "0123456789")
    spool.write("r1", "b", 1, "x")
    assert spool.read_tail("r1", "b", 1) == "0123456789" + FULL


def test_text_that_cannot_be_kept_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    spool = Spool(tmp_path / "spool")
    spool.write("r1", "a", 1, "lost")
    assert "not kept" in spool.trouble


def test_half_a_surrogate_pair_is_no_reason_to_fail(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write("r1", "a\udce9", 1, "x\udce9y")
    assert spool.read_tail("r1", "a\udce9", 1) == "x?y"


def test_what_is_followed_is_read_once_and_a_character_is_never_torn(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    tail = spool.follow("r1", "a", 1, 4)
    assert tail.read() == ""
    spool.write("r1", "a", 1, "before it looked")
    assert (tail.read(), tail.read()) == ("oked", "")
    path = next(path for path in tmp_path.rglob("*") if path.is_file())
    with path.open("ab") as file:
        for piece, heard in ((b" and \xf0\x9f", " and "), (b"\x98\x80", "😀"), (b"!", "!")):
            file.write(piece)
            file.flush()
            assert tail.read() == heard
