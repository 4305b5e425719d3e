"""Whether a call is allowed, asked for or denied, case by case."""

from __future__ import annotations

import pytest

from skills.discover import BUILT_IN
from skills.permissions.act import Act
from skills.permissions.decide import decide, may_ask
from skills.permissions.rules import parse_rule
from skills.registry import Registry

WRITE = Act("file.write", "idempotent", frozenset({"writes"}), ("docs/a.md",))
SECRET = Act("file.read", "pure", frozenset({"reads"}), (".env",))
SEARCH = Act("file.search", "pure", frozenset({"reads"}), (".",), folders=(".",))
FETCH = Act("fetch", "pure", frozenset({"network"}), hosts=("api.example.org",))
SHOW = Act("command", "unsafe", frozenset({"shell"}), named=(".env",), argv=("cat", ".env"))
MCP = Act("mcp__box__put", "unsafe")


def run(*argv: str, must_ask: str = "") -> Act:
    return Act("command", "unsafe", frozenset({"shell"}), argv=argv, must_ask=must_ask)


CASES = [
    # What is usual
    ((), SEARCH, "allow", "it changes nothing"),
    ((), WRITE, "ask", "no rule allows it, and it is idempotent"),
    ((), MCP, "ask", "it is unsafe"),
    ((), FETCH, "ask", "reaches the network"),
    # Deny, ask, allow: in this order, whichever is written first, and however narrow
    (("allow file.write(path=docs/a.md)", "deny file.*"), WRITE, "deny", "denied by file.*"),
    (("allow file.write(path=docs/a.md)", "ask *"), WRITE, "ask", "asked by *"),
    (("allow file.write",), WRITE, "allow", "allowed by file.write"),
    (("granted file.write(path=docs/**)", "ask *"), WRITE, "allow", "allowed for this run"),
    (("granted file.write", "deny file.write"), WRITE, "deny", ""),
    # Paths
    (("allow file.write(path=docs/*)",), WRITE, "allow", ""),
    (("allow file.write(path=docs/**/*.md)",), WRITE, "allow", ""),
    (("allow file.write(path=*)",), WRITE, "ask", "no rule"),
    (("allow file.write(path=doc*/b.md)",), WRITE, "ask", "no rule"),
    (("allow mv(path=docs/**)",), Act("mv", "unsafe", paths=("docs/a", "src/a")), "ask", "no rule"),
    (("deny mv(path=src/**)",), Act("mv", "unsafe", paths=("docs/a", "SRC/a")), "deny", ""),
    (("deny file.*(path=**/.env)",), SECRET, "deny", ""),
    (("deny file.*(path=**/.env)",), SEARCH, "ask", "reaches below a folder in which deny"),
    (("deny file.*(path=secret/**)",), Act("file.search", "pure", paths=("src",), folders=("src",)), "allow", ""),
    (("deny file.*(path=secret/**)",), Act("file.list", "pure", paths=("secret",), folders=("secret",)), "deny", ""),
    (("allow *(path=docs/**)",), MCP, "ask", "no rule"),
    # Commands
    (("allow command(argv=git log **)",), run("git", "log", "HEAD"), "allow", ""),
    (("allow command(argv=git log **)",), run("git", "log"), "allow", ""),
    (("allow command(argv=git log **)",), run("git", "log", "--output=x"), "ask", "no rule"),
    (("allow command(argv=git log ...)",), run("git", "log", "--oneline", "a"), "allow", ""),
    (("allow command(argv=git log **)",), run("git", "-c", "core.pager=x", "log"), "ask", "no rule"),
    (("allow command(argv=git *)",), run("git", "--exec-path=."), "ask", "no rule"),
    (("allow command(argv=find **)",), run("find", ".", "-exec", "rm", "{}", ";"), "ask", "no rule"),
    (("allow command(argv=git log)",), run("/tmp/git", "log"), "ask", "no rule"),
    (("allow command(argv=git log)",), run("GIT", "log"), "ask", "no rule"),
    (("allow command",), run("rm"), "ask", "no rule"),
    (("allow *",), run("rm"), "ask", "no rule"),
    (("allow command(argv=...)",), run("bash", "x", must_ask="it needs a shell (bash)"), "ask", "always asked"),
    (("granted command(argv=...)",), run("bash", "x", must_ask="it needs a shell (bash)"), "ask", "always asked"),
    (("deny command(argv=bash **)",), run("bash", "x", must_ask="it needs a shell (bash)"), "deny", ""),
    (("allow command(argv=...)", "deny command(argv=rm **)"), run("env", "A=1", "rm", "-rf", "x"), "deny", ""),
    (("allow command(argv=...)", "deny command(argv=rm)"), run("/bin/RM", "x"), "deny", ""),
    (("allow command(argv=...)", "deny command(argv=git push)"), run("git", "-C", "x", "push", "-f"), "deny", ""),
    (("allow command(argv=...)", "deny command(argv=rm)"), run("\uff52\uff4d", "x"), "deny", ""),
    (("allow command(argv=...)", "ask command(argv=...)"), run("ls"), "ask", "asked by"),
    (("allow command(argv=cat **)", "deny *(path=**/.env)"), SHOW, "deny", ""),
    (("allow command(argv=cat **)", "deny file.*(path=**/.env)"), SHOW, "allow", ""),
    # Hosts
    (("allow fetch(host=*.example.org)",), FETCH, "allow", ""),
    (("allow fetch(host=example.org)",), FETCH, "ask", "no rule"),
    (("deny *(host=example.org)",), FETCH, "deny", ""),
    (("allow fetch(host=*)",), Act("fetch", "pure", frozenset({"network"}), hosts=("?",)), "ask", "no rule"),
    (
        ("allow fetch(host=a.org)",),
        Act("fetch", "pure", frozenset({"network"}), hosts=("a.org", "b.org")),
        "ask",
        "no rule",
    ),
    # Both
    (("allow get(path=in/*; host=a.org)",), Act("get", "unsafe", paths=("in/x",), hosts=("b.org",)), "ask", "no rule"),
    # An agent's own file narrows
    (("allow file.*", "only file.write(path=notes/**)"), WRITE, "deny", "only as file.write(path=notes/**)"),
    (("allow file.*", "only file.write(path=docs/**)"), WRITE, "allow", "allowed by file.*"),
    (("only file.write(path=docs/**)",), WRITE, "ask", "no rule"),
    (("only file.write(path=a)", "only file.write(path=docs/*)"), WRITE, "ask", "no rule"),
    (("only file.write(path=a)",), SEARCH, "allow", ""),
]


@pytest.mark.parametrize(("rules", "act", "verdict", "why"), CASES)
def test_what_the_rules_say(rules: tuple[str, ...], act: Act, verdict: str, why: str) -> None:
    read = []
    for text in rules:
        word, _, rule = text.partition(" ")
        granted = word == "granted"
        read.append(parse_rule("allow" if granted else word, rule, "settings", granted=granted))  # type: ignore[arg-type]  # words of the table
    for order in (read, read[::-1]):
        decision = decide(order, act)
        assert decision.verdict == verdict
        assert why in decision.why
        assert decision.source == ("settings" if decision.rule else "no rule")


@pytest.mark.parametrize(
    ("rules", "name", "asks"),
    [
        ((), "file.read", False),
        ((), "git.log", False),
        ((), "file.write", True),
        ((), "web.page", True),
        ((), "command", True),
        (("allow file.*",), "file.write", False),
        (("allow file.write(path=docs/**)",), "file.write", True),
        (("allow *",), "command", True),
        (("allow *",), "test_runner", True),
        (("allow command(argv=...)",), "command", True),
        (("ask file.read(path=x)",), "file.read", True),
        (("deny file.*",), "file.write", False),
    ],
)
def test_whether_a_person_may_be_asked_is_known_before(rules: tuple[str, ...], name: str, asks: bool) -> None:
    read = [parse_rule(text.split(" ")[0], text.split(" ")[1]) for text in rules]  # type: ignore[arg-type]  # as above
    assert may_ask(read, Registry([BUILT_IN]).get(name)) == asks
