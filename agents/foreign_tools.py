"""The tools of agents that were written for another program: `Read, Bash(git diff:*)` as skills and rules of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from skills.permissions.rules import Rule, RuleError, Word, parse_rule
from workflows.source import Mapping as Entries
from workflows.source import Node, Report, Scalar
from workflows.source import Sequence as Items

HERE: Mapping[str, str] = {
    "Read": "file.read",
    "Glob": "file.list",
    "LS": "file.list",
    "Grep": "file.search",
    "Write": "file.write",
    "Edit": "file.replace",
    "MultiEdit": "file.replace",
    "Bash": "command",
    "WebFetch": "web.page",
}
"""What a tool of `.claude/agents` is called here. Tools of MCP servers have the same names in both."""

ALL = tuple(dict.fromkeys(HERE.values()))
"""What an agent has there that names no tools; what it may do with them is decided by permissions, as always."""

HANDING_OVER = frozenset({"Agent", "Task"})
_HANDING_OVER = re.compile(r"(?:Agent|Task)\((.*)\)")
"""The tool by which an agent has others work for it there, with the names of those it may choose from."""

_IN_PART = re.compile(r"(\w+)\((.*)\)")


def tools_of(words: Iterable[str], source: str) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """The skills that these tools are here, and a rule `only` for each that is given in part.

    A tool that is not here keeps its name, so that its refusal says so.
    """
    return _taken(words, "only", source)


def agents_of(words: Iterable[str], denied: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tools without those that hand over to agents, and the agents that these name and none of `denied` takes away.

    One that names none stays: whom it may choose from is not said.
    """
    words, denied = tuple(words), tuple(denied)
    less = () if HANDING_OVER.isdisjoint(denied) else tuple(_agents_in(words))
    names = [name for name in _agents_in(words) if name not in (*less, *_agents_in(denied))]
    return tuple(word for word in words if not _HANDING_OVER.fullmatch(word)), tuple(dict.fromkeys(names))


def servers_of(node: Node | None, report: Report) -> tuple[str, ...]:
    """All tools of the MCP servers that `mcpServers` names, as a tool list has them.

    What starts a server stands in `.mcp.json` and is accepted there: a definition in an agent's file is only named.
    """
    names: list[str] = []
    items = node.items if isinstance(node, Items) else (node,) if node else ()
    for item in items:
        if isinstance(item, Entries):
            for key, _ in item.entries:
                message = f"the definition of the MCP server '{key.text}' is not used here"
                report(key, "not-used", message, "write it into .mcp.json, then `understudy mcp accept`", warning=True)
                names.append(key.text)
        elif isinstance(item, Scalar) and item.text:
            names += [name.strip() for name in item.text.split(",") if name.strip()]
    if not names:
        return ()
    from skills.mcp.config import key_of  # few agents name one

    return tuple(f"mcp__{key_of(name)}" for name in dict.fromkeys(names))


def _agents_in(words: Iterable[str]) -> list[str]:
    parts = (match[1].split(",") for word in words if (match := _HANDING_OVER.fullmatch(word)))
    return [name.strip() for part in parts for name in part if name.strip()]


def denials_of(words: Iterable[str], source: str) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """The skills that are denied whole, and a rule for each that is denied in part."""
    words = tuple(words)
    names, rules = _taken(words, "deny", source)
    parted = {rule.skill for rule in rules}
    return tuple(name for name in names if name not in parted or _whole(name, words)), rules


def _taken(words: Iterable[str], word: Word, source: str) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    names: dict[str, None] = {}
    rules: list[Rule] = []
    for tool in words:
        part = _IN_PART.fullmatch(tool)
        rule = _rule(part[1], part[2], word, source) if part else None
        if rule is not None:
            rules.append(rule)
        names[rule.skill if rule else HERE.get(tool, tool)] = None
    return tuple(names), tuple(rules)


def _whole(name: str, words: Iterable[str]) -> bool:
    return any(HERE.get(tool, tool) == name for tool in words)


def _rule(tool: str, part: str, word: Word, source: str) -> Rule | None:
    """The rule for a tool that is given in part; None for one that has no such form here."""
    skill = HERE.get(tool)
    if skill is None:
        return None
    if skill == "command":
        # `git diff:*` is whatever begins so; without it, exactly this.
        beginning = part.removesuffix(":*")
        text = f"argv={beginning} **" if beginning != part else f"argv={part}"
    elif skill == "web.page":
        text = f"host={part.removeprefix('domain:')}"
    else:
        text = f"path={part.removeprefix('./')}"
    try:
        return parse_rule(word, f"{skill}({text})", source)
    except RuleError:
        return None
