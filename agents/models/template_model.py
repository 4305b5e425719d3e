"""The template model: deterministic text from a template. The last understudy, which needs neither AI nor network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from agents.models.port import Message, Reply, Request
from agents.models.render import TemplateFailed, rendered
from agents.models.scripted import free
from workflows.errors import CallFailed, Failure
from workflows.text import one_line
from workflows.values import Json

MAX_INPUT = 1_000_000
"""Characters of the input."""

MAX_TRIES = 50
"""Places of an input that are tried as the beginning of JSON."""

_START = re.compile(r"^[ \t]*(?=[\[{])", re.MULTILINE)
_END = re.compile(r"[ \t]*(\r?\n|\Z)")


class TemplateModel:
    """Answers `template/<anything>`: the system message is the template, the last user message its data.

    The template sees `input`, the message's text, and `data`, the JSON in it (see `data_in`). Templates come from
    trusted definitions; the data need not be trusted, as it is never read as a template.
    """

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        template = _last(request, "system")
        given = _last(request, "user")
        if len(given) > MAX_INPUT:
            raise _failed(request, f"the input is longer than {MAX_INPUT} characters")
        if not template.strip():
            raise _failed(request, "the agent has no template", "Write the template as the body of the agent's file.")
        try:
            text = await rendered(template, {"input": given, "data": data_in(given)}, request.deadline)
        except TimeoutError:
            message = f"{request.model}: the template was not done within {request.deadline:g} s."
            raise CallFailed(Failure("timeout", message)) from None
        except TemplateFailed as error:
            place = f"line {error.line} of the template: " if error.line else ""
            raise _failed(
                request, place + one_line(str(error).rstrip("."), 300), "Mend the template, or its input."
            ) from None
        if not text.strip():
            raise _failed(request, "the template wrote nothing for this input")
        on_text(text)
        return Reply(text, free(request.model))


def data_in(text: str) -> Json:
    """The JSON that the text is. Else the longest object or array in it that takes up whole lines; None without one."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    decoder = json.JSONDecoder()
    longest, found, position = 0, None, 0
    for _ in range(MAX_TRIES):
        start = _START.search(text, position)
        if start is None:
            break
        try:
            value, end = decoder.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            position = start.end() + 1
            continue
        if end - start.end() > longest and _END.match(text, end):
            longest, found = end - start.end(), value
        position = end
    return found


def _last(request: Request, role: str) -> str:
    found: list[Message] = [message for message in request.messages if message.role == role]
    return found[-1].content if found else ""


def _failed(request: Request, words: str, hint: str = "") -> CallFailed:
    return CallFailed(Failure("validation", f"{request.model}: {words}.", hint, {"model": request.model}))
