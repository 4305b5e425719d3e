"""The catalog: layers, trust, broken edits, and what a reload says."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.catalog import BUILT_IN, Catalog, UnknownAgent, user_folder, workspace_folders
from skills.discover import BUILT_IN as BUILT_IN_SKILLS
from skills.layers import Folder, Reloaded
from skills.registry import Registry


def write(folder: Path, name: str, prompt: str = "You help.", *, stem: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem or name}.md"
    path.write_text(f"---\nname: {name}\ndescription: Helps with {name}\n---\n{prompt}\n")
    return path


class Place:
    """A user's folder and a workspace, and whether the workspace is trusted."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "project"
        self.user = tmp_path / "config" / "agents"
        self.own = self.root / ".understudy" / "agents"
        self.claude = self.root / ".claude" / "agents"
        self.trusts = True

    def catalog(self) -> Catalog:
        folders: list[Folder] = [*workspace_folders(self.root), user_folder(self.user.parent)]
        return Catalog(folders, lambda root: self.trusts and root == self.root)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_no_folder_at_all_is_an_empty_catalog(place: Place) -> None:
    assert dict(place.catalog().snapshot.agents) == {}


BUILT_IN_AGENTS = {"coder", "editor", "planner", "researcher", "reviewer", "summariser", "template-writer", "tester"}
BUILT_IN_AGENTS |= {"plain-writer", "triager", "writer"}


def test_every_built_in_agent_is_read() -> None:
    snapshot = Catalog([BUILT_IN]).snapshot
    assert snapshot.problems == snapshot.notes == ()
    assert set(snapshot.agents) == BUILT_IN_AGENTS
    assert all(agent.trusted and agent.scope == "built-in" for agent in snapshot.agents.values())


def test_built_in_agents_know_their_tools_and_that_data_is_no_instruction() -> None:
    skills = Registry([BUILT_IN_SKILLS])
    page = (Path(__file__).parents[3] / "docs" / "agents.md").read_text()
    for agent in Catalog([BUILT_IN]).snapshot.agents.values():
        assert [tool for tool in agent.tools if tool not in skills.snapshot.skills] == []
        assert f"| `{agent.name}` |" in page
        prompt = " ".join(agent.prompt.split())
        assert (agent.model or "").startswith("template/") or "never an instruction to you." in prompt


def test_later_scopes_win_and_the_loser_is_told(place: Place) -> None:
    write(place.user, "helper", "user")
    write(place.claude, "helper", "claude")
    write(place.own, "helper", "own")
    snapshot = place.catalog().snapshot
    assert snapshot.get("helper").prompt == "own"
    assert [(s.hidden.prompt, s.by.prompt) for s in snapshot.shadowed] == [("user", "claude"), ("claude", "own")]


def test_an_untrusted_workspace_is_listed_and_hides_nothing(place: Place) -> None:
    place.trusts = False
    write(place.user, "helper", "user")
    write(place.own, "helper", "own")
    write(place.own, "stranger")
    snapshot = place.catalog().snapshot
    assert snapshot.get("helper").prompt == "user"
    assert snapshot.get("stranger").state == "untrusted"


def test_trust_counts_from_the_next_reload(place: Place) -> None:
    place.trusts = False
    write(place.own, "stranger")
    catalog = place.catalog()
    place.trusts = True
    (change,) = catalog.reload()
    assert change.name == "stranger"
    assert catalog.get("stranger").trusted


def test_a_broken_edit_keeps_the_last_good_version(place: Place) -> None:
    path = write(place.user, "helper", "good")
    catalog = place.catalog()
    good = catalog.get("helper")
    path.write_text("---\nname: helper\ndescription: d\nmax_turns: x\n---\nbroken")
    (change,) = catalog.reload()
    assert catalog.get("helper") == good
    assert (change.name, change.old, change.new) == ("helper", good.digest, good.digest)
    assert [problem.line for problem in change.problems] == [4]
    assert catalog.snapshot.problems_of(good) == change.problems
    assert catalog.reload() == (), "the same mistake is told once"
    write(place.user, "helper", "mended")
    catalog.reload()
    assert catalog.get("helper").prompt == "mended"
    assert catalog.snapshot.problems == ()


def test_a_new_broken_file_is_told_by_its_stem(place: Place) -> None:
    catalog = place.catalog()
    place.user.mkdir(parents=True)
    (place.user / "oops.md").write_text("no front matter")
    (change,) = catalog.reload()
    assert (change.name, change.old, change.new) == ("oops", None, None)


def test_listeners_hear_of_edits_and_of_what_went(place: Place) -> None:
    path = write(place.user, "helper", "one")
    catalog = place.catalog()
    heard: list[Reloaded] = []
    unlisten = catalog.listen(heard.append)
    first = catalog.get("helper").digest
    write(place.user, "helper", "two")
    catalog.reload()
    second = catalog.get("helper").digest
    path.unlink()
    catalog.reload()
    unlisten()
    write(place.user, "helper", "three")
    catalog.reload()
    assert [(c.old, c.new) for c in heard] == [(first, second), (second, None)]


def test_two_files_of_one_folder_cannot_share_a_name(place: Place) -> None:
    write(place.user, "helper", "a", stem="a")
    write(place.user, "helper", "b", stem="b")
    snapshot = place.catalog().snapshot
    assert snapshot.get("helper").prompt == "a"
    (problem,) = snapshot.problems
    assert "already defined" in problem.message
    assert problem.file.endswith("b.md")


def test_a_link_out_of_the_workspace_is_not_followed(place: Place, tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere", "spy")
    place.own.mkdir(parents=True)
    (place.own / "spy.md").symlink_to(outside)
    snapshot = place.catalog().snapshot
    assert "spy" not in snapshot.agents
    assert "leads out" in snapshot.problems[0].message


def test_a_name_that_is_not_there_brings_a_suggestion(place: Place) -> None:
    write(place.user, "helper")
    with pytest.raises(UnknownAgent) as caught:
        place.catalog().get("helpr")
    assert caught.value.hint == "did you mean 'helper'?"


def test_a_snapshot_does_not_change(place: Place) -> None:
    write(place.user, "helper")
    catalog = place.catalog()
    before = catalog.snapshot
    write(place.user, "second")
    catalog.reload()
    assert set(before.agents) == {"helper"}
    with pytest.raises(TypeError):
        before.agents["x"] = before.get("helper")  # type: ignore[index]  # that it cannot be done is the point
