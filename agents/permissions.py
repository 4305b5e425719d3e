"""What an agent's own file says of its tools: it may only narrow what the settings allow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from skills.permissions.rules import Rule, RuleError, Word, parse_rule
from workflows.source import Mapping as MappingNode
from workflows.source import Node, Report, Scalar
from workflows.source import Sequence as SequenceNode

WORDS: Mapping[str, Word] = {"ask": "ask", "deny": "deny"}

_IN_PART = re.compile(r"\(\s*(path|argv|host)\s*=")
"""In brackets other programs write other things; a tool that is written so is one that nobody knows here."""

HOW = "write `permissions: {deny: [RULE, …], ask: [RULE, …]}`"


def parted(tools: Sequence[str], source: str) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """The names of tools, and the rules of those that are only given in part: `file.write(path=docs/**)`.

    Raises RuleError for one that cannot be read.
    """
    given = {tool: parse_rule("only", tool, source) for tool in tools if _IN_PART.search(tool)}
    return tuple(dict.fromkeys(given[tool].skill if tool in given else tool for tool in tools)), tuple(given.values())


def read_permissions(node: Node | None, source: str, tell: Report) -> tuple[Rule, ...]:
    """The rules under `permissions`. What would allow is an error: nobody gives themselves leave."""
    if node is None:
        return ()
    if not isinstance(node, MappingNode):
        tell(node, "wrong-type", "permissions must be a mapping", HOW)
        return ()
    rules: list[Rule] = []
    for key, value in node.entries:
        if key.text == "allow":
            hint = "allow it in your settings, or ask for less: deny and ask may stand here"
            tell(key, "not-allowed", "an agent's own file can allow nothing", hint)
        elif key.text not in WORDS:
            tell(key, "unknown-key", f"unknown key '{key.text}' in permissions", HOW)
        else:
            rules += _rules(WORDS[key.text], value, source, tell)
    return tuple(rules)


def _rules(word: Word, node: Node, source: str, tell: Report) -> list[Rule]:
    items = node.items if isinstance(node, SequenceNode) else [node]
    found = []
    for item in items:
        if not isinstance(item, Scalar):
            tell(item, "wrong-type", f"{word} must be a list of rules", HOW)
            continue
        try:
            found.append(parse_rule(word, item.text, source))
        except RuleError as error:
            tell(item, "bad-rule", error.message, error.hint)
    return found
