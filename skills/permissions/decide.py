"""What the rules say of a call. Pure: deny first, then ask, then allow; else what is usual for its effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from skills.manifest import Skill
from skills.permissions.act import COMMANDS, UNREADABLE, Act, Declaring
from skills.permissions.matching import (
    alike,
    argv_covered,
    argv_met,
    host_covered,
    host_met,
    may_lie_below,
    path_fits,
    same,
)
from skills.permissions.rules import Rule, Verdict
from workflows.records import dataclass


@dataclass(frozen=True)
class Decision:
    """What is to be done about a call. `rule` is the one that says so, None where it is `why` alone."""

    verdict: Verdict
    why: str
    rule: Rule | None = None

    @property
    def source(self) -> str:
        """Where it comes from."""
        return self.rule.source if self.rule else "no rule"


def decide(rules: Sequence[Rule], act: Act) -> Decision:
    """What the rules say of an act, and by which of them.

    What forbids wins over all; then what must be asked for whatever the rules say; then what a person allowed for this
    run, which answers what would be asked; then rules that ask; then rules that allow.
    """
    for rule in _of("deny", rules):
        if meets(rule, act):
            return Decision("deny", f"denied by {rule.text}", rule)
    only = [rule for rule in _of("only", rules) if alike(act.skill, rule.skill)]
    if only and not any(covers(rule, act) for rule in only):
        return Decision("deny", f"its agent may use it only as {' or '.join(rule.text for rule in only)}", only[0])
    if act.must_ask:
        return Decision("ask", f"always asked: {act.must_ask}")
    for rule in _of("allow", rules):
        if rule.granted and covers(rule, act):
            return Decision("allow", f"allowed for this run by {rule.text}", rule)
    for rule in rules:
        if rule.word in ("deny", "ask") and reaches_below(rule, act):
            return Decision("ask", f"it reaches below a folder in which {rule.word} {rule.text} counts", rule)
    for rule in _of("ask", rules):
        if meets(rule, act):
            return Decision("ask", f"asked by {rule.text}", rule)
    for rule in _of("allow", rules):
        if covers(rule, act):
            return Decision("allow", f"allowed by {rule.text}", rule)
    return usual(act)


def denied_altogether(rules: Iterable[Rule], skill: str) -> Rule | None:
    """The rule that denies a skill whatever it is called with, if there is one."""
    denying = (rule for rule in _of("deny", rules) if not (rule.path or rule.argv or rule.host))
    return next((rule for rule in denying if alike(skill, rule.skill)), None)


def may_ask(rules: Sequence[Rule], skill: Skill) -> bool:
    """Whether a person may be asked about calls of a skill, as far as can be told without knowing any."""
    if denied_altogether(rules, skill.name):
        return False
    if any(alike(skill.name, rule.skill) for rule in _of("ask", rules)):
        return True
    given = skill.parameters.get("properties", {})
    argv = ("?",) if "shell" in skill.touches and any(name in given for name in COMMANDS) else None
    act = Act(skill.name, skill.effect, skill.touches, argv=argv)
    # Of commands a rule may allow any, but none that needs a shell.
    plain = (rule for rule in _of("allow", rules) if not (rule.path or rule.host or rule.argv))
    return usual(act).verdict == "ask" and not any(covers(rule, act) for rule in plain)


def never_asks(rules: Sequence[Rule], skill: Skill) -> bool:
    """Whether nobody is ever asked about calls of a skill, whatever it is called with. May say no where that is so.

    What runs commands, or may write what agents obey, is asked for whatever the rules say; rules that count below a
    folder ask about what reaches there.
    """
    if denied_altogether(rules, skill.name):
        return True
    if any(alike(skill.name, rule.skill) and (rule.word == "ask" or rule.path) for rule in rules if _strict(rule)):
        return False
    given = skill.parameters.get("properties", {})
    commands = "shell" in skill.touches and any(name in given for name in COMMANDS)
    if commands or isinstance(skill.performer, Declaring):
        return False
    if "writes" in skill.touches and skill.effect != "pure":
        return False
    act = Act(skill.name, skill.effect, skill.touches)
    plain = (rule for rule in _of("allow", rules) if not (rule.path or rule.host or rule.argv))
    return usual(act).verdict == "allow" or any(covers(rule, act) for rule in plain)


def _strict(rule: Rule) -> bool:
    return rule.word in ("deny", "ask")


def usual(act: Act) -> Decision:
    """What holds where no rule says anything."""
    if act.effect != "pure":
        return Decision("ask", f"no rule allows it, and it is {act.effect}")
    if "network" in act.touches:
        return Decision("ask", "no rule allows it, and it reaches the network")
    if act.argv and not act.declared:
        return Decision("ask", "no rule allows it, and it runs a command")
    return Decision("allow", "it changes nothing")


def covers(rule: Rule, act: Act) -> bool:
    """Whether a rule that allows (or `only`) covers an act: every part of it, and nothing that cannot be seen."""
    if not same(act.skill, rule.skill):
        return False
    if rule.path and not (act.paths and all(path_fits(path, rule.path) for path in act.paths)):
        return False
    if rule.host and not (
        act.hosts and all(host != UNREADABLE and host_covered(host, rule.host) for host in act.hosts)
    ):
        return False
    if rule.argv:
        return act.argv is not None and argv_covered(act.argv, rule.argv, act.beyond)
    # A command that a model wrote is never covered by the name of the skill that runs it.
    return act.argv is None or act.declared or rule.word == "only"


def meets(rule: Rule, act: Act) -> bool:
    """Whether a rule that forbids or asks meets an act: any part of it."""
    if not alike(act.skill, rule.skill):
        return False
    if rule.path and not any(path_fits(path, rule.path, alike) for path in (*act.paths, *act.named)):
        return False
    if rule.host and not any(host_met(host, rule.host) for host in act.hosts):
        return False
    return not rule.argv or (act.argv is not None and argv_met(act.argv, rule.argv))


def reaches_below(rule: Rule, act: Act) -> bool:
    """Whether an act has to do with a folder below which such a rule may count: what lies there is not named."""
    if not rule.path or not alike(act.skill, rule.skill):
        return False
    return any(may_lie_below(folder, rule.path) for folder in act.folders)


def _of(word: str, rules: Iterable[Rule]) -> Iterable[Rule]:
    return (rule for rule in rules if rule.word == word)
