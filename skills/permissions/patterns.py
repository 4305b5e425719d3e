"""The pattern that a person is offered to allow for a run: what the call does, and its like."""

from __future__ import annotations

import re

from skills.permissions.act import UNREADABLE, Act
from skills.permissions.decide import covers
from skills.permissions.matching import is_option
from skills.permissions.programs import subcommand_of
from skills.permissions.rules import MOST, Rule, RuleError, parse_rule

FOR_THE_RUN = "allowed for this run"

_WORD = re.compile(r"[A-Za-z][\w.-]*")

SCRIPTS = "skill.run"


def pattern_for(act: Act) -> str:
    """A rule that covers this act and its like: the same command with other operands, files of the same folder, the
    same host. Empty where none could be stated that a person can judge, or none may be."""
    if act.must_ask or len(act.hosts) > 1 or UNREADABLE in act.hosts:
        return ""
    path = _of_paths(act)
    if path is None:
        return ""
    # What runs a declared command can be allowed by its name: a person wrote it.
    argv = _of_argv(act.argv, act.skill == SCRIPTS) if act.argv and not act.declared else ()
    rule = Rule("allow", _literal(act.skill), path, argv, _literal(act.hosts[0]) if act.hosts else "", granted=True)
    try:
        read = parse_rule("allow", rule.text, granted=True)
    except RuleError:
        return ""  # a name that no rule can hold
    return rule.text if len(rule.text) <= MOST and covers(read, act) else ""


def _of_paths(act: Act) -> str | None:
    """The folder of all paths with what is below it; the path itself of what lies at the top. None for no pattern."""
    if not act.paths:
        return ""
    if len(act.paths) == 1 and (act.paths[0] in act.folders or "/" not in act.paths[0]):
        name = _literal(act.paths[0])
        return f"{name}/**" if act.paths[0] in act.folders and act.paths[0] != "." else name
    shared: list[str] = []
    for parts in zip(*(path.split("/")[:-1] for path in act.paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(_literal(parts[0]))
    return "/".join([*shared, "**"]) if shared else None


def _of_argv(argv: tuple[str, ...], script: bool) -> tuple[str, ...]:
    """The program, its subcommand, and any operands; the very command where there are options or no subcommand, or
    where what follows may be another program. A script of a skill needs no subcommand: it is no other by its operands.
    """
    words = (1 + (len(argv) > 1 and _WORD.fullmatch(argv[1]) is not None)) if script else subcommand_of(argv, _WORD)
    if not words or any(map(is_option, argv[1:])):
        return tuple(map(_literal, argv))
    return (*map(_literal, argv[:words]), "**")


def _literal(text: str) -> str:
    """A pattern that only this text fits."""
    return re.sub(r"([*?\[])", r"[\1]", text) if text != "..." else "[.].."
