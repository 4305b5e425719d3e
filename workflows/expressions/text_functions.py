"""Functions on text, and between text and data."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from workflows.expressions.data import bounded, contains, is_number, null_hint, to_json, to_text, word
from workflows.expressions.errors import Refusal
from workflows.expressions.pattern_reader import compile_pattern
from workflows.expressions.work import Work, weigh
from workflows.values import Json

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_SURROGATE = re.compile("[\ud800-\udfff]")


def upper(work: Work, text: str) -> Json:
    work.text(2 * len(text))
    return text.upper()


def lower(work: Work, text: str) -> Json:
    work.text(2 * len(text))
    return text.lower()


def trim(work: Work, text: str) -> Json:
    work.text(len(text))
    return text.strip()


def replace(work: Work, text: str, old: str, new: str) -> Json:
    if not old:
        raise Refusal("cannot replace an empty text")
    work.characters(len(text))
    work.text(len(text) + max(0, len(new) - len(old)) * text.count(old))
    return text.replace(old, new)


def split(work: Work, text: str, separator: str | None = None) -> Json:
    """Without a separator: at white space, as words."""
    if separator == "":
        raise Refusal("cannot split at an empty text")
    work.characters(len(text))
    pieces = text.split(separator, work.left)  # one more than what is left, at most
    work.items(len(pieces))
    return pieces


def lines(work: Work, text: str) -> Json:
    """Without their ends; a newline at the very end starts no line."""
    work.characters(len(text))
    work.items(text.count("\n") + 1)
    found = text.replace("\r\n", "\n").split("\n")
    return found[:-1] if found[-1] == "" else found


def join(work: Work, items: list[Json], separator: str = "") -> Json:
    work.items(len(items))
    texts = [to_text(work, item) for item in items]
    work.text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def truncate(work: Work, text: str, length: int = 255, end: str = "…") -> Json:
    """At most `length` characters, of which the last are `end` where something was cut."""
    if length < len(end):
        raise Refusal("the length leaves no room for the ending")
    work.text(min(length, len(text)))
    return text if len(text) <= length else text[: length - len(end)] + end


def has(work: Work, whole: Json, part: Json) -> Json:
    return contains(work, whole, part)


def starts_with(work: Work, text: str, prefix: str) -> Json:
    work.characters(len(prefix))
    return text.startswith(prefix)


def ends_with(work: Work, text: str, suffix: str) -> Json:
    work.characters(len(suffix))
    return text.endswith(suffix)


def regex_match(work: Work, text: str, pattern: str) -> Json:
    """Whether the pattern matches at the start of the text."""
    return compile_pattern(pattern).matches(work, text)


def string(work: Work, value: Json) -> Json:
    return to_text(work, value)


def integer(work: Work, value: Json) -> Json:
    """A whole number from text, or a number without its fraction."""
    if type(value) is str:
        if not _INTEGER.fullmatch(value.strip()):
            raise Refusal("int: this text is not a whole number", "for a fraction use float()")
        return bounded(int(value))
    if type(value) is bool or is_number(value):
        return int(bounded(value))
    raise _no_number("int", value)


def floating(work: Work, value: Json) -> Json:
    if type(value) is str:
        if not _NUMBER.fullmatch(value.strip()):
            raise Refusal("float: this text is not a number")
        return bounded(float(value))
    if type(value) is bool or is_number(value):
        return bounded(float(value))
    raise _no_number("float", value)


def boolean(work: Work, value: Json) -> Json:
    """Of text: true yes on 1, false no off 0 and nothing at all; any other text is refused. Else: whether it counts as
    true, which null, 0 and what is empty do not."""
    if type(value) is not str:
        return bool(value)
    known = _BOOLEANS.get(value[:10].strip().lower()) if value else False
    if known is None or len(value) > 10:
        raise Refusal("bool: this text is neither yes nor no", "to see whether there is any, use `len(x) > 0`")
    return known


def tojson(work: Work, value: Json, indent: int | None = None) -> Json:
    if indent is not None and not 0 <= indent <= 8:
        raise Refusal("tojson: the indent is 0 to 8 blanks")
    return to_json(work, value, indent)


def fromjson(work: Work, text: str) -> Json:
    """Data from JSON text. What is in it is data: never read as an expression."""
    work.text(len(text))
    work.characters(5 * len(text))
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal(f"fromjson: this text is not JSON{where}") from error
    weigh(value)
    if _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise Refusal("fromjson: half a character (a lone surrogate) in the text")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _no_number(name: str, value: Json) -> Refusal:
    return Refusal(f"{name}: cannot make a number from {word(value)}", null_hint(value))
