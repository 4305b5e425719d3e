"""Ways to break a workflow file: at its bytes, at its lines, and at its structure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import yaml

from workflows.source import read, value_of
from workflows.values import Json

FRAGMENTS = [
    "${{", "}}", "{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "\t", "'", '"', "#", "&a", "*a", "<<: ", "!!x ",
    "|", ">", "null", "~", "\x00", "\ufeff", "\u2028", "\u0085", "字", "🎉", "e\u0301", "\u202e", "steps:", "id: a",
    "type: skill", "when:", "${{ steps.a.output }}", "needs: [a]", "---", "...", "%", "@", "`", "0x", ".nan", "1e999",
    "retry: {}", "\r", "\r\n", "? ", "a" * 5000, "[" * 60, "{a: " * 60, "- " * 60, "\x1b[31m", "$${{",
    "${{ ${{ 1 }} }}", "|+\n", ">-\n",
]  # fmt: skip

VALUES: Sequence[Json] = [
    None, True, False, 0, -1, 1, 3.5, 10**18, 2**63, -(2**70), 1e300, "", " ", "a", "on", "010", "1h", "5 m",
    "99999d", [], {}, [None], [[]], {"a": None}, {"": ""}, ["a", "a"], {"a": {"b": {"c": []}}}, "a" * 300, "${{ 1 }}",
    "${{ item }}", "${{ steps }}", "${{ output }}", "${{ error.message }}", "${{ secrets.A }}", "${{ context.a }}",
    "${{ parameters.x }}", "${{ 1 +", "x ${{ steps.a.output", "{{ 1 }}", "\x07", "\ud800", "\u2028",
    "text\nof\nlines\n", "字" * 50, "${{ " + "(" * 200 + " }}", "${{ " + "a." * 200 + "b }}", "${{ 'a' * 99 }}",
    "${{ [1][:1] }}", {"type": "object", "properties": {"a": {"type": "strin"}}}, {"$ref": "#"},
    {"pattern": "(a+)+$"}, {"id": "x", "type": "parallel", "steps": []},
    [{"id": "y", "type": "transform", "value": 1}],
]  # fmt: skip

WORDS = [
    "id", "type", "steps", "stages", "when", "needs", "foreach", "undo", "verify", "cache", "retry", "name",
    "parameters", "rollback", "finally", "error_handlers", "branches", "default", "schema", "output_schema",
    "on_failure", "irreversible", "notify", "timeout", "value", "workflow", "skill", "agent", "happened", "result",
    "context", "env", "outputs", "as", "in",
]  # fmt: skip

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Slot:
    """One place in plain data: the mapping or list that holds it, and its key there."""

    holder: Any
    key: Any

    @property
    def value(self) -> Json:
        return self.holder[self.key]

    def put(self, value: Json) -> None:
        self.holder[self.key] = value


def mutant(random: Random, text: str, others: Sequence[str]) -> tuple[str, str | bytes]:
    """One broken file, and the name of the way. `others` are files to take parts from."""
    if random.random() < 0.45:
        name = random.choice(sorted(_TEXT))
        result: str | bytes = text
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            result = _TEXT[name](random, result, others) if isinstance(result, str) else result
        return name, result
    name = random.choice(sorted(_STRUCTURE))
    data = _data(text)
    for _ in range(random.choice((1, 1, 2, 3))):
        slots = _slots(data)
        if slots:
            _STRUCTURE[name](random, slots, others)
        data = _copy(data)  # a part put in twice is two parts
    return name, _written(random, data)


def _data(text: str) -> Json:
    root = read(text, "good.yaml").root
    assert root is not None
    return value_of(root, lambda *_, **__: None)


def _slots(data: Json) -> list[Slot]:
    found: list[Slot] = []
    pending = [data]
    while pending:
        holder = pending.pop()
        if isinstance(holder, dict):
            found += [Slot(holder, key) for key in holder]
            pending += holder.values()
        elif isinstance(holder, list):
            found += [Slot(holder, index) for index in range(len(holder))]
            pending += holder
    return found


def _written(random: Random, data: Json) -> str:
    """The data as text, in one of the styles that people write."""
    style = random.randrange(4)
    if style == 0:
        return json.dumps(data, indent=random.choice((None, 2)), ensure_ascii=random.random() < 0.5)
    flow = {1: None, 2: False, 3: True}[style]
    text: str = yaml.safe_dump(
        data, sort_keys=False, allow_unicode=random.random() < 0.7, default_flow_style=flow, width=100
    )
    return text


# At the text.


def _insert(random: Random, text: str, others: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(FRAGMENTS) + text[at:]


def _delete(random: Random, text: str, others: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] + text[at + random.choice((1, 1, 2, 5, 20, 200)) :]


def _overwrite(random: Random, text: str, others: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    fragment = random.choice(FRAGMENTS)
    return text[:at] + fragment + text[at + len(fragment) :]


def _bytes(random: Random, text: str, others: Sequence[str]) -> bytes:
    raw = bytearray(text, "utf-8", "surrogatepass")
    for _ in range(random.choice((1, 1, 3, 10))):
        at = random.randrange(len(raw) + 1)
        raw[at : at + random.choice((0, 1, 1))] = bytes([random.randrange(256)])
    return bytes(raw)


def _cut_off(random: Random, text: str, others: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] if random.random() < 0.8 else text[at:]


def _lines(random: Random, text: str, others: Sequence[str]) -> str:
    lines = text.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            lines[at], lines[other] = lines[other], lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            del lines[at]
        case _:
            lines.insert(at, random.choice(random.choice(others).split("\n")))
    return "\n".join(lines)


def _indent(random: Random, text: str, others: Sequence[str]) -> str:
    lines = text.split("\n")
    first = random.randrange(len(lines))
    for at in range(first, min(len(lines), first + random.choice((1, 1, 3, 10)))):
        lines[at] = (
            lines[at][random.choice((1, 2)) :]
            if random.random() < 0.5
            else random.choice((" ", "  ", "\t")) + lines[at]
        )
    return "\n".join(lines)


def _word_in_text(random: Random, text: str, others: Sequence[str]) -> str:
    return _replaced(random, _WORD, text, lambda word: random.choice((_slip(random, word), random.choice(WORDS))))


def _expression_in_text(random: Random, text: str, others: Sequence[str]) -> str:
    def other(expression: str) -> str:
        at = random.randint(3, max(3, len(expression) - 2))
        return (
            expression[:at]
            + random.choice(("", ".", "|", "(", ")", "[0]", "'", "{", "steps", " and ", "🎉", "\n"))
            + expression[at:]
        )

    return _replaced(random, _EXPRESSION, text, other)


def _replaced(random: Random, pattern: re.Pattern[str], text: str, new: Callable[[str], str]) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    chosen = random.choice(found)
    return text[: chosen.start()] + new(chosen[0]) + text[chosen.end() :]


def _line_ends(random: Random, text: str, others: Sequence[str]) -> str:
    return re.sub("\n", lambda _: random.choice(("\n", "\n", "\r\n", "\r", "\u2028", "\x85")), text)


# At the structure.


def _drop(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    chosen = random.choice(slots)
    del chosen.holder[chosen.key]


def _value(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    random.choice(slots).put(_copy(random.choice(VALUES)))


def _key(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    chosen = random.choice([slot for slot in slots if isinstance(slot.holder, dict)])
    new = random.choice((_slip(random, chosen.key), random.choice(WORDS)))
    changed = {new if key == chosen.key else key: value for key, value in chosen.holder.items()}
    chosen.holder.clear()
    chosen.holder.update(changed)


def _one_more_key(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    chosen = random.choice([slot for slot in slots if isinstance(slot.holder, dict)])
    chosen.holder[random.choice(WORDS)] = _copy(random.choice((random.choice(VALUES), random.choice(slots).value)))


def _swap(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    one, other = random.choice(slots), random.choice(slots)
    mine, theirs = _copy(one.value), _copy(other.value)
    one.put(theirs)
    other.put(mine)


def _swap_alike(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    """Two values under the same key: two ids, two kinds, two lists of steps."""
    one = random.choice(slots)
    alike = [slot for slot in slots if slot.key == one.key]
    _swap(random, [one, random.choice(alike)], others)


def _again(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    lists = [slot for slot in slots if isinstance(slot.holder, list)]
    if lists:
        chosen = random.choice(lists)
        chosen.holder.insert(random.randint(0, len(chosen.holder)), chosen.value)


def _order(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    lists = [slot.holder for slot in slots if isinstance(slot.holder, list)]
    if lists:
        random.shuffle(random.choice(lists))


def _put_inside(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    """A step into another, which holds it from now on."""
    steps = [slot for slot in slots if _is_step(slot.value)]
    if not steps:
        return
    chosen = random.choice(steps)
    step = _copy(chosen.value)
    holder = {"id": f"held{random.randrange(9)}", "type": "parallel", "steps": [step]}
    if random.random() < 0.5:
        holder |= {"type": "decision", "branches": [{"when": "true", "steps": [step]}]}
        del holder["steps"]
    if random.random() < 0.5:
        holder["foreach"] = {"in": "${{ [1, 2] }}"}
    chosen.put(holder)


def _graft(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    """A part of another file, under a key where such parts stand if there is one."""
    theirs = random.choice(_slots(_data(random.choice(others))))
    fitting = [slot for slot in slots if slot.key == theirs.key] or slots
    random.choice(fitting).put(theirs.value)


def _steps_of_another(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    theirs = [slot.value for slot in _slots(_data(random.choice(others))) if _is_step(slot.value)]
    lists = [slot.holder for slot in slots if isinstance(slot.holder, list) and _is_step(slot.value)]
    if theirs and lists:
        mine = random.choice(lists)
        mine.insert(random.randint(0, len(mine)), random.choice(theirs))


def _expression(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    """An expression of another file in the place of a value, or one that reads some step of this one."""
    ids = [slot.value["id"] for slot in slots if _is_step(slot.value)] or ["a"]
    read = (
        f"${{{{ steps.{random.choice(ids)}.{random.choice(('output', 'items', 'error', 'status', 'output.a[0]'))} }}}}"
    )
    theirs = _EXPRESSION.findall(random.choice(others))
    random.choice(slots).put(random.choice([read, read, *theirs]))


def _modifier(random: Random, slots: Sequence[Slot], others: Sequence[str]) -> None:
    """A key of any step, with a value that fits it, on some step."""
    steps = [slot.value for slot in slots if _is_step(slot.value)]
    if steps:
        key, value = random.choice(sorted(_MODIFIERS.items()))
        random.choice(steps)[key] = _copy(value)


_MODIFIERS: Mapping[str, Json] = {
    "foreach": {"in": "${{ parameters.items }}", "as": "one"},
    "needs": ["a", "b"],
    "undo": {"type": "parallel", "steps": [{"id": "z", "type": "transform", "value": "${{ nothing }}"}]},
    "verify": {
        "type": "http",
        "url": "https://example.org",
        "happened": "output.status == 200",
        "result": "${{ item }}",
    },
    "cache": {"key": "${{ item }}"},
    "irreversible": True,
    "on_failure": "rollback",
    "output_schema": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    "notify": {"text": "${{ output }} ${{ item }}"},
    "fallback": ["writer", "writer"],
    "retry": {"max_attempts": 2, "max_retries": 2, "delay": "2h", "max_delay": "1s"},
}


def _is_step(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and "type" in value


def _copy(value: Json) -> Json:
    return json.loads(json.dumps(value))


def _slip(random: Random, word: str) -> str:
    """A typing error."""
    at = random.randint(0, max(0, len(word) - 1))
    match random.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at : at + 1] * 2 + word[at + 1 :]
        case 2:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        case _:
            return random.choice((word.upper(), word.replace("_", "-"), f" {word}", f"{word}s"))


_TEXT: Mapping[str, Callable[[Random, str, Sequence[str]], str | bytes]] = {
    "text: a fragment put in": _insert,
    "text: a piece taken out": _delete,
    "text: a piece overwritten": _overwrite,
    "text: bytes changed": _bytes,
    "text: cut off": _cut_off,
    "text: lines moved": _lines,
    "text: indentation": _indent,
    "text: a word": _word_in_text,
    "text: inside an expression": _expression_in_text,
    "text: line ends": _line_ends,
}

_STRUCTURE: Mapping[str, Callable[[Random, Sequence[Slot], Sequence[str]], None]] = {
    "structure: a part dropped": _drop,
    "structure: another value": _value,
    "structure: another key": _key,
    "structure: one more key": _one_more_key,
    "structure: two parts swapped": _swap,
    "structure: two of a kind swapped": _swap_alike,
    "structure: a part twice": _again,
    "structure: another order": _order,
    "structure: a step put into another": _put_inside,
    "structure: a part of another file": _graft,
    "structure: a step of another file": _steps_of_another,
    "structure: an expression": _expression,
    "structure: a key of any step": _modifier,
}
