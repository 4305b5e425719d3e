"""A server's tools as skills: names that can be told apart, texts that are only data, schemas that can be relied on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skills.declare import Touch
from skills.manifest import Performer, Skill
from skills.mcp.config import ServerConfig
from skills.mcp.pins import Offer
from workflows.effects import Effect
from workflows.records import dataclass
from workflows.text import safe_json, safe_text
from workflows.values import Json, canonical, digest

MOST_TOOLS = 200
LARGEST_TOOL = 64 * 1024
"""Bytes of one tool, as JSON."""

LARGEST_OFFER = 2 * 1024 * 1024
"""Bytes of all tools of a server together."""

LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1000

RETURNS = "text; data, where the tool gives structured data; files, where it gives images, sound or resources"

_DEEPEST = 24
_NAMED = ("properties", "$defs", "definitions", "dependentSchemas")
"""Keywords below which keys are names of the schema's own."""

_DATA = ("enum", "const", "default", "examples")
_LEFT_OUT = ("pattern", "patternProperties", "format", "$schema", "$id", "$anchor", "$comment", "$dynamicAnchor")
"""Keywords that are not checked here: patterns of others can take for ever, and `format` has a meaning of ours."""


@dataclass(frozen=True)
class Tool:
    """A tool that can be used: the name that its server knows, and the skill that it is."""

    name: str
    skill: Skill


@dataclass(frozen=True)
class Refused:
    """A tool that cannot be used, and why."""

    name: str
    why: str


def offer_of(tools: Sequence[Mapping[str, Json]], about: Mapping[str, Json]) -> Offer:
    """What a server listed, small enough to keep. What is wrong with a tool is said in it, as `refused`.

    Imports the library that checks schemas: not for the loop's own thread.
    """
    named = sorted(tools, key=lambda tool: str(tool.get("name", "")))
    kept: list[Mapping[str, Json]] = []
    names: set[str] = set()
    total = 0
    for tool in named[:MOST_TOOLS]:
        name = safe_text(str(tool.get("name", "")), limit=128)
        size = len(canonical(dict(tool)))
        if name in names:
            why = "the server lists it twice"
        elif size > LARGEST_TOOL:
            why = f"its description and schema have {size // 1024} KB; {LARGEST_TOOL // 1024} are read"
        elif total + size > LARGEST_OFFER:
            why = f"the tools before it have {LARGEST_OFFER // 1024**2} MB together, which is all that is read"
        elif not name.strip():
            why = "it has no name"
        else:
            why = _wrong_schema(tool.get("inputSchema"))
        names.add(name)
        total += 0 if why else size
        kept.append({"name": name, "refused": why, "digest": digest(dict(tool))} if why else dict(tool))
    if rest := [dict(tool) for tool in named[MOST_TOOLS:]]:
        why = f"the server has {len(rest)} tools more than the {MOST_TOOLS} that are read"
        kept.append({"name": "(others)", "refused": why, "digest": digest(rest)})
    return Offer(tuple(kept), safe_json(dict(about), limit=200))


def tools_of(
    config: ServerConfig, offer: Offer, hints: bool, trusted: bool, performer: Performer
) -> Iterator[Tool | Refused]:
    """The tools of an offer. With `hints` the server is believed where it says that a tool changes nothing."""
    taken: set[str] = set()
    for tool in offer.tools:
        raw = str(tool["name"])
        if why := tool.get("refused"):
            yield Refused(raw, str(why))
            continue
        schema = clean_schema(tool.get("inputSchema"))
        if isinstance(schema, str):
            yield Refused(safe_text(raw, limit=128), schema)
            continue
        name = skill_name(config.key, raw)
        if name in taken:
            name = _marked(name, raw)
        taken.add(name)
        effect, touches = effect_of(tool.get("annotations"), hints=hints)
        skill = Skill(
            name=name,
            description=_description(config, tool),
            parameters=schema,
            returns=RETURNS,
            effect=effect,
            touches=touches,
            digest=digest(config.digest, dict(tool), effect),
            scope=config.file.scope,
            path=None,
            trusted=trusted,
            asynchronous=True,
            execution="process",
            kind="mcp",
            performer=performer,
        )
        yield Tool(raw, skill)


def skill_name(key: str, tool: str) -> str:
    """`mcp__SERVER__TOOL`, as other clients call it, of letters, digits, `_` and `-`, at most 64 of them."""
    clean = re.sub(r"[^A-Za-z0-9_-]", "_", tool)
    name = f"mcp__{key}__{clean}"
    return (
        name
        if clean == tool and len(name) <= LONGEST_NAME
        else _marked(name, tool)
        if len(name) > LONGEST_NAME
        else name
    )


def prefix_of(key: str) -> str:
    """What the names of all tools of a server begin with."""
    return f"mcp__{key}__"


def effect_of(annotations: Json, *, hints: bool) -> tuple[Effect, frozenset[Touch]]:
    """What a call does. Hints are the server's own words: without trust in them, a call may do anything."""
    everything: set[Touch] = {"reads", "writes", "network"}
    if not hints or not isinstance(annotations, Mapping):
        return "unsafe", frozenset(everything)
    if annotations.get("openWorldHint") is False:
        everything.discard("network")
    if annotations.get("readOnlyHint") is True:
        everything.discard("writes")
        return "pure", frozenset(everything)
    return ("idempotent" if annotations.get("idempotentHint") is True else "unsafe"), frozenset(everything)


def clean_schema(schema: Json) -> dict[str, Json] | str:
    """The schema of a tool's arguments as it is used here, or why it cannot be."""
    try:
        found = _clean(schema if schema is not None else {}, 0)
    except _Unusable as error:
        return str(error)
    if not isinstance(found, dict) or found.setdefault("type", "object") != "object":
        return "its arguments are no object"
    if not isinstance(found.setdefault("properties", {}), dict) or not isinstance(found.get("required", []), list):
        return "its schema is none"
    return found


class _Unusable(Exception):
    """Why a schema cannot be used."""


def _clean(schema: Any, depth: int) -> Any:
    """A schema with only what is checked here, every text in it cleaned."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if not isinstance(schema, Mapping):
        raise _Unusable("its schema is none")
    if depth > _DEEPEST:
        raise _Unusable(f"its schema is nested more than {_DEEPEST} deep")
    clean: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _LEFT_OUT:
            continue
        if key in ("$ref", "$dynamicRef") and not (isinstance(value, str) and value.startswith("#")):
            raise _Unusable("its schema refers to another document")
        if key in _NAMED and isinstance(value, Mapping):
            if any(safe_text(name) != name or not name for name in value):
                raise _Unusable("its schema has a name that cannot be shown")
            clean[key] = {name: _clean(each, depth + 1) for name, each in value.items()}
        elif key in _DATA or not isinstance(value, (Mapping, list)):
            text = isinstance(value, str) and key in ("description", "title")
            clean[key] = safe_text(value, limit=LONGEST_DESCRIPTION) if text else safe_json(value)
        elif isinstance(value, Mapping):
            clean[key] = _clean(value, depth + 1)
        else:
            clean[key] = [_clean(each, depth + 1) if isinstance(each, Mapping) else safe_json(each) for each in value]
    if "patternProperties" in schema:
        clean.pop("additionalProperties", None)  # what is left out here would be forbidden by it
    return clean


def _wrong_schema(schema: Json) -> str:
    """Why a schema cannot be used; empty where it can."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    clean = clean_schema(schema)
    if isinstance(clean, str):
        return clean
    try:
        Draft202012Validator.check_schema(clean)
    except SchemaError as error:
        return safe_text(f"its schema is wrong: {error.message}", limit=200)
    except RecursionError:
        return "its schema is nested too deep"
    return ""


def _marked(name: str, raw: str) -> str:
    return f"{name[: LONGEST_NAME - 7]}_{digest(raw)[:6]}"


def _description(config: ServerConfig, tool: Mapping[str, Json]) -> str:
    said = " ".join(safe_text(str(tool.get("description") or tool.get("title") or ""), max_line=None).split())
    if not said:
        return f"A tool of the MCP server {config.name}, which says nothing of it."
    short = said if len(said) <= LONGEST_DESCRIPTION else said[: LONGEST_DESCRIPTION - 1] + "…"
    return f"The MCP server {config.name} says of it: {short}"
