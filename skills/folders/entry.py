"""The script by which a skill folder can be called like a function: what `metadata` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from skills.commands.declared import Output
from skills.declare import TOUCHES
from skills.folders.front import Front
from workflows.definition.durations import seconds
from workflows.diagnostics import suggest
from workflows.effects import Effect
from workflows.records import dataclass
from workflows.source import Mapping as MappingNode
from workflows.source import Node
from workflows.values import Json

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "args": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "The arguments of the script, one item each.",
        },
        "stdin": {"type": ["string", "null"], "default": None, "description": "What it reads from its input."},
    },
    "required": [],
    "additionalProperties": False,
}
"""What a skill folder is called with."""

USUAL_TIMEOUT = 600.0
"""Seconds."""


@dataclass(frozen=True)
class Entry:
    """The script that a step runs, with what a call of it does."""

    script: str
    effect: Effect = "unsafe"
    touches: frozenset[str] = TOUCHES
    output: Output = "text"
    timeout: float = USUAL_TIMEOUT

    @property
    def returns(self) -> str:
        return f"what {self.script} wrote, as {self.output}"


def read_entry(front: Front, files: Mapping[str, str]) -> Entry | None:
    """What the front matter declares; None where it declares nothing, or it is wrong, which is said."""
    metadata, before = front.metadata, len(front.found)
    script = metadata.get("understudy-run")
    if script is None:
        return None
    if not isinstance(script, str) or script not in files:
        there = [name for name in files if name.startswith("scripts/")]
        hint = suggest(str(script), files) or (f"there is {', '.join(there[:5])}" if there else "put it into scripts/")
        _say(front, "understudy-run", f"'{script}' is no file of this skill", hint)
    values: dict[str, Any] = {"script": script}
    if (effect := metadata.get("understudy-effect")) is not None:
        values["effect"] = effect
        if effect not in get_args(Effect):
            _say(front, "understudy-effect", f"'{effect}' is no effect", f"one of {', '.join(get_args(Effect))}")
    if (touches := metadata.get("understudy-touches")) is not None:
        words = frozenset(str(touches).split())
        values["touches"] = words | {"shell"}
        if not words <= TOUCHES:
            _say(front, "understudy-touches", f"'{touches}' is more than {' '.join(sorted(TOUCHES))}")
    if (output := metadata.get("understudy-output")) is not None:
        values["output"] = output
        if output not in get_args(Output):
            _say(front, "understudy-output", f"'{output}' is no output", f"one of {', '.join(get_args(Output))}")
    if (timeout := metadata.get("understudy-timeout")) is not None:
        try:
            values["timeout"] = seconds(str(timeout))
        except ValueError:
            _say(front, "understudy-timeout", f"'{timeout}' is no duration", "such as 30s or 5m")
    return Entry(**values) if len(front.found) == before else None


def _say(front: Front, key: str, message: str, hint: str = "") -> None:
    metadata = front.places["metadata"]
    node: Node | None = metadata.get(key) if isinstance(metadata, MappingNode) else None
    front.say(node or metadata, "skill-metadata", message, hint)
