"""Calling a skill's function: the same in this process and in a worker."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from skills.declare import Context, Declared, Preview, takes_context
from skills.schema import fit
from workflows.errors import CallFailed, Failure, OutcomeUnknown, UnderstudyError, fail
from workflows.values import Json, plain

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

MAX_RESULT = 1024 * 1024
"""Bytes of a result as JSON."""


def bind(
    declared: Declared[..., Any], preview: bool, arguments: Mapping[str, Json], context: Context
) -> Callable[[], Any]:
    """The call that is to be made, as a function of nothing. `arguments` have been checked, and their paths settled."""
    function = declared.show if preview and declared.show else declared.function
    values = fit(declared.parameters(), arguments)
    given = (context,) if takes_context(function) else ()
    return lambda: function(*given, **values)


def check_result(name: str, result: object) -> Json:
    """What a skill returned, as JSON data. Raises CallFailed: `validation`, `resource` for too much."""
    try:
        value = plain(result)
        size = len(_JSON.encode(value).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{name} returned what is not JSON data: {error}"
        raise fail("validation", message, "return text, numbers, lists and dicts") from None
    if size > MAX_RESULT:
        raise fail(
            "resource",
            f"{name} returned {size / MAX_RESULT:.1f} MB; a result has at most 1 MB",
            "ask it for less, or let it write a file and return its path",
        )
    return value


def check_preview(name: str, result: object) -> Preview:
    """What a preview function returned. Raises CallFailed (`validation`) for anything but a Preview."""
    hint = "return skills.Preview(title, body, facts, binds): texts, a dict of texts, JSON data"
    if not isinstance(result, Preview):
        raise fail("validation", f"the preview of {name} returned {type(result).__name__} and not a Preview", hint)
    texts = [result.title, result.body, *result.facts, *result.facts.values()]
    if not all(isinstance(text, str) for text in texts):
        raise fail("validation", f"the preview of {name} holds what is not text", hint)
    return replace(result, binds=check_result(f"the preview of {name}", result.binds))


OURS = ("skills.declare", "workflows.errors")
"""Where the exceptions are that every skill may raise: their names say nothing."""


def failure_of(name: str, error: BaseException, file: str = "") -> Failure:
    """An exception of a skill's function as a failure. `file` is where its code is, for the line to look at."""
    # A class of the skill's own is a name that error handlers can be written for.
    own = "" if type(error).__module__ in OURS else type(error).__name__
    if isinstance(error, (CallFailed, OutcomeUnknown)):
        return replace(error.failure, name=error.failure.name or own)
    if isinstance(error, UnderstudyError):
        return Failure("business", error.message, error.hint, name=own)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f"{file}:{lines[-1].lineno}" if lines else ""
    text = "".join(traceback.format_exception_only(error)).strip().removeprefix(f"{type(error).__module__}.")
    return Failure(
        "unknown",
        f"{name} failed: {text}",
        f"see {where}" if where else "",
        {"exception": type(error).__name__, "at": [f"{frame.lineno}: {frame.line}" for frame in lines]},
        name=own,
    )
