"""Skills for backups, certificates, passages and sections, on real files and servers."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from skills import SkillError
from skills.library.web.certificate import CertificateExpires, look_at
from tests.support.skill_calls import Caller
from tests.support.web import Web, certificate_for, says


async def test_a_certificate_tells_its_days(tmp_path: Path) -> None:
    served, trusted = certificate_for("shop.example", tmp_path)
    async with Web(lambda came: says("hello"), tls=served) as web:
        found = await look_at("shop.example", web.port, "127.0.0.1", trusted, 0)
        assert (found["subject"], found["days_left"]) == ("shop.example", 0)
        with pytest.raises(CertificateExpires, match="good for 0 more"):
            await look_at("shop.example", web.port, "127.0.0.1", trusted, 20)
        with pytest.raises(CertificateExpires, match="is not good: self-signed"):
            await look_at("shop.example", web.port, "127.0.0.1", ssl.create_default_context(), 0)
        with pytest.raises(CertificateExpires, match="is not good: Hostname"):
            await look_at("other.example", web.port, "127.0.0.1", trusted, 0)
    with pytest.raises(SkillError, match="no connection to"):
        await look_at("shop.example", web.port, "127.0.0.1", trusted, 0)


async def test_a_backup_is_never_replaced_and_must_be_one(tmp_path: Path) -> None:
    call = Caller(tmp_path / "ws")
    (call.root / "a.txt").write_text("a")
    await call("backup.create", path="b.tar.gz", sources=["a.txt"])
    assert (await call("backup.verify", path="b.tar.gz"))["files"] == 1
    assert "there already" in (await call.failure("backup.create", path="b.tar.gz", sources=["."])).message
    assert (
        "nothing to pack"
        in (await call.failure("backup.create", path="c.tar.gz", sources=["a.txt"], ignore=["*.txt"])).message
    )
    assert not (call.root / "c.tar.gz").exists()
    await call("archive.create", path="other.tar.gz", source="a.txt")
    assert "does not say what it holds" in (await call.failure("backup.verify", path="other.tar.gz")).message
    assert "its checksum differs" in (await call.failure("backup.verify", path="b.tar.gz", sha256="0" * 64)).message


async def test_passages_without_a_question_keep_the_order_of_the_text(tmp_path: Path) -> None:
    call = Caller(tmp_path / "ws")
    text = "# Title\n\nThe shop sells tea of many kinds. Tea is sold in the shop every day.\n\n```\nshop tea tea\n```\n"
    text += "\n- The weather was fine on that particular day.\n"
    found = await call("text.passages", texts=[{"source": "a", "text": text}], limit=2)
    assert [each["line"] for each in found["passages"]] == sorted(each["line"] for each in found["passages"])
    assert found["passages"][0]["text"].startswith("The shop sells tea of many kinds.")
    nothing = await call("text.passages", query="submarines", texts=[{"source": "a", "text": text}])
    assert (nothing["passages"], nothing["searched"], nothing["text"]) == ([], 1, "")
    assert "no words to look for" in (await call.failure("text.passages", query="?!")).message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, "# Changelog\n\n## Unreleased\n\n### Added\n\n- One\n"),
        ("# Log\n\nAll of it.\n", "# Log\n\nAll of it.\n\n## Unreleased\n\n### Added\n\n- One\n"),
        (
            "# Log\n\n## [Unreleased]\n\n### Fixed\n\n- Two\n\n### Added\n\n- Three\n\n## 1.0\n\n- Old\n",
            "# Log\n\n## [Unreleased]\n\n### Fixed\n\n- Two\n\n### Added\n\n- Three\n- One\n\n## 1.0\n\n- Old\n",
        ),
        ("# Log\n\n## Unreleased\n\n### Added\n\n- One\n", "# Log\n\n## Unreleased\n\n### Added\n\n- One\n"),
    ],
)
async def test_lines_go_into_their_section_once(tmp_path: Path, old: str | None, new: str) -> None:
    call = Caller(tmp_path / "ws")
    if old is not None:
        (call.root / "C.md").write_text(old)
    found = await call("markdown.section", path="C.md", heading="Unreleased", text="### Added\n\n- One\n")
    assert found["text"] == new
    assert (found["created"], found["added"]) == (old is None, 0 if old == new else 1)


async def test_a_page_of_html_shows_tags_as_text(tmp_path: Path) -> None:
    call = Caller(tmp_path / "ws")
    text = "# A & B\n\nSee [it](https://example.org), **now** `<b>`.\n<script>x</script>\n\n"
    text += "| a | b |\n|---|---|\n| 1 | 2 |\n\n1. one\n2. two\n"
    page = (await call("markdown.html", text=text))["html"]
    assert "<h1>A &amp; B</h1>" in page
    assert '<a href="https://example.org">it</a>, <strong>now</strong> <code>&lt;b&gt;</code>.' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>" in page
    assert "<ol>\n<li>one</li>\n<li>two</li>\n</ol>" in page
    assert "href" not in (await call("markdown.html", text="[a](javascript:x)"))["html"]
