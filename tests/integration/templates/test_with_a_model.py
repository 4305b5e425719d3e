"""Templates where a model answers: a server of this machine that speaks the OpenAI protocol."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.openai_server import OpenAIServer, answer
from tests.support.repositories import commit, git, make_repository
from tests.support.templates import outputs_of, run_template

FINDING = {
    "severity": "high",
    "place": "src/shop.py:1",
    "fault": "It divides by nothing.",
    "consequence": "The shop closes.",
    "remedy": "Ask first.",
}


async def test_a_review_is_the_reviewers_and_rests_on_what_rules_found(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=2)
    git(root, "checkout", "--quiet", "-b", "feature")
    (root / "src" / "shop.py").write_text("print(1 / 0)  # TODO\n")
    commit(root, "Open the shop", number=3)
    review = {"summary": "It cannot go in.", "verdict": "reject", "findings": [FINDING]}
    async with OpenAIServer(answer(json.dumps(review))) as server:
        outputs = outputs_of(await run_template(root, "code-review", model=server, branch="feature"))
        asked = json.dumps(server.requests[0].body["messages"])
    assert (outputs["verdict"], outputs["written_by"], outputs["simulated"]) == ("reject", "reviewer", False)
    text = str(outputs["review"])
    assert "**reject**: It cannot go in." in text
    assert "- **high** `src/shop.py:1`: It divides by nothing." in text
    assert "something is left to do" in asked
    assert "+print(1 / 0)" in asked


async def test_each_language_is_asked_for_and_saved_beside_the_original(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "README.md").write_text("# Tea\n\nDrink it hot.\n")
    async with OpenAIServer(answer("# Thé\n\nÀ boire chaud.\n")) as server:
        outputs = outputs_of(await run_template(root, "docs-translation", model=server, languages=["fr", "pt-BR"]))
        asked = sorted(json.dumps(request.body["messages"]) for request in server.requests)
    assert outputs["simulated"] is False
    assert (root / "README.fr.md").read_text() == (root / "README.pt-BR.md").read_text() == "# Thé\n\nÀ boire chaud.\n"
    assert len(asked) == 2
    assert ["language pt-BR" in each.replace("\\n", " ") for each in asked].count(True) == 1


async def test_research_merges_what_was_found_from_each_side(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "notes.md").write_text("# Notes\n\nTea is kept in tins because light makes it stale.\n")
    async with OpenAIServer(answer("Tins keep tea. (notes.md:3)")) as server:
        outputs = outputs_of(
            await run_template(root, "research", model=server, topic="how tea is kept", angles=["why", "what else"])
        )
        last = json.dumps(server.requests[-1].body["messages"])
    assert (outputs["findings"], outputs["written_by"]) == ("Tins keep tea. (notes.md:3)", "writer")
    assert len(server.requests) == 3
    assert last.count("Tins keep tea.") == 2


async def test_documents_are_mended_by_the_model_only_where_something_is_wrong(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "good.md").write_text("# Good\n")
    (root / "bad.md").write_text("# Bad\n\nSee [that](gone.md).\n")
    async with OpenAIServer(answer("# Bad\n\nSee nothing.\n")) as server:
        outputs_of(await run_template(root, "docs-refresh", model=server))
        assert len(server.requests) == 1
    assert (root / "bad.md").read_text() == "# Bad\n\nSee nothing.\n"
    assert (root / "good.md").read_text() == "# Good\n"
