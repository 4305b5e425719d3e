"""Making room in a conversation that is longer than its model can read: what tools said long ago gives way first.

Only what tools returned is ever cut. The prompt, the task, what the model itself said, and every call together with an
answer to it stay, so no provider sees a call without its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agents.models.port import Message, Request
from workflows.records import dataclass
from workflows.values import canonical

BYTES = 3
"""Bytes of UTF-8 that are taken for a token. Prose has more to a token, dense data fewer."""

AROUND = 8
"""Tokens around each message and each tool, about."""

ANSWER = 4096
"""Tokens that are kept free for the answer, where the agent does not say how many it may have."""

IMAGE = 1600
"""Tokens of an image, about."""

SHORT = 2000
"""Characters that are left of a result which the model has not read yet, where there is no other way."""


@dataclass(frozen=True)
class Trimmed:
    """The request as it fits. `cut` results are gone from it, `shortened` ones have lost their middle."""

    request: Request
    cut: int = 0
    shortened: int = 0

    def __str__(self) -> str:
        parts = [f"{self.cut} older tool result{'s' * (self.cut != 1)} cut"] if self.cut else []
        parts += [f"{self.shortened} new tool result{'s' * (self.shortened != 1)} shortened"] if self.shortened else []
        return f"{' and '.join(parts)} to make room in what {self.request.model} can read"


def trimmed(request: Request, window: int | None, stays: Callable[[str], bool] = lambda tool: False) -> Trimmed:
    """The request cut down to `window` tokens, its answer included, as far as tool results allow.

    The oldest results give way first; those the model has not read yet come last, and keep their head and tail. What
    `stays` says of a tool by the name that the model uses holds for all its results. None is a window without end.
    """
    if window is None:
        return Trimmed(request)
    room = max(window - min(request.max_tokens or ANSWER, window // 2), 0)
    over, messages, cut, shortened = about(request) - room, list(request.messages), 0, 0
    read = max((i for i, message in enumerate(messages) if message.role == "assistant"), default=-1)
    for place in _results(messages, stays):
        if over <= 0:
            break
        old = messages[place].content
        new = _gone(old) if place < read else _short(old)
        if len(new) >= len(old):
            continue
        messages[place] = replace(messages[place], content=new)
        over -= tokens_of(old) - tokens_of(new)
        cut, shortened = cut + (place < read), shortened + (place > read)
    return Trimmed(replace(request, messages=tuple(messages)), cut, shortened)


def about(request: Request) -> int:
    """About how many tokens a request has. Neither a promise nor a bound: prices are reckoned with another count."""
    texts = [message.content for message in request.messages]
    texts += [canonical(call.arguments) + call.name for message in request.messages for call in message.tool_calls]
    texts += [canonical([tool.name, tool.description, tool.parameters]) for tool in request.tools]
    images = sum(len(message.images) for message in request.messages)
    return sum(AROUND + tokens_of(text) for text in texts) + IMAGE * images


def _results(messages: Sequence[Message], stays: Callable[[str], bool]) -> Iterator[int]:
    """The places of the results that may be cut, the oldest first. Ids are unique within one message alone."""
    tools: dict[str, str] = {}
    for place, message in enumerate(messages):
        if message.tool_calls:
            tools = {call.id: call.name for call in message.tool_calls}
        if message.role == "tool" and not stays(tools.get(message.tool_call_id, "")):
            yield place


def tokens_of(text: str) -> int:
    """About how many tokens a text has."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES


def _gone(text: str) -> str:
    """In words that do not ask for another call: it may have been one that changes something."""
    return f"[The call was made. Its result, {len(text)} characters that you have read, was cut to make room.]"


def _short(text: str) -> str:
    if len(text) <= SHORT + 100:
        return text
    left = len(text) - SHORT
    return f"{text[: SHORT // 2]}\n[{left} characters were cut to make room.]\n{text[-(SHORT // 2) :]}"
