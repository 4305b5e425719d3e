"""The chat protocol on the wire: requests as OpenAI writes them, and an answer put together from its deltas."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import field
from typing import Any

from agents.models.port import Image, Message, Request, ToolCall
from workflows.records import dataclass
from workflows.values import Json, canonical, kind_of


def messages_of(request: Request) -> list[dict[str, Json]]:
    return [_message(message) for message in request.messages]


def tools_of(request: Request) -> list[dict[str, Json]]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in request.tools
    ]


def format_of(request: Request) -> dict[str, Json] | None:
    """What the answer must look like. Not strict: that would refuse every schema with anything optional."""
    if request.schema is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": request.schema, "strict": False}}


def _message(message: Message) -> dict[str, Json]:
    written: dict[str, Json] = {"role": message.role, "content": message.content}
    if message.images:
        written["content"] = [{"type": "text", "text": message.content}, *map(_image, message.images)]
    if message.role == "tool":
        written["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name or "unnamed", "arguments": canonical(call.arguments)},
            }
            for call in message.tool_calls
        ]
    return written


def _image(image: Image) -> Json:
    return {"type": "image_url", "image_url": {"url": f"data:{image.media};base64,{b64encode(image.data).decode()}"}}


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Answer:
    """An answer as it arrives. `add` takes one delta and returns its text."""

    texts: list[str] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    size: int = 0
    """Characters so far."""

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def add(self, delta: Any) -> str:
        for position, part in enumerate(getattr(delta, "tool_calls", None) or ()):
            index = getattr(part, "index", None)
            call = self.calls.setdefault(position if index is None else index, _Call())
            function = getattr(part, "function", None)
            call.id = call.id or _text(getattr(part, "id", None))
            call.name += _text(getattr(function, "name", None))
            piece = _text(getattr(function, "arguments", None))
            call.arguments += piece
            self.size += len(piece)
        text = _text(getattr(delta, "content", None))
        if text:
            self.texts.append(text)
            self.size += len(text)
        return text

    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls in order, each with an id of its own and, where it cannot be used, a fault."""
        finished: list[ToolCall] = []
        taken: set[str] = set()
        for number, (_, call) in enumerate(sorted(self.calls.items()), start=1):
            name = call.id if call.id and call.id not in taken else f"call_{number}"
            taken.add(name)
            finished.append(tool_call(name, call.name, call.arguments))
        return tuple(finished)


def tool_call(id: str, name: str, text: str) -> ToolCall:  # noqa: A002 - the protocol's word
    """A tool call from the text of its arguments, which must be a JSON object; no text at all means no arguments."""
    fault = "" if name else "The call names no tool."
    try:
        arguments = json.loads(text, parse_constant=_refuse) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        return ToolCall(id, name, {}, fault or f"The arguments are not valid JSON: {error}.")
    if not isinstance(arguments, dict):
        return ToolCall(id, name, {}, fault or f"The arguments are {kind_of(arguments)}, not a JSON object.")
    return ToolCall(id, name, {} if fault else arguments, fault)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")
