"""What a scripted model says, read from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from agents.models.port import ToolCall
from workflows.diagnostics import suggest
from workflows.errors import Failure, FailureClass, UnderstudyError
from workflows.records import dataclass
from workflows.values import Json, kind_of


@dataclass(frozen=True)
class Turn:
    """One answer: text, tool calls, or both; or a failure, after the text if there is some.

    `match` is text that must stand in the last message; empty: the turn answers in order. `chunk` is the size of a
    delta in characters (0: the text in one), `delay` the seconds before each of them.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    fail: Failure | None = None
    match: str = ""
    chunk: int = 0
    delay: float = 0.0


@dataclass(frozen=True)
class Script:
    """Answers of one model, in their order."""

    turns: tuple[Turn, ...]

    @classmethod
    def from_data(cls, value: Json) -> Script:
        """Read a list of turns, or an object with `turns`. A turn that is only a text may be written as a string.

        Raises UnderstudyError, naming every place that is wrong.
        """
        reader = _Reader([])
        turns = reader.turns(value)
        if reader.problems:
            raise UnderstudyError("\n".join(reader.problems), "A script is a list of turns: text, tool_calls or fail.")
        return cls(turns)


class _Reader:
    """Reads all it can and collects what is wrong, each with its place, such as `turns[2].fail.kind`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def turns(self, value: Json) -> tuple[Turn, ...]:
        if isinstance(value, Mapping):
            value = self.fields(value, "script", {"turns": list}).get("turns", [])
        elif not isinstance(value, list):
            self.wrong("script", f"expected a list of turns, not {kind_of(value)}")
            return ()
        if not value:
            self.wrong("script", "it has no turns")
        return tuple(self.turn(turn, f"turns[{index}]") for index, turn in enumerate(value))

    def turn(self, value: Json, place: str) -> Turn:
        if isinstance(value, str):
            value = {"text": value}
        shape = {"text": str, "tool_calls": list, "fail": dict, "match": str, "chunk": int, "delay": float}
        fields = self.fields(value, place, shape)
        calls = [self.call(call, f"{place}.tool_calls[{i}]") for i, call in enumerate(fields.pop("tool_calls", []))]
        failure = self.failure(fields.pop("fail"), f"{place}.fail") if "fail" in fields else None
        turn = Turn(tool_calls=tuple(calls), fail=failure, **fields)
        if turn.chunk < 0 or turn.delay < 0:
            self.wrong(place, "chunk and delay are not negative")
        if turn.fail and turn.tool_calls:
            self.wrong(place, "a turn that fails has no tool_calls")
        if not (turn.text or turn.tool_calls or turn.fail):
            self.wrong(place, "it needs text, tool_calls or fail")
        return turn

    def call(self, value: Json, place: str) -> ToolCall:
        fields = self.fields(value, place, {"id": str, "name": str, "arguments": dict})
        if not fields.get("name"):
            self.wrong(f"{place}.name", "the name of the tool is missing")
        return ToolCall(fields.get("id", ""), fields.get("name", ""), fields.get("arguments", {}))

    def failure(self, value: Json, place: str) -> Failure:
        fields = self.fields(value, place, {"kind": str, "message": str, "hint": str, "retry_after": float})
        kinds: Sequence[FailureClass] = get_args(FailureClass)
        kind = next((kind for kind in kinds if kind == fields.get("kind", "agent")), None)
        if kind is None:
            self.wrong(f"{place}.kind", f"'{fields['kind']}' is none of {', '.join(kinds)}")
        message = fields.get("message", "The scripted model fails here, as its script says.")
        return Failure(kind or "agent", message, fields.get("hint", ""), retry_after=fields.get("retry_after"))

    def fields(self, value: Json, place: str, shape: Mapping[str, type]) -> dict[str, Json]:
        """The object's fields of the right types. A number may stand for a float."""
        if not isinstance(value, Mapping):
            self.wrong(place, f"expected an object, not {kind_of(value)}")
            return {}
        good: dict[str, Json] = {}
        for name, item in value.items():
            wanted = shape.get(name) if isinstance(name, str) else None
            if wanted is None:
                near = suggest(str(name), shape)
                self.wrong(f"{place}.{name}", f"there is no such key; {near or 'known are ' + ', '.join(shape)}")
            elif isinstance(item, bool) or not isinstance(item, (int, float) if wanted is float else wanted):
                self.wrong(f"{place}.{name}", f"expected {_NAMES[wanted]}, not {kind_of(item)}")
            else:
                good[name] = item
        return good

    def wrong(self, place: str, words: str) -> None:
        self.problems.append(f"{place}: {words}.")


_NAMES = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "an object"}
