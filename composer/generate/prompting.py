"""What a model is asked: the words of `prompts/*.md`, with what exists here, request and draft put in as data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.models.port import Message
from composer.inventory import Inventory
from workflows.records import dataclass
from workflows.text import safe_text
from workflows.values import Json

FOLDER = Path(__file__).parent / "prompts"

LONGEST_REQUEST = 8_000
"""Characters of a request. What is longer keeps its head and its tail."""

_MARKS = re.compile(r"</?(?:data|request|draft)\b[^>]*>", re.IGNORECASE)
"""The marks that data stands between: none of it may end them early."""


@dataclass(frozen=True)
class Brief:
    """What is to be written. `before` is the draft that is to be changed, "" for a new one.

    `demands` are what the person said must hold, in words; `why` is what went wrong, where that is to be mended.
    """

    request: str
    inventory: Inventory
    before: str = ""
    demands: tuple[str, ...] = ()
    why: str = ""


def messages_for(brief: Brief) -> tuple[Message, ...]:
    """The conversation up to the first answer."""
    system = _filled("draft", {"inventory": brief.inventory.text(brief.request)})
    values = {
        "request": safe_text(brief.request, limit=LONGEST_REQUEST),
        "draft": brief.before,
        "demands": _listed("What the person demands, and the draft must have:", brief.demands),
        "why": brief.why,
    }
    return Message("system", system), Message("user", _filled("turn" if brief.before else "request", values))


def ask_again(messages: tuple[Message, ...], said: str, problems: Sequence[str]) -> tuple[Message, ...]:
    """The same and the answer, with what is wrong with it. Only the newest answer is kept: each has all of the work."""
    return (
        *messages[:2],
        Message("assistant", said),
        Message("user", _filled("repair", {"problems": "\n".join(f"- {problem}" for problem in problems)})),
    )


def answer_schema(inventory: Inventory) -> Json:
    """The JSON Schema of an answer, for models that keep to one: with the names that there are, and no others."""
    text: Json = {"type": "string"}
    step = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "type": {"enum": list(inventory.kinds)},
            **{what: {"enum": list(inventory.named(what))} for what in ("skill", "workflow") if inventory.named(what)},
            **({"agent": {"enum": list(inventory.named("agent"))}} if inventory.named("agent") else {}),
        },
        "required": ["id", "type"],
    }
    steps = {"type": "array", "minItems": 1, "items": step}
    stage = {
        "type": "object",
        "properties": {"name": text, "parallel": {"type": "boolean"}, "steps": steps},
        "required": ["name", "steps"],
    }
    workflow = {
        "type": "object",
        "properties": {"name": text, "description": text, "stages": {"type": "array", "items": stage}, "steps": steps},
        "required": ["name"],
    }
    return {
        "type": "object",
        "properties": {
            "workflow": workflow,
            "questions": {"type": "array", "items": text, "maxItems": 3},
            "declined": text,
        },
    }


def _listed(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)]) if lines else ""


def _filled(name: str, values: Mapping[str, str]) -> str:
    """A prompt with its places filled. Data is never read as a prompt: its own places and marks stay text."""
    text = _prompt(name)
    inert = {key: _MARKS.sub("[mark]", value) for key, value in values.items()}
    return re.sub(r"\{(\w+)\}", lambda found: inert.get(found[1], found[0]), text).strip()


def _prompt(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
