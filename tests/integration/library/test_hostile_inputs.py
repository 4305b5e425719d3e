"""Skills that only look: what they look at may have been made to harm whoever looks."""

from __future__ import annotations

import gzip
import os
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest

from skills.library.data import sqlite_query
from skills.permissions.act import act_of
from skills.permissions.decide import decide
from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def zipped(path: Path, **files: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


async def test_what_is_approved_of_an_archive_is_its_content(call: Caller) -> None:
    zipped(call.root / "a.zip", tool="good")
    asked = {"path": "a.zip", "target": "new"}
    seen = await call.preview("archive.extract", **asked)
    assert seen == await call.preview("archive.extract", **asked)
    zipped(call.root / "a.zip", tool="evil")
    assert seen != await call.preview("archive.extract", **asked)


async def test_what_is_approved_of_packing_is_what_is_packed_and_replaced(call: Caller) -> None:
    (call.root / "src").mkdir()
    (call.root / "src/a").write_text("1")
    asked = {"path": "a.zip", "source": "src"}
    seen = [await call.preview("archive.create", **asked)]
    (call.root / "src/a").write_text("2")
    seen.append(await call.preview("archive.create", **asked))
    (call.root / "a.zip").write_text("somebody's")
    seen.append(await call.preview("archive.create", **asked))
    assert len({repr(each) for each in seen}) == 3
    assert seen[2].facts["replaces"] == "10 bytes"


@pytest.mark.parametrize("name", ["a\n+ b", "gnp.\u202eexe", "a\x1b[2J"])
async def test_an_archive_with_a_name_that_hides_something_is_refused(call: Caller, name: str) -> None:
    zipped(call.root / "a.zip", **{name: "x"})
    assert (await call.failure("archive.extract", path="a.zip", target="new")).kind == "denied"


async def test_a_header_that_unpacks_to_gigabytes_is_not_read(call: Caller) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2**31
    with gzip.open(call.root / "a.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT) + b"a" * 4096)
    assert "a header in it has 2147483648 bytes" in (await call.failure("archive.list", path="a.tar.gz")).message


async def test_asking_a_database_leaves_no_file_beside_it(call: Caller) -> None:
    made = sqlite3.connect(call.root / "a.db")
    made.execute("PRAGMA journal_mode=wal")
    made.execute("CREATE TABLE t AS SELECT 1 AS a")
    made.commit()
    other = Path(call.root, "b")
    other.mkdir()
    for name in ("a.db", "a.db-wal"):
        (other / name).write_bytes((call.root / name).read_bytes())
    assert (await call("sqlite.query", path="a.db", sql="SELECT a FROM t"))["rows"] == [{"a": 1}]
    made.close()
    assert (await call("sqlite.query", path="a.db", sql="SELECT a FROM t"))["rows"] == [{"a": 1}]
    assert sorted(os.listdir(call.root)) == ["a.db", "b"]
    # What is only in the log is read too.
    assert (await call("sqlite.query", path="b/a.db", sql="SELECT a FROM t"))["rows"] == [{"a": 1}]


async def test_a_query_cannot_ask_for_all_memory(call: Caller) -> None:
    sqlite3.connect(call.root / "a.db").execute("CREATE TABLE t(a)").connection.close()
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 900)"
    texts = f"{count} SELECT hex(zeroblob(40000)) AS a FROM n"
    assert (await call.failure("sqlite.query", path="a.db", sql=texts)).kind == "resource"
    assert "too big" in (await call.failure("sqlite.query", path="a.db", sql="SELECT zeroblob(40000000)")).message


async def test_a_query_that_never_ends_is_ended(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_query, "_SECONDS", 1.0)
    sqlite3.connect(call.root / "a.db").close()
    # SQLite looks at no clock within one of its functions.
    slow = "SELECT " + ", ".join(["instr(zeroblob(4000000), CAST(zeroblob(2000000) AS BLOB) || x'01')"] * 9)
    assert (await call.failure("sqlite.query", path="a.db", sql=slow, deadline=200)).kind == "timeout"
    assert (await call.failure("sqlite.query", path="a.db", sql="VACUUM INTO 'b.db'")).kind == "denied"
    assert os.listdir(call.root) == ["a.db"]


@pytest.mark.parametrize(
    "text", [f"{',' * 1_000_000}\n", f"{',' * 10_000}\n" + "x\n" * 10_000], ids=["wide", "wide and long"]
)
async def test_a_table_of_billions_of_fields_is_not_read(call: Caller, text: str) -> None:
    (call.root / "a.csv").write_text(text)
    assert "too large a table" in (await call.failure("csv.read", path="a.csv", deadline=200)).message


async def test_a_key_of_very_many_parts_is_not_read(call: Caller) -> None:
    (call.root / "a.toml").write_text(f"{'.'.join(['a'] * 50_000)} = 1\n")
    assert "dots" in (await call.failure("data.read", path="a.toml", deadline=200)).message


async def test_little_text_does_not_become_very_much(call: Caller) -> None:
    (call.root / "a.txt").write_text("a" * 1_000_000)
    failure = await call.failure("file.replace", path="a.txt", old="a", new="b" * 1000, count=0, deadline=200)
    assert (failure.kind, "1,000,000 times" in failure.message) == ("resource", True)
    assert (call.root / "a.txt").stat().st_size == 1_000_000


async def test_what_is_no_encoding_of_a_file_is_not_tried(call: Caller) -> None:
    (call.root / "a.txt").write_text("a" * 1_000_000)
    for encoding in ("punycode", "unicode_escape", "hex"):
        assert "no encoding" in (await call.failure("file.read", path="a.txt", encoding=encoding, deadline=200)).message


async def test_lines_and_columns_without_end_are_not_read(call: Caller) -> None:
    (call.root / "a.jsonl").write_text("[]\n" * 1_000_001)
    assert "1,000,000 lines" in (await call.failure("data.read", path="a.jsonl", deadline=200)).message
    rows = [{f"c{number}": 1} for number in range(2000)]
    assert (await call.failure("table.profile", rows=rows, deadline=200)).kind == "resource"


async def test_texts_made_to_be_slow_to_compare_are_compared(call: Caller) -> None:
    before, after = ("".join(f"{i * step % 190}\n" for i in range(20_000)) for step in (1, 7))
    found = await call("text.diff", before=before, after=after, deadline=200)
    assert found["diff"].count("\n") > 20_000


async def test_a_patch_names_a_file_once_however_it_is_spelt(call: Caller) -> None:
    (call.root / "a").write_text("1\n")
    patch = "".join(f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-1\n+{name}\n" for name in ("a", "./a"))
    assert "twice" in (await call.failure("file.patch", patch=patch)).message
    assert (call.root / "a").read_text() == "1\n"


def test_running_the_python_of_a_project_is_asked_for(call: Caller) -> None:
    skill = call.registry.get("dependency_checker")
    assert decide((), act_of(skill, {}, call.root)).verdict == "ask"
