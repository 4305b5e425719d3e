"""Templates about pages and texts, with a server of this machine."""

from __future__ import annotations

from pathlib import Path

from tests.support.pages import serving
from tests.support.templates import approvals, outputs_of, run_template

PAGE = """<html><head><title>Scaling a tea shop</title></head><body><nav>Home</nav><h1>Scaling</h1>
<p>The tea shop keeps its orders in one SQLite database. Writers wait for each other, and readers never do.</p>
<p>With a queue in front of the database the shop takes a thousand orders a second.</p>
<p>Unrelated words about the weather follow in this last paragraph of the page.</p></body></html>"""


async def test_web_digest_picks_sentences_and_tells_what_could_not_be_read(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "site").mkdir(parents=True)
    (root / "site" / "post.html").write_text(PAGE)
    with serving(root / "site") as host:
        urls = [f"http://{host}/post.html", f"http://{host}/gone.html"]
        settings = f"network: {{allow_hosts: ['{host}']}}\n"
        state = await run_template(root, "web-digest", settings=settings, url=urls, limit=2, output="digest.md")
    assert outputs_of(state)["pages"] == 1
    digest = (root / "digest.md").read_text()
    assert digest.startswith(f"## Scaling a tea shop\n\n<{urls[0]}>\n\n- The tea shop keeps its orders")
    assert digest.count("\n- ") == 2
    assert "No AI wrote or checked this." in digest
    assert f"## {urls[1]}\n\n<{urls[1]}>\n\nIt could not be read: GET " in digest
    assert approvals(state) == ["write_digest"]


async def test_research_finds_passages_in_files_and_pages_with_their_sources(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "site").mkdir(parents=True)
    (root / "site" / "post.html").write_text(PAGE)
    (root / "notes.md").write_text(
        "# Notes\n\nWe chose SQLite because one file is easy to copy.\n\nLunch is at noon today.\n"
    )
    with serving(root / "site") as host:
        url = f"http://{host}/post.html"
        state = await run_template(
            root,
            "research",
            settings=f"network: {{allow_hosts: ['{host}']}}\n",
            topic="orders in sqlite databases",
            url=[url],
            output="findings.md",
        )
    outputs = outputs_of(state)
    assert outputs["sources"] == [url, "notes.md"]
    assert [step for step in state.steps if step.startswith("look[")] == ["look[0]", "look[1]", "look[2]"]
    findings = (root / "findings.md").read_text()
    assert findings.startswith("# orders in sqlite databases\n")
    assert "- We chose SQLite because one file is easy to copy. [^2]" in findings
    assert f"[^1]: {url}\n[^2]: notes.md, lines 3\n" in findings
    assert "Lunch" not in findings
    assert "No AI wrote or checked this text." in findings


async def test_research_says_that_nothing_was_found(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    outputs = outputs_of(await run_template(root, "research", topic="penguins", angles=["all of it"]))
    assert "Nothing about it was found in 0 texts" in str(outputs["findings"])


async def test_translation_without_a_model_keeps_the_original_and_says_so(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "docs").mkdir(parents=True)
    for name in ("start.md", "end.md"):
        (root / "docs" / name).write_text(f"# {name}\n\nA text.\n")
    state = await run_template(root, "docs-translation", input="docs", languages=["fr", "ja"])
    assert outputs_of(state)["simulated"] is True
    assert len(approvals(state)) == 4
    assert (root / "docs" / "start.fr.md").read_text() == (
        "> **Not translated yet (fr).** There was no model that could; this is the original.\n\n# start.md\n\nA text.\n"
    )
    assert (root / "docs" / "end.ja.md").exists()


async def test_health_check_is_content_with_a_page_that_says_what_it_should(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "index.html").write_text("<h1>Welcome</h1>")
    with serving(root) as host:
        settings = f"network: {{allow_hosts: ['{host}']}}\n"
        url = f"http://{host}/index.html"
        outputs = outputs_of(await run_template(root, "health-check", settings=settings, url=url, text="welcome"))
        assert (outputs["status"], outputs["days_left"]) == (200, None)
        wrong = await run_template(root, "health-check", settings=settings, url=url, text="Goodbye")
    assert (wrong.status, "it does not say 'Goodbye'" in str(wrong.failure)) == ("failed", True)


async def test_health_check_of_this_machine_asks_no_certificate(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    state = await run_template(root, "health-check", host="localhost")
    assert state.status == "failed"
    assert "only hosts of the public internet are asked" in str(state.failure)
