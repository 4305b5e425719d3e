"""What holds of permissions whatever the rules and the call."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from skills.manifest import Skill
from skills.permissions.act import Act
from skills.permissions.decide import decide, never_asks
from skills.permissions.patterns import pattern_for
from skills.permissions.rules import Rule, parse_rule

NAMES = st.sampled_from(["file.read", "file.write", "command", "mcp__a__b", "fetch"])
PARTS = st.sampled_from(["a", "b", "docs", "x.md", "[x]", "*", "Ä b", "**", ";", ")", "'"])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join) | st.just(".")
WORDS = st.sampled_from(["git", "log", "rm", "-rf", "--x=*", "...", "**", "", "a b", "/bin/sh", "[", "'", ";", "\\"])
HOSTS = st.sampled_from(["a.org", "b.a.org", "?", "::1"])

ACTS = st.builds(
    lambda skill, effect, touches, paths, below, argv, hosts, must, declared: Act(
        skill,
        effect,
        frozenset(touches),
        tuple(paths),
        tuple(paths[:below]) if argv else (),
        tuple(paths[:below]),
        argv and tuple(argv),
        tuple(hosts),
        must,
        declared and argv is not None,
    ),
    NAMES,
    st.sampled_from(["pure", "idempotent", "unsafe"]),
    st.sets(st.sampled_from(["reads", "writes", "network", "shell"])),
    st.lists(PATHS, max_size=3, unique=True),
    st.integers(0, 1),
    st.none() | st.lists(WORDS, min_size=1, max_size=4),
    st.lists(HOSTS, max_size=2, unique=True),
    st.sampled_from(["", "", "it needs a shell"]),
    st.booleans(),
)

PATTERNS = st.lists(st.sampled_from(["a", "docs", "*", "**", "?", "x.md"]), min_size=1, max_size=3).map("/".join)
ARGVS = st.lists(st.sampled_from(["git", "*", "rm", "-*", "log"]), min_size=1, max_size=3).flatmap(
    lambda head: st.sampled_from([(*head,), (*head, "**"), (*head, "...")])
)
RULES = st.builds(
    Rule,
    st.sampled_from(["allow", "ask", "deny", "only"]),
    NAMES | st.sampled_from(["*", "file.*", "mcp__*"]),
    st.just("") | PATTERNS,
    st.just(()) | ARGVS,
    st.sampled_from(["", "", "a.org", "*.org", "*"]),
    granted=st.booleans(),
)
LISTS = st.lists(RULES, max_size=5)

STRICT = {"allow": 0, "ask": 1, "deny": 2}


@given(LISTS, ACTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(rules: list[Rule], act: Act, chance: object) -> None:
    shuffled = list(rules)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert decide(rules, act).verdict == decide(shuffled, act).verdict


@given(LISTS, ACTS)
def test_deny_always_wins(rules: list[Rule], act: Act) -> None:
    named = Rule("deny", "*")
    assert decide([*rules, named], act).verdict == "deny"
    exact = Rule("deny", act.skill)
    assert decide([exact, *rules], act).verdict == "deny"


@given(LISTS, ACTS, RULES)
def test_narrowing_never_widens(rules: list[Rule], act: Act, more: Rule) -> None:
    """Of an agent's file count `deny`, `ask` and, all together, `only`."""
    before = decide([rule for rule in rules if rule.word != "only"], act)
    given_rules = [rule for rule in rules if rule.word != "only"]
    if more.word != "allow":
        assert STRICT[decide([*given_rules, more], act).verdict] >= STRICT[before.verdict]


@given(LISTS, ACTS)
def test_what_must_be_asked_is_never_allowed(rules: list[Rule], act: Act) -> None:
    if act.must_ask:
        assert decide(rules, act).verdict != "allow"


@given(ACTS)
def test_without_rules_only_what_changes_nothing_is_allowed(act: Act) -> None:
    if decide((), act).verdict == "allow":
        assert act.effect == "pure"
        assert "network" not in act.touches


@given(ACTS)
@settings(max_examples=300)
def test_the_pattern_that_is_offered_covers_the_call_and_no_deny(act: Act) -> None:
    pattern = pattern_for(act)
    if pattern:
        rule = parse_rule("allow", pattern, granted=True)
        assert rule.text == pattern
        assert decide([Rule("ask", "*"), rule], act).verdict == "allow"
        assert decide([Rule("deny", "*"), rule], act).verdict == "deny"
    if act.must_ask or "?" in act.hosts:
        assert not pattern


@given(LISTS, ACTS, st.booleans())
@settings(max_examples=300)
def test_where_nobody_is_ever_asked_no_call_is_asked_about(rules: list[Rule], act: Act, commands: bool) -> None:
    """What a call would do is never more than its skill says: no command where it takes none, and so on."""
    properties = {"argv": {"type": "array"}} if commands else {}
    parameters = {"type": "object", "properties": properties}
    skill = Skill(act.skill, "Does something", parameters, "", act.effect, act.touches, "0" * 64, "built-in", None)
    writes = "writes" in act.touches and act.effect != "pure"
    if not writes and not (commands and "shell" in act.touches):
        act = replace(act, argv=None, declared=False, named=(), must_ask="")
    rules = [rule for rule in rules if not rule.granted]
    if never_asks(rules, skill):
        assert decide(rules, act).verdict != "ask"
