"""Rendering a Jinja template within bounds: no reach beyond its data, and an end to its size and time.

Jinja's sandbox keeps a template from code. It does not bound what a template uses, so here filters and methods are
listed one by one, repetition is refused, the output is counted, and a loop that outlives its time is broken off.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import FrameType
from typing import TYPE_CHECKING, Any

from workflows.values import Json, canonical

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_OUTPUT = 1_000_000
"""Characters."""

MAX_POWER = 1000

FILE = "<template>"
"""What Jinja calls the code of a template that has no file."""

FILTERS = frozenset(
    {"abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "join"}
    | {"last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round"}
    | {"select", "selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper", "wordcount"}
)
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(
        {"capitalize", "count", "endswith", "find", "isdigit", "join", "lower", "lstrip", "partition", "removeprefix"}
        | {"removesuffix", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "title"}
        | {"upper"}
    ),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
}
GLOBALS = frozenset({"range", "namespace", "dict"})


class TemplateFailed(Exception):
    """A template that cannot be rendered. `line` counts from 1; 0 where nobody can say."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class _Stopped(BaseException):
    """Breaks a rendering off. No exception of Jinja's kind, so that no template swallows it."""


async def rendered(template: str, values: Mapping[str, Json], seconds: float) -> str:
    """Render in a thread of its own. Raises TemplateFailed, and TimeoutError after the seconds.

    Where nobody waits any more, the thread stops at the next line of the template.
    """
    stop = threading.Event()
    future: Future[str] = Future()
    future.set_running_or_notify_cancel()

    def work() -> None:
        try:
            future.set_result(render(template, values, stop.is_set))
        except BaseException as error:  # handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=work, name="template", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)
    finally:
        stop.set()


def render(template: str, values: Mapping[str, Json], stopped: Callable[[], bool]) -> str:
    """The text of the template with the values. Raises TemplateFailed.

    `stopped` is asked at every line of the template, by a trace function: a loop that writes nothing never gives
    control back otherwise.
    """
    from jinja2 import TemplateSyntaxError

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename != FILE:
            return None
        if stopped():
            raise _Stopped
        return trace

    parts: list[str] = []
    size = 0
    outer = sys.gettrace()
    sys.settrace(trace)
    try:
        for part in _environment().from_string(template).generate(values):
            size += len(part)
            if size > MAX_OUTPUT:
                raise TemplateFailed(f"it writes more than {MAX_OUTPUT} characters")
            parts.append(part)
    except TemplateFailed as error:
        raise TemplateFailed(str(error), _line(error)) from None
    except TemplateSyntaxError as error:
        raise TemplateFailed(error.message or "it cannot be read", error.lineno) from None
    except Exception as error:  # whatever an expression may raise over its data is the template's failure
        raise TemplateFailed(str(error) or type(error).__name__, _line(error)) from None
    finally:
        sys.settrace(outer)
    return "".join(parts)


def _line(error: Exception) -> int:
    """The innermost line of the template in the traceback, which Jinja has put there."""
    line = 0
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            _check(operator, left, right)
            return super().call_binop(context, operator, left, right)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            known = next((METHODS[kind] for kind in METHODS if isinstance(obj, kind)), None)
            return super().is_safe_attribute(obj, attr, value) and (known is None or attr in known)

        def wrap_str_format(self, value: Any) -> None:
            """Jinja lets `format` through, made safe but not bounded. Here it is a method like any other."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, dict) and attribute in obj:  # data wins over methods: `data.items`
                return obj[attribute]
            return super().getattr(obj, attribute)

    environment = Bounded(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters = {name: environment.filters[name] for name in FILTERS} | {"tojson": canonical}
    environment.globals = {name: environment.globals[name] for name in GLOBALS}
    return environment


def _check(operator: str, left: Any, right: Any) -> None:
    """Refuse the operations whose result can be far larger than what they are given."""
    sizes = [len(side) for side in (left, right) if isinstance(side, (str, list, tuple))]
    times = [side for side in (left, right) if isinstance(side, int)]
    if operator == "*" and sizes and times and sizes[0] * times[0] > MAX_OUTPUT:
        raise TemplateFailed(f"it repeats something to more than {MAX_OUTPUT} characters or items")
    if operator == "**" and any(abs(side) > MAX_POWER for side in (left, right) if isinstance(side, (int, float))):
        raise TemplateFailed(f"it raises numbers over {MAX_POWER} to a power")
    if operator == "%" and isinstance(left, str):
        raise TemplateFailed("it formats text with '%'; join texts with '~'")
