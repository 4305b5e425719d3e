"""Rules as people write them: what is read, what is refused and where, and that they are written as they are read."""

from __future__ import annotations

import pytest

from skills.permissions.rules import Rule, RuleError, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("git.log", Rule("allow", "git.log")),
        ("*", Rule("allow", "*")),
        ("mcp__time__*", Rule("allow", "mcp__time__*")),
        ("file.write(path=docs/**)", Rule("allow", "file.write", path="docs/**")),
        ("file.write( path = './docs/my notes/*.md' )", Rule("allow", "file.write", path="docs/my notes/*.md")),
        ("command(argv=npm run **)", Rule("allow", "command", argv=("npm", "run", "**"))),
        (
            "command(argv=git commit -m 'two words; three')",
            Rule("allow", "command", argv=("git", "commit", "-m", "two words; three")),
        ),
        ("*(host=*.Example.org.)", Rule("allow", "*", host="*.example.org")),
        ("get(host=example.org; path=in/*)", Rule("allow", "get", path="in/*", host="example.org")),
        ("run(argv=...)", Rule("allow", "run", argv=("...",))),
    ],
)
def test_what_a_rule_says(text: str, rule: Rule) -> None:
    read = parse_rule("allow", text)
    assert read == rule
    assert parse_rule("allow", read.text) == rule, "it is written as it is read"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "begins with the name of a skill (character 1 of '')"),
        ("file write", "'file write' is no name (character 5 of"),
        ("file.write(path=a", "no closing bracket"),
        ("file.write()", "the brackets of 'file.write()' are empty (character 12)"),
        ("Bash(git:*)", "'git:*' (character 6 of 'Bash(git:*)') begins with none of path=, argv=, host="),
        ("a(path=b; paths=c)", "'paths=c' (character 10 of"),
        ("a(path=b; path=c)", "says path= twice (character 10)"),
        ("a(path=)", "path= of 'a(path=)' says nothing"),
        ("a(path=/etc/**)", "'/etc/**' does not begin in the workspace"),
        ("a(path=~/x)", "does not begin in the workspace"),
        ("a(path=docs/../x)", "which hold no '..'"),
        ("a(path=do**/x)", "'**' stands for whole folders, and not within 'do**'"),
        ("a(path=my notes)", "a path is one word"),
        ("a(host=exa mple)", "'exa mple' is no host"),
        ("a(argv=say 'it)", "quote that is not closed"),
        ("a(argv=** rm)", "'**' stands for the rest, so nothing follows it"),
        ("a(argv=**)", "argv= begins with a program"),
        ("a\u202e", "character 2 of"),
        ("a(path=b\n)", "character 9 of"),
        ("a" * 501, "at most 500 characters"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, told: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_rule("deny", text)
    assert told in error.value.message


def test_a_rule_tells_what_it_is_and_where_it_comes_from() -> None:
    assert (
        str(parse_rule("deny", "file.*(path=**/.env)", "settings.yaml")) == "deny file.*(path=**/.env) (settings.yaml)"
    )
