"""The port to language models: one request, one reply, text as it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Literal, Protocol

from workflows.effects import Usage
from workflows.records import dataclass
from workflows.values import Json


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a model sees it. `parameters` is the JSON Schema of an object."""

    name: str
    description: str
    parameters: Json


@dataclass(frozen=True)
class ToolCall:
    """A model's wish to call a tool. `arguments` is a JSON object; `fault` says why it is not usable, if it is not."""

    id: str
    name: str
    arguments: Json
    fault: str = ""


@dataclass(frozen=True)
class Image:
    """An image beside a message. `media` is its type, such as `image/png`, `size` its bytes. `data` is there once the
    request is about to be sent."""

    name: str
    media: str
    sha256: str
    size: int
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Message:
    """One message of a conversation. A `tool` message answers the call named by `tool_call_id`; a `user` message may
    have images."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is asked of a model. `model` is its full name; `deadline` and `idle` are seconds.

    `schema` is the JSON Schema that the answer's text must fit, as JSON: only for models that are known to keep to one.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    deadline: float = 120.0
    idle: float = 60.0
    schema: Json = None


@dataclass(frozen=True)
class Reply:
    """A complete answer: text, tool calls, or both."""

    text: str
    usage: Usage
    tool_calls: tuple[ToolCall, ...] = ()


class Model(Protocol):
    """Answers requests for the model names it is registered for."""

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        """Answer the request, handing text to `on_text` as it arrives.

        Raises CallFailed with the failure's class decided (see workflows.errors): what may be repeated is transient,
        rate_limited or timeout. A truncated, empty or malformed answer is never returned as if it were whole.
        """
        ...
