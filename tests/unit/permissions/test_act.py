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
