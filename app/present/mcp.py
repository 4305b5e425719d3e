"""What is told of MCP servers: their state in a word, what they have, and what has changed since it was accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from app.present.figures import plural
from skills.difference import unified
from workflows.records import dataclass
from workflows.text import one_line, safe_json, safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from skills.mcp.known import Known
    from skills.mcp.pins import Offer

WORDS: Mapping[str, str] = {
    "ready": "✓ ready",
    "untrusted": "! not trusted",
    "new": "! not accepted yet",
    "changed": "✗ held back: changed",
    "unset": "✗ held back: a variable is not set",
    "off": "– off",
    "broken": "✗ its entry is wrong",
    "hidden": "– hidden",
}

EXAMPLE = """\
{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}"""

_LONGEST_DIFF = 6000


@dataclass(frozen=True)
class Change:
    """One tool that is not what was accepted. `diff` is its text before and after."""

    what: str
    tool: str
    diff: str


def changes(before: Offer | None, after: Offer) -> Iterator[Change]:
    """How the tools of a server differ from those that were accepted, in the order of their names."""
    old = {str(tool["name"]): tool for tool in before.tools} if before else {}
    new = {str(tool["name"]): tool for tool in after.tools}
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        what = "added" if name not in old else "removed" if name not in new else "changed"
        diff = unified(_text(old.get(name)), _text(new.get(name)), "accepted", "now") if what == "changed" else ""
        yield Change(what, safe_text(name), safe_text(diff, limit=_LONGEST_DIFF))


def effects(known: Known) -> Iterator[tuple[str, str, str]]:
    """Name, effect and description of every tool that can be used."""
    for skill in known.skills:
        yield skill.name, skill.effect, one_line(skill.description.partition(" says of it: ")[2] or "–", 90)


def offered(offer: Offer) -> Iterator[tuple[str, str]]:
    """Name and description of every tool that a server has, in its own words; for one that is refused, why."""
    for tool in offer.tools:
        said = f"✗ refused: {tool['refused']}" if tool.get("refused") else str(tool.get("description") or "–")
        yield safe_text(str(tool["name"])), one_line(said, 100)


def about(offer: Offer) -> str:
    """What a server says it is, and how much it has."""
    name = " ".join(str(part) for part in (offer.about.get("name", ""), offer.about.get("version", "")) if part)
    return one_line(f"{name or 'it does not say what it is'}: {plural(len(offer.tools), 'tool')}", 120)


def started(known: Known) -> str:
    """What an entry starts or reaches, in one line as written."""
    return "" if known.config is None else one_line(known.config.summary, 200)


def change_lines(known: Known, offer: Offer) -> Iterator[str]:
    """What an acceptance would change: all tools of a server that was never accepted, else what is another one."""
    accepted = known.pin.accepted if known.pin else None
    if accepted is None:
        for tool, words in offered(offer):
            yield f"  {tool}: {words}"
        return
    for change in changes(accepted, offer):
        yield f"{change.what}: {change.tool}"
        for line in change.diff.splitlines():
            yield f"  {line}"


def start_lines(known: Known) -> Iterator[str]:
    """What starting a server would do, for whoever is to say yes."""
    config = known.config
    if config is None:
        return
    yield f"{'It reaches' if config.transport == 'http' else 'It starts, as you'}: {started(known)}"
    yield f"Its entry is {config.place}; it reads {', '.join(config.reads) or 'none of your variables'}."


def entry_lines(known: Known) -> Iterator[str]:
    """What its entry says, and when its tools were accepted."""
    if config := known.config:
        yield f"entry: {config.place}"
        yield f"{'reaches' if config.transport == 'http' else 'starts'}: {started(known)}"
        yield f"reads from the environment: {', '.join(config.reads) or 'nothing of yours'}"
        if config.ignored:
            yield f"not used here: {one_line(', '.join(config.ignored), 200)}"
    if known.pin and known.pin.accepted:
        yield f"accepted: {when(known.pin.at)}, {about(known.pin.accepted)}"


def document(known: Known) -> Json:
    """One server, for tools."""
    config, pin = known.config, known.pin
    now = pin.offered if pin else None
    return safe_json(
        {
            "name": known.name,
            "state": known.state,
            "why": known.why,
            "next": known.hint,
            "scope": known.file.scope if known.file else None,
            "file": str(known.file.path) if known.file else None,
            "line": config.line if config else None,
            "transport": config.transport if config else None,
            "starts": config.summary if config else None,
            "reads": list(config.reads) if config else [],
            "ignored_keys": list(config.ignored) if config else [],
            "accepted_at": pin.at if pin and pin.accepted else None,
            "tools": [
                {
                    "name": skill.name,
                    "effect": skill.effect,
                    "description": skill.description,
                    "schema": skill.parameters,
                }
                for skill in known.skills
            ],
            "refused": [{"tool": each.name, "why": each.why} for each in known.refused],
            "changes": [
                {"what": each.what, "tool": each.tool, "diff": each.diff}
                for each in (changes(pin.accepted, now) if pin and now else ())
            ],
        }
    )


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _text(tool: Mapping[str, Json] | None) -> str:
    return "" if tool is None else json.dumps(tool, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
