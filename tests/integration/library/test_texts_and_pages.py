"""Texts, pages, logs and versions of the kind that people have."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from skills.library.release._versions import read_version
from skills.library.web import _reading
from skills.library.web.page import fetch
from skills.network.client import Client
from tests.support.skill_calls import Caller
from workflows.errors import CallFailed


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


PAGE = """<!doctype html><html><head><title> A  page </title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav>
<main><h1>Tea &amp; cups</h1><p>Two   kinds:<br>see <a href="more.html">more</a>.
<script>alert("no")</script></p><ul><li>green<ul><li>sencha</ul><li><b>black</b></ul>
<ol><li>boil</li><li>wait</li></ol>
<table><tr><th>tea</th><th>price</th></tr><tr><td>green</td><td>3</td></tr></table>
<pre>x = 1
  y</pre><p>Use <code>kettle</code>.</main><footer>© nobody</footer></body></html>"""


async def test_a_page_is_read_as_people_do(call: Caller) -> None:
    read = await call("html.text", html=PAGE, base="https://example.org/a/")
    assert read["title"] == "A page"
    assert read["links"] == [{"url": "https://example.org/a/more.html", "text": "more"}]
    assert read["text"] == (
        "# Tea & cups\n\nTwo kinds:\nsee more (https://example.org/a/more.html).\n\n- green\n  - sencha\n- black\n\n"
        "1. boil\n2. wait\n\n | tea | price\n | green | 3\n\n```\nx = 1\n  y\n```\n\nUse `kettle`.\n"
    )


async def test_a_page_that_is_only_menu_is_not_empty(call: Caller) -> None:
    read = await call("html.text", html="<nav>All <a href='https://e.example/x'>there</a> is</nav>", links=False)
    assert read["text"] == "All there is\n"


@pytest.mark.parametrize(
    "html", ["", "<", "</p></p>", "<p" * 5000, "<div>" * 20000 + "deep", "<a href='http://[x'>y</a>"]
)
async def test_what_is_hardly_a_page_does_no_harm(call: Caller, html: str) -> None:
    assert isinstance((await call("html.text", html=html))["text"], str)


@pytest.mark.parametrize("part", ["<!--", "<a href='", "<ul><li>", "<pre> \n", "</", "<![CDATA[", "<a x='"])
async def test_a_page_made_to_be_slow_is_read_or_left(call: Caller, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reading, "_SECONDS", 1.0)
    [outcome] = await asyncio.gather(call("html.text", html=part * 100_000), return_exceptions=True)
    if isinstance(outcome, CallFailed):
        assert outcome.failure.kind in ("timeout", "resource")
    else:
        assert isinstance(outcome["text"], str)


def slow_lines() -> list[str]:
    many = 9_000
    lines = ["#" + " " * many + "x", "[a](" * many, "[a](" + " " * many, "`" * many, "` `` " * (many // 4), "[" * many]
    return [*lines, "[a](b '" * (many // 7), "![" * many, "[a](" + "(" * many, "- [ ] " * many]


async def test_lines_made_to_be_slow_are_read(call: Caller) -> None:
    (call.root / "m.md").write_text(
        "# Real ##\n" + "\n".join(slow_lines() * 20) + "\n`` ` `` [gone](x.md) `[no](y.md)`\n"
    )
    found = await call("markdown.check", path="m.md")
    assert found["files"][0]["headings"][0]["text"] == "Real"
    assert [each["link"] for each in found["broken"]] == ["x.md"]


async def test_only_the_public_internet_is_reached(call: Caller) -> None:
    for url in ("http://127.0.0.1:1/", "http://localhost/", "http://169.254.169.254/latest", "http://[::1]/"):
        assert (await call.failure("web.page", url=url)).kind == "denied"
    assert "is no address of a page" in (await call.failure("web.page", url="file:///etc/passwd")).message


async def test_a_page_is_fetched_where_redirects_lead(call: Caller, web_server: str) -> None:
    port = web_server.rpartition(":")[2]
    client = Client([web_server.removeprefix("http://"), f"localhost:{port}"])
    page = await fetch(call.context, client, f"{web_server}/moved", True, 10_000)
    assert (page["status"], page["title"], page["url"]) == (200, "A page", f"{web_server}/page")
    # What a rule allows of one host must not lead to another.
    elsewhere = f"127.0.0.1 redirects to another host: {web_server.replace('127.0.0.1', 'localhost')}/page"
    with pytest.raises(CallFailed) as refused:
        await fetch(call.context, client, f"{web_server}/away", True, 10_000)
    assert refused.value.failure.message.replace(f":{port} redirects", " redirects") == elsewhere
    with pytest.raises(CallFailed, match="404"):
        await fetch(call.context, client, f"{web_server}/none", True, 10_000)
    with pytest.raises(CallFailed, match="no text"):
        await fetch(call.context, client, f"{web_server}/picture", True, 10_000)


@pytest.fixture
def web_server() -> object:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = {
                "/moved": (302, "text/html", b""),
                "/away": (302, "text/html", b""),
                "/page": (200, "text/html; charset=utf-8", PAGE.encode()),
                "/picture": (200, "image/png", b"\x89PNG\0\0"),
            }.get(self.path, (404, "text/plain", b"nothing"))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            if status == 302:
                there = (
                    "http://" + self.headers["host"].replace("127.0.0.1", "localhost") if self.path == "/away" else ""
                )
                self.send_header("location", f"{there}/page")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    def served() -> Iterator[str]:
        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    yield from served()


async def test_a_log_is_summed_up(call: Caller) -> None:
    lines = [f"2024-05-01 10:00:{n:02} INFO  took {n}ms for 'user{n}' at 10.0.0.{n}:80\n" for n in range(30)]
    lines[7] = "2024-05-01 10:00:07 ERROR request 550e8400-e29b-41d4-a716-446655440000 failed: disk full\n"
    lines[9] = "2024-05-01 10:00:09 ERROR request 660e8400-e29b-41d4-a716-446655440000 failed: disk full\n"
    lines += ["Traceback (most recent call last):\n", "\x1b[31mred\x1b[0m\n"]
    (call.root / "app.log").write_text("".join(lines))
    found = await call("log.summary", path="app.log")
    assert (found["lines"], found["levels"]) == (32, {"info": 28, "error": 2, "": 2})
    assert (found["first"], found["last"]) == ("2024-05-01 10:00:00", "2024-05-01 10:00:29")
    assert [(kind["level"], kind["count"], kind["pattern"]) for kind in found["kinds"][:2]] == [
        ("info", 28, "INFO took <number> for <text> at <address>"),
        ("error", 2, "ERROR request <uuid> failed: disk full"),
    ]
    assert found["kinds"][1]["line"] == 8
    assert "\x1b" not in str(found)
    errors = await call("log.summary", path="app.log", level="error", top=0)
    assert (errors["kinds"], errors["others"]) == ([], 1)


async def test_links_that_lead_nowhere_are_found(call: Caller) -> None:
    (call.root / "docs").mkdir()
    (call.root / "README.md").write_text(
        "# Tea shop\n\n[guide](docs/guide.md#how-to-brew) [gone](docs/gone.md) ![logo](<logo.png>)\n"
        "```\n[not](a-link.md)\n# not a heading\n```\n`[nor](this.md)` [site](https://example.org) [up](../../etc)\n"
        "- [x] done\n- [ ] to do\n[here](#tea-shop) [there](#nowhere)\n"
    )
    (call.root / "docs/guide.md").write_text("## How to brew\n\n## How to brew\n[back](../README.md#Tea-shop)\n")
    found = await call("markdown.check")
    assert [(each["path"], each["line"], each["link"]) for each in found["broken"]] == [
        ("README.md", 3, "docs/gone.md"),
        ("README.md", 3, "logo.png"),
        ("README.md", 8, "../../etc"),
        ("README.md", 11, "#nowhere"),
    ]
    assert found["web"] == ["https://example.org"]
    readme = found["files"][0]
    assert (readme["title"], readme["tasks"], readme["done"], len(readme["headings"])) == ("Tea shop", 2, 1, 1)


async def test_the_words_of_a_text_are_counted(call: Caller) -> None:
    counted = await call("text.stats", text="Tea, tea! Don't spill the kettle's tea.\n\nEnd", least=3, common=1)
    assert (counted["words"], counted["sentences"], counted["paragraphs"], counted["lines"]) == (8, 2, 2, 3)
    assert counted["common"] == [{"word": "tea", "count": 3}]
    assert (await call("text.stats", text=""))["lines"] == 0


ORDER = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
]
ORDER += ["1.0.0", "v1.2", "2.0.0", "2.1.0", "2.1.1", "10.0.0"]
"""The order of clause 11 of Semantic Versioning 2.0.0, and some."""


async def test_versions_are_in_the_order_of_the_standard(call: Caller) -> None:
    mixed = random.Random(7).sample(ORDER, len(ORDER))
    ordered = await call("version.sort", versions=[*mixed, "latest"])
    assert (ordered["versions"], ordered["newest"], ordered["others"]) == (ORDER[::-1], "10.0.0", ["latest"])
    assert (await call("version.sort", versions=["1.0.0-rc.1"], releases_only=True))["newest"] is None
    assert [str(read_version(text)) for text in ORDER] == ORDER


@pytest.mark.parametrize(
    ("version", "part", "next_one"),
    [
        ("1.4.2", "major", "2.0.0"),
        ("v1.4.2", "minor", "v1.5.0"),
        ("1.4.2+b7", "patch", "1.4.3"),
        ("1.4", "patch", "1.4.1"),
        ("1.4.2", "pre", "1.4.3-rc.1"),
        ("v1.4.3-rc.1", "pre", "v1.4.3-rc.2"),
        ("1.4.3-rc.2", "release", "1.4.3"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.1.0-rc.1", "minor", "2.1.0"),
        ("2.1.1-rc.1", "minor", "2.2.0"),
    ],
)
async def test_a_version_is_raised(call: Caller, version: str, part: str, next_one: str) -> None:
    assert (await call("version.next", version=version, part=part))["version"] == next_one


@pytest.mark.parametrize(
    ("version", "subjects", "next_one"),
    [
        ("1.4.2", ["fix: a", "docs: b"], "1.4.3"),
        ("1.4.2", ["fix: a", "feat(ui): b"], "1.5.0"),
        ("1.4.2", ["feat: a", "fix(api)!: b"], "2.0.0"),
        ("0.4.2", ["fix!: b"], "0.5.0"),
        ("1.4.2", ["whatever"], "1.4.3"),
        ("1.4.2", [], "1.4.2"),
    ],
)
async def test_commits_say_which_version_follows(
    call: Caller, version: str, subjects: list[str], next_one: str
) -> None:
    commits = [{"subject": subject, "body": ""} for subject in subjects]
    assert (await call("version.next", version=version, commits=commits))["version"] == next_one


async def test_what_is_no_version_is_refused(call: Caller) -> None:
    for text in ("latest", "1", "1.02.3", "1.2.3-01", "1.2.3.4"):
        assert (await call.failure("version.next", version=text, part="patch")).kind == "validation"
    assert (await call.failure("version.next", version="1.0.0")).hint == "give `commits` or `part`"
