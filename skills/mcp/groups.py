"""`mcp__SERVER` and `mcp__SERVER__*` in a list of tools: all tools of a server. Imports nothing: every agent asks."""

from __future__ import annotations

from collections.abc import Iterable


def spread(tools: Iterable[str], skills: Iterable[str]) -> tuple[str, ...]:
    """The tools with those of a server in the place of its name, each once. A server without any keeps its name."""
    named: dict[str, None] = {}
    for tool in tools:
        start = _start(tool)
        members = sorted(name for name in skills if name.startswith(start)) if start else []
        named.update(dict.fromkeys(members or [tool]))
    return tuple(named)


def _start(tool: str) -> str:
    """What the names of a server's tools begin with; empty where the tool is one itself."""
    if not tool.startswith("mcp__"):
        return ""
    if tool.endswith("__*"):
        return tool[:-1]
    return f"{tool}__" if "__" not in tool.removeprefix("mcp__") else ""
