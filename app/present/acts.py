"""What a call asks for, in a few words: the journal keeps it as data, and people read it as a line."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.text import one_line
from workflows.values import Json, canonical

WIDEST = 160
"""Characters of one such line."""

ARGUMENT = 60
"""Characters of one argument in it."""


def act_words(spec: Json) -> str:
    """`file.write path=NOTES.md text="Hello…"`, `POST https://example.org`, `asks writer (3 messages)`."""
    if isinstance(spec, str):
        return one_line(spec, WIDEST)
    if not isinstance(spec, dict):
        return one_line(canonical(spec), WIDEST)
    if isinstance(spec.get("heard"), list):
        who = spec.get("agent") or "the model"
        last = spec["heard"][-1] if spec["heard"] else {}
        said = last.get("content") if isinstance(last, dict) else None
        text = f": {one_line(said, 80)}" if isinstance(said, str) and said.strip() else ""
        return one_line(f"asks {who}{text}", WIDEST)
    if "method" in spec and "url" in spec:
        return one_line(f"{spec['method']} {spec['url']}", WIDEST)
    if "channel" in spec and "text" in spec:
        return one_line(f"tells {spec['channel']}: {_argument(spec['text'])}", WIDEST)
    for name, arguments in (("skill", "parameters"), ("tool", "arguments"), ("agent", "arguments")):
        if isinstance(spec.get(name), str):
            given = spec.get(arguments)
            return one_line(f"{spec[name]} {_arguments(given)}".rstrip(), WIDEST)
    if {"beginning", "length"} <= set(spec) <= {"beginning", "length", "digest"}:
        return one_line(f"{spec['beginning']} … ({spec['length']} characters)", WIDEST)
    return one_line(_arguments(spec), WIDEST)


def _arguments(given: Json) -> str:
    if not isinstance(given, Mapping):
        return "" if given is None else _argument(given)
    return " ".join(f"{name}={_argument(value)}" for name, value in given.items() if value is not None)


def _argument(value: Json) -> str:
    """A value as it would be typed; a text is quoted only where it has blanks."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return one_line("[" + ", ".join(value) + "]", ARGUMENT)
    if not isinstance(value, str):
        return one_line(canonical(value), ARGUMENT)
    text = one_line(value, ARGUMENT)
    return f'"{text}"' if " " in text or not text else text
