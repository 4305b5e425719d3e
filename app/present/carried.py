"""What an answer carries besides its choice: the new input, the output, a name; and reading it as a person typed it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable

from app.present.schemas import in_words, says_all
from workflows.border import DEEPEST
from workflows.definition.fitting import why_unfit
from workflows.diagnostics import suggest
from workflows.engine.budget import enough, understudies
from workflows.engine.choices import earlier
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.runs.state import Inquiry, RunState
from workflows.secrets import hide
from workflows.text import one_line, safe_json
from workflows.values import Json, canonical, kind_of

_LONGEST = 3
"""How many items a list of an example has at most."""

_DEEPEST = 3
"""How deep lists of lists are filled: an example is to be read."""


@dataclass(frozen=True)
class Carried:
    """What a choice carries: `what` in words, the `names` it must be one of, or the `schema` it must fit.

    `plain` texts need no quotes. `before` is what an edit begins with.
    """

    choice: str
    what: str
    names: tuple[str, ...] = ()
    schema: Json = None
    plain: bool = False
    before: Json = None

    @property
    def example(self) -> str:
        """A value that could be given, as it is typed on a command line."""
        return shlex.quote(self.sample)

    @property
    def sample(self) -> str:
        """The same as it is typed where it is asked for."""
        if self.names:
            return self.names[0]
        return _an_edit(self.before) if self.choice == "edit" else _example(self.schema, plain=self.plain)

    @property
    def beginning(self) -> Json:
        """What a person begins with who writes it: what is there, or something of the right shape."""
        if self.before is not None or self.names or not isinstance(self.schema, dict):
            return self.before
        return json.loads(_example(self.schema, plain=False))

    @property
    def wanted(self) -> str:
        """What it must be, in a few words."""
        if self.names:
            return f"one of {', '.join(self.names)}"
        if self.choice == "edit":
            return "a JSON object, or one change such as key=value"
        if self.choice in ("raise", "price"):
            return "a number"
        return _wanted(self.schema, plain=self.plain)


def carried(state: RunState, inquiry: Inquiry, choice: str) -> Carried | None:
    """What this choice of an entry carries; None where it is said with its name alone."""
    step = state.steps[inquiry.asked.step]
    match choice:
        case "edit":
            return Carried(choice, "the step's new input", before=safe_json(hide(step.input)))
        case "answer":
            schema = inquiry.asked.schema
            return Carried(choice, "the answer", schema=schema, plain=schema is None or _takes_texts(schema))
        case "output" | "happened":
            what = "the step's output" if choice == "output" else "the output that it gave (null where there is none)"
            schema = step.planned.output_schema if choice == "output" else None
            return Carried(choice, what, schema=schema, plain=schema is not None and _takes_texts(schema))
        case "fallback" if inquiry.asked.reason == "budget":
            return Carried(choice, "who does it in its place", names=understudies(step))
        case "fallback":
            return Carried(choice, "who takes over", names=step.planned.performers)
        case "retry_from":
            return Carried(choice, "the earlier step to begin from", names=earlier(state, step))
        case "raise":
            needed = enough(state, step)
            return Carried(
                choice,
                "the new limit in US dollars",
                schema={"type": "number", "minimum": needed, "examples": [needed]},
            )
        case "price":
            schema = {"type": "number", "minimum": 0, "examples": [15]}
            return Carried(choice, "what a million tokens cost at most, in US dollars", schema=schema)
    return None


def read_carried(wanted: Carried, text: str) -> Json:
    """The value of a text that a person typed. Raises UnderstudyError, saying what is wrong and what would do."""
    try:
        return _read(wanted, text)
    except ValueError as error:
        raise UnderstudyError(
            f"{wanted.choice} carries {wanted.what}: {error}.",
            f"Give {wanted.wanted}, such as {wanted.example}.",
        ) from None


def _read(wanted: Carried, text: str) -> Json:
    if wanted.names:
        name = text.strip().strip('"')
        if name not in wanted.names:
            raise ValueError(f"it cannot be {one_line(name, 60)!r}" + _meant(name, wanted.names))
        return name
    if wanted.choice == "edit":
        return changed(wanted.before, text)
    try:
        value = read_json(text)
    except ValueError as error:
        # What begins like JSON was meant as JSON: it is no text by mistake.
        if not wanted.plain or text.lstrip().startswith(("{", "[", '"')):
            raise ValueError(str(error)) from None
        return _fitting(wanted, text)
    if wanted.plain and why_unfit(wanted.schema, value) and not why_unfit(wanted.schema, text):
        return text  # `1.10` is a text where a text is wanted
    return _fitting(wanted, value)


def _fitting(wanted: Carried, value: Json) -> Json:
    if why := why_unfit(wanted.schema, value):
        raise ValueError(f"it does not fit: {why}")
    return value


def read_json(text: str) -> Json:
    """JSON as it may be kept. Raises ValueError with words for what it is not: NaN, too deep, half of a character."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_int=_whole)
        depth = _depth(value)
    except RecursionError:
        depth, value = DEEPEST + 1, None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"it is not JSON ({error.msg[0].lower()}{error.msg[1:]} at {where})") from None
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    try:
        canonical(value).encode()
    except (UnicodeEncodeError, ValueError):
        raise ValueError("it holds a number or half a character that cannot be kept") from None
    return value


def _whole(digits: str) -> int:
    if len(digits) > 4000:
        raise ValueError(f"it holds a number of {len(digits)} digits, which cannot be kept")
    return int(digits)


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is not a number that JSON has")


def _depth(value: Json) -> int:
    """How deep the value is nested, or just more than is allowed."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [item for each in level if isinstance(each, dict | list) for item in _items(each)]
    return depth


def _items(value: dict[str, Json] | list[Json]) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value


def changed(value: Json, text: str) -> Json:
    """A value changed as a person typed: a whole JSON object, or one `path.to.key=value` of what is there.

    Raises ValueError, saying what is wrong.
    """
    if text.lstrip().startswith("{"):
        return read_json(text)
    after = json.loads(json.dumps(value))
    path, equals, given = text.strip().partition("=")
    if not equals:
        raise ValueError("it is neither a JSON object nor key=value")
    *way, last = path.strip().split(".")
    place = after
    for key in way:
        place = _within(place, key)
    try:
        new = read_json(given)
    except ValueError:
        new = given
    if isinstance(place, list) and last == str(len(place)):
        place.append(new)
        return after
    _within(place, last)
    place[int(last) if isinstance(place, list) else last] = new
    return after


def _within(place: Json, key: str) -> Json:
    if isinstance(place, dict) and key in place:
        return place[key]
    if isinstance(place, list) and key.isdecimal() and int(key) < len(place):
        return place[int(key)]
    has = "no parts"
    if isinstance(place, dict):
        has = ", ".join(place)
    elif isinstance(place, list):
        has = f"{len(place)} items"
    raise ValueError(f"there is no '{key}' in it (it has {has})")


def _takes_texts(schema: Json) -> bool:
    types = schema.get("type") if isinstance(schema, dict) else None
    enum = schema.get("enum") if isinstance(schema, dict) else None
    if isinstance(enum, list):
        return any(isinstance(each, str) for each in enum)
    return types == "string" or (isinstance(types, list) and "string" in types)


def _wanted(schema: Json, *, plain: bool) -> str:
    """What a schema asks for in words, then the schema itself where it asks for more than they say."""
    if not isinstance(schema, dict) or not schema:
        return "a text, or JSON" if plain else "JSON"
    words = one_line(in_words(schema), 600)
    if words == "anything" or words.startswith(("a list", "an object")):
        words = f"{words}, as JSON"
    return words if says_all(schema) else f"{words}; its schema is {one_line(canonical(schema), 300)}"


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)


def _example(schema: Json, *, plain: bool) -> str:
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return _shown(schema["enum"][0]) if plain else canonical(schema["enum"][0])
        types = schema.get("type")
        kind = types[0] if isinstance(types, list) and types else types
        if kind == "object" and isinstance(schema.get("properties"), dict):
            parts = {name: _sample(part) for name, part in list(schema["properties"].items())[:3]}
            return json.dumps(parts, ensure_ascii=False)
        if isinstance(kind, str) and kind != "string":
            return canonical(_sample(schema))
    return "some text" if plain else '{"key": "value"}' if schema is None else '"some text"'


def _sample(schema: Json, depth: int = 0) -> Json:
    kind = schema.get("type") if isinstance(schema, dict) else None
    if isinstance(schema, dict) and isinstance(schema.get("examples"), list) and schema["examples"]:
        return schema["examples"][0]
    if isinstance(schema, dict) and isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    if isinstance(schema, dict) and kind in ("integer", "number") and isinstance(schema.get("minimum"), int):
        return max(1, schema["minimum"])
    if isinstance(schema, dict) and kind == "array":
        least = schema.get("minItems")
        wanted = min(least, _LONGEST) if isinstance(least, int) and depth < _DEEPEST else 0
        return [_sample(schema.get("items"), depth + 1)] * wanted
    samples: dict[str, Json] = {"integer": 1, "number": 1.5, "boolean": True, "object": {}, "null": None}
    return samples.get(kind, "…") if isinstance(kind, str) else "…"


def _an_edit(before: Json) -> str:
    """One change of what is there: its first value that is no object, given as it is."""
    path: list[str] = []
    place = before
    while isinstance(place, dict) and place:
        # What stands deepest in is what people change: a skill's parameters, not the skill's name.
        key = next((name for name, item in place.items() if kind_of(item) == "object" and item), next(iter(place)))
        path.append(key)
        place = place[key]
    return f"{'.'.join(path)}={one_line(_shown(place), 40)}" if path else "{}"


def _meant(name: str, names: tuple[str, ...]) -> str:
    close = suggest(name, names)
    return f" ({close})" if close else ""
