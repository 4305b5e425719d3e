"""The keys of an agent's front matter and the shapes of their values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workflows.definition.shapes import Free, Holds, Shape, Span, Text, Truth, Whole, wrong
from workflows.records import dataclass
from workflows.source import Node, Report, Scalar, number
from workflows.source import Sequence as SequenceNode
from workflows.values import Json

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_WORD = re.compile(r"(?:[^,(]|\([^)]*\))+")


@dataclass(frozen=True)
class Words:
    """Names, as a list or as one text with commas between them. A comma within brackets parts nothing."""

    wanted: str = "a list of names"
    holds: Holds = ""

    def blank(self) -> tuple[str, ...]:
        return ()

    def read(self, node: Node, key: str, report: Report) -> tuple[str, ...]:
        if isinstance(node, Scalar):
            return tuple(word.strip() for word in _WORD.findall(node.text) if word.strip())
        if isinstance(node, SequenceNode) and all(isinstance(item, Scalar) and item.text for item in node.items):
            return tuple(item.text for item in node.items if isinstance(item, Scalar))
        return tuple(wrong(self, node, key, report))

    def schema(self) -> Json:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}


@dataclass(frozen=True)
class Models(Words):
    """Names of models, at least one. Which are used is known before a run."""

    wanted: str = "the name of a model, or a list of those that take over from each other"

    def read(self, node: Node, key: str, report: Report) -> tuple[str, ...]:
        names = super().read(node, key, report)
        if not names or any("${{" in name for name in names):
            return tuple(wrong(self, node, key, report))
        return names


@dataclass(frozen=True)
class Between:
    """A number from `least` to `most`, both included."""

    least: float
    most: float
    holds: Holds = ""

    @property
    def wanted(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"

    def blank(self) -> float:
        return self.least

    def read(self, node: Node, key: str, report: Report) -> float:
        try:
            value = number(node.text) if isinstance(node, Scalar) and node.plain else None
        except ValueError:
            value = None
        return value if value is not None and self.least <= value <= self.most else wrong(self, node, key, report)

    def schema(self) -> Json:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


FIELDS: Mapping[str, Shape] = {
    "name": Text(pattern=NAME, wanted="a name (letters, digits, '-', '_' and '.')"),
    "description": Text(pattern=r"\s*\S.*", wanted="a text that says when to use the agent"),
    "model": Models(),
    "fallback_models": Models(),
    "tools": Words(),
    "disallowed_tools": Words(),
    "skills": Words(),
    "agents": Words(),
    "fallback": Words(),
    "max_turns": Whole(1),
    "max_tokens": Whole(1),
    "max_total_tokens": Whole(1),
    "turn_timeout": Span(),
    "idle_timeout": Span(),
    "context_window": Whole(1000),
    "images": Truth(),
    "temperature": Between(0, 2),
    "output_schema": Free(mapping=True),
    "script": Free(),
    "permissions": Free(),
}

REQUIRED = ("name", "description")

RENAMED: Mapping[str, str] = {
    "maxTurns": "max_turns",
    "disallowedTools": "disallowed_tools",
}
"""Keys of `.claude/agents` that mean one of ours."""

SERVERS = "mcpServers"
"""The key of `.claude/agents` whose servers' tools an agent has besides its `tools`."""

UNUSED: Mapping[str, str] = {
    "permissionMode": "what an agent may do is decided here, never by its file",
    "hooks": "",
    "memory": "",
    "background": "",
    "effort": "",
    "isolation": "",
    "initialPrompt": "",
    "color": "",
}
"""Keys of `.claude/agents` that are known and not acted on, with the reason where there is one to tell."""

NOT_YET: Mapping[str, str] = {
    "fallback": "name the understudies in the step's own 'fallback'",
}
"""Keys of ours that nothing acts on so far, and what to do instead."""
