"""What a call would do, read off its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skills.declare import Touch
from skills.discover import workspace_folder
from skills.manifest import Skill
from skills.paths import PathRefused
from skills.permissions.act import Act, act_of
from skills.permissions.decide import decide
from skills.permissions.patterns import pattern_for
from skills.permissions.rules import parse_rule
from skills.schema import Parameter, parameters_schema
from tests.support.skill_calls import workspace_registry


def skill(name: str = "tool", touches: tuple[Touch, ...] = (), **hints: Any) -> Skill:
    schema = parameters_schema([Parameter(each, hint, None) for each, hint in hints.items()], {})
    return Skill(name, "d", schema, "", "unsafe", frozenset(touches), "0" * 64, "user", None)


def act(root: Path, tool: Skill, **arguments: Any) -> Act:
    return act_of(tool, arguments, root)


def test_paths_are_real_and_relative_to_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "link").symlink_to("docs")
    tool = skill(path=Path, more=list[Path])
    found = act(tmp_path, tool, path="link/./a.md", more=["docs", "x/../docs/b.md", "."])
    assert found.paths == ("docs", "docs/b.md", ".", "docs/a.md")
    assert found.folders == ("docs", ".")


def test_a_path_out_of_the_workspace_is_no_act(tmp_path: Path) -> None:
    with pytest.raises(PathRefused):
        act(tmp_path, skill(path=Path), path="../x")


@pytest.mark.parametrize(
    ("arguments", "argv", "must_ask"),
    [
        ({"argv": ["git", "log"]}, ("git", "log"), ""),
        ({"argv": ["/bin/bash", "-c", "ls | rm"]}, ("/bin/bash", "-c", "ls | rm"), "it needs a shell (bash)"),
        ({"argv": ["env", "X=1", "sh", "a.sh"]}, ("env", "X=1", "sh", "a.sh"), "it needs a shell (sh)"),
        ({"argv": ["ls"], "env": {"PATH": "."}}, ("ls",), "it sets variables"),
        ({"argv": ["ls"], "env": {}}, ("ls",), ""),
        ({"command": "ls && rm -rf ."}, ("ls", "&&", "rm", "-rf", "."), "it is a text for a shell"),
        ({"command": "echo 'open"}, ("echo 'open",), "it is a text for a shell"),
        ({}, None, ""),
    ],
)
def test_commands(tmp_path: Path, arguments: Any, argv: tuple[str, ...] | None, must_ask: str) -> None:
    tool = skill(touches=("shell",), argv=list[str], env=dict[str, str], command=str)
    found = act(tmp_path, tool, **arguments)
    assert found.argv == argv
    assert found.must_ask.startswith(must_ask) if must_ask else not found.must_ask


@pytest.mark.parametrize(
    ("arguments", "hosts"),
    [
        ({"url": "https://Example.org:8080/a?b=http://x"}, ("example.org",)),
        ({"url": "https://good.org@evil.org/"}, ("evil.org",)),
        ({"url": "http://good.org\\@evil.org"}, ("?",)),
        ({"url": "http://[::1"}, ("?",)),
        ({"deep": {"list": ["see http://a.org and ftp://b.org"]}}, ("a.org", "b.org")),
        ({"host": "a.org"}, ("a.org",)),
        ({"text": "no url: here"}, ()),
    ],
)
def test_hosts(tmp_path: Path, arguments: Any, hosts: tuple[str, ...]) -> None:
    assert act(tmp_path, skill(touches=("network",)), **arguments).hosts == hosts
    assert act(tmp_path, skill(), **arguments).hosts == (), "what reaches no network only mentions them"


def test_what_a_command_may_mean_and_what_is_not_named_at_all(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    tool = skill(touches=("shell", "reads"), argv=list[str])
    found = act(tmp_path, tool, argv=["cat", "./.env", "--file=docs", "-x", "/etc/passwd", "../out"])
    assert sorted(found.named) == [".env", "docs"]
    assert found.folders == ("docs",)
    assert act(tmp_path, skill(touches=("writes",))).folders == (".",)
    assert act(tmp_path, skill()).folders == ()


def test_a_word_that_is_too_long_to_be_a_path_is_none(tmp_path: Path) -> None:
    found = act(tmp_path, skill(touches=("shell", "reads"), argv=list[str]), argv=["echo", "x" * 5000, "a/" * 3000])
    assert found.folders == ()


def test_a_declared_command_is_known_word_by_word(tmp_path: Path) -> None:
    folder = workspace_folder(tmp_path).path
    folder.mkdir(parents=True)
    (folder / "send.yaml").write_text(
        "name: send\ndescription: Send a branch.\nparameters: [{name: to, type: string, required: true}]\n"
        "command: [git, push, '{to}']\n"
    )
    found = act(tmp_path, workspace_registry(tmp_path).get("send"), to="origin")
    assert (found.argv, found.declared) == (("git", "push", "origin"), True)
    assert decide([parse_rule("allow", "send")], found).verdict == "allow", "a person wrote it down"
    assert decide([parse_rule("allow", "send"), parse_rule("deny", "*(argv=git push)")], found).verdict == "deny"
    assert pattern_for(found) == "send"


def test_a_script_of_a_skill_is_a_command(tmp_path: Path) -> None:
    tool = skill("skill.run", ("shell",), script=str, args=list[str])
    assert act(tmp_path, tool, script="scripts/a.py", args=["x"]).argv == ("scripts/a.py", "x")


@pytest.mark.parametrize(
    "words",
    [
        ["cat", "../.env"],
        ["git", "show", "HEAD:.env"],
        ["git", "show", "HEAD:sub/../.env"],
        ["curl", "@.env"],
        ["grep", "-f.env"],
        ["dd", "if=.ENV"],
        ["cp", "a,.env"],
    ],
)
def test_what_is_denied_is_found_however_a_command_spells_it(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "sub").mkdir()
    tool = skill(touches=("shell", "reads"), argv=list[str], cwd=Path)
    rules = [parse_rule("allow", "tool(argv=...)"), parse_rule("deny", "tool(path=.env)")]
    assert decide(rules, act(tmp_path, tool, argv=words, cwd="sub")).verdict == "deny"


def test_a_word_with_wildcards_may_mean_what_is_denied(tmp_path: Path) -> None:
    rules = [parse_rule("allow", "tool(argv=...)"), parse_rule("deny", "tool(path=docs/.env)")]
    tool = skill(touches=("shell", "reads"), argv=list[str])
    (tmp_path / "docs").mkdir()
    assert decide(rules, act(tmp_path, tool, argv=["git", "add", "docs/.en*"])).verdict == "ask"


@pytest.mark.parametrize(
    "word", ["/etc/passwd", "~/.ssh/id", "../x", "a/../../x", ".git/hooks/x", ".Understudy/x", "out/x", "@/etc/x"]
)
def test_wildcards_take_nothing_beyond_the_workspace(tmp_path: Path, word: str) -> None:
    (tmp_path / "out").symlink_to("/etc")
    tool = skill(touches=("shell", "reads"), argv=list[str])
    found = act(tmp_path, tool, argv=["cat", "a", word])
    for allowed in ("cat **", "cat a **", "cat * *"):
        assert decide([parse_rule("allow", f"tool(argv={allowed})")], found).verdict == "ask"
    for allowed in ("cat ...", f"cat a {word}"):
        assert decide([parse_rule("allow", f"tool(argv={allowed})")], found).verdict == "allow"


def test_a_pattern_for_a_folder_takes_nothing_that_leads_out_of_it(tmp_path: Path) -> None:
    tool = skill(touches=("shell", "reads"), argv=list[str])
    found = act(tmp_path, tool, argv=["cat", "docs/../.env"])
    assert decide([parse_rule("allow", "tool(argv=cat docs/*)")], found).verdict == "ask"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("git log HEAD", "git log **"),
        ("npm run build", "npm run build **"),
        ("npm install left-pad", "npm install left-pad"),
        ("pip install requests", "pip install requests"),
        ("git config user.name", "git config user.name **"),
        ("git submodule status", "git submodule status **"),
        ("git submodule foreach id", "git submodule foreach id"),
        ("git bisect run ./a", "git bisect run ./a"),
        ("git add a.py", "git add **"),
        ("go run ./a", "go run ./a"),
        ("uv tool run evil", "uv tool run evil"),
        ("make test", "make test **"),
        ("make test SHELL=./a", "make test SHELL=./a"),
        ("less a +!id", "less a +!id"),
        ("awk {print} a", "awk {print} a"),
        ("awk END a", "awk END a"),
        ("python ./a.py", "python ./a.py"),
        ("env python3 a.py", "env python3 a.py"),
        ("timeout 5 ls", "timeout 5 ls"),
        ("uv run pytest", "uv run pytest"),
        ("npm exec tool", "npm exec tool"),
        ("/usr/bin/xargs rm", "/usr/bin/xargs rm"),
    ],
)
def test_what_is_offered_for_a_run_lets_no_other_program_run(tmp_path: Path, words: str, offered: str) -> None:
    tool = skill(touches=("shell",), argv=list[str])
    assert pattern_for(act(tmp_path, tool, argv=words.split())) == f"tool(argv={offered})"


@pytest.mark.parametrize("word", ["ext::sh -c id", "EXT::id", "X:=$(shell id)"])
def test_what_a_program_would_run_is_always_asked_for(tmp_path: Path, word: str) -> None:
    found = act(tmp_path, skill(touches=("shell",), argv=list[str]), argv=["git", "fetch", word])
    assert decide([parse_rule("allow", "tool(argv=...)", granted=True)], found).verdict == "ask"
    assert pattern_for(found) == ""


@pytest.mark.parametrize(
    "url", ["http://evil\u3002org/", "http://ev\u00adil.org", "http://EVIL.org.:80/x", "http://\uff45vil.org"]
)
def test_a_host_is_the_one_that_is_connected_to(tmp_path: Path, url: str) -> None:
    assert act(tmp_path, skill(touches=("network",)), url=url).hosts == ("evil.org",)


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({"path": "docs/a.md"}, "allow"),
        ({"path": "AGENTS.md"}, "ask"),
        ({"path": "link"}, "ask"),
        ({"path": "docs/a.md", "text": "see AGENTS.md"}, "allow"),
        ({"text": "+++ b/Agents.md"}, "ask"),
    ],
)
def test_writing_what_agents_obey_is_always_asked_for(tmp_path: Path, arguments: Any, verdict: str) -> None:
    (tmp_path / "link").symlink_to("AGENTS.md")
    tool = skill(touches=("writes",), path=Path, text=str)
    assert decide([parse_rule("allow", "tool")], act(tmp_path, tool, **arguments)).verdict == verdict
