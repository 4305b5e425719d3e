"""Reads values for a workflow's parameters out of a request, by plain rules. Each says why; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from composer.words import GIVEN, NUMBER, QUOTED, words_of
from workflows.definition.parameters import Parameter
from workflows.records import dataclass
from workflows.values import Json

_PLACE = re.compile(r"(?:\b(?:in|from|of|to|at|under|for|into)\s+)([~.\w/-][\w./~-]*)")


@dataclass(frozen=True)
class Filled:
    """A parameter's value and why it is believed to be meant."""

    name: str
    value: Json
    why: str


def fill(request: str, parameters: Sequence[Parameter], root: Path) -> tuple[Filled, ...]:
    """What the request says of the parameters, in their order. `root` is where relative paths start."""
    reader = _Reader(request, root)
    found: dict[str, Filled] = {}
    rules: tuple[Callable[[Parameter], Filled | None], ...] = (
        reader.given,
        reader.chosen,
        reader.switched,
        reader.counted,
        reader.placed,
        reader.quoted,
    )
    for rule in rules:
        for parameter in parameters:
            if parameter.name not in found and (filled := rule(parameter)):
                found[parameter.name] = filled
    return tuple(found[parameter.name] for parameter in parameters if parameter.name in found)


class _Reader:
    """One request. A quoted text, a path or a number is used once."""

    def __init__(self, request: str, root: Path) -> None:
        self._given = {name: text.strip("\"'") for name, text in GIVEN.findall(request)}
        rest = GIVEN.sub(" ", request)
        self._quotes = [next(filter(None, groups)) for groups in QUOTED.findall(rest)]
        self._text = QUOTED.sub(" ", rest)
        self._lower = self._text.lower()
        self._words = set(re.findall(r"\w+", self._lower))
        self._numbers = [(match.start(), match.group()) for match in NUMBER.finditer(self._text)]
        self._places = list(dict.fromkeys(self._paths(root)))

    def given(self, parameter: Parameter) -> Filled | None:
        """`name=value` in the request."""
        if parameter.name not in self._given:
            return None
        return Filled(parameter.name, self._given[parameter.name], "you gave it by name")

    def chosen(self, parameter: Parameter) -> Filled | None:
        """A value of an enum that the request says; none where it says two of them."""
        said = [value for value in parameter.enum if isinstance(value, str) and self._says(value)]
        return Filled(parameter.name, said[0], f"you said '{said[0]}'") if len(said) == 1 else None

    def switched(self, parameter: Parameter) -> Filled | None:
        """`with tests`, `without tests`: a boolean whose name is said."""
        name = " ".join(words_of(parameter.name.replace("_", " ")))
        if parameter.type != "boolean" or not name or not re.search(rf"\b{re.escape(name)}", self._lower):
            return None
        off = re.search(rf"\b(?:no|not|without|skip|never)\s+(?:\w+\s+)?{re.escape(name)}", self._lower)
        return Filled(parameter.name, not off, f"you said '{off.group() if off else name}'")

    def counted(self, parameter: Parameter) -> Filled | None:
        """A number beside the parameter's name, or the only number there is."""
        if parameter.type not in ("number", "integer"):
            return None
        fitting = [entry for entry in self._numbers if parameter.type == "number" or "." not in entry[1]]
        name = parameter.name.replace("_", " ").lower()
        near = [entry for entry in fitting if name in self._lower[max(0, entry[0] - 30) : entry[0] + 30]]
        chosen = near[0] if near else fitting[0] if len(fitting) == 1 else None
        if chosen is None:
            return None
        self._numbers.remove(chosen)
        value = float(chosen[1]) if "." in chosen[1] else int(chosen[1])
        return Filled(parameter.name, value, f"you said {chosen[1]}")

    def placed(self, parameter: Parameter) -> Filled | None:
        """A path that is there."""
        if parameter.type != "path" or not self._places:
            return None
        path = self._places.pop(0)
        if path in self._quotes:
            self._quotes.remove(path)
        return Filled(parameter.name, path, f"{path} is there")

    def quoted(self, parameter: Parameter) -> Filled | None:
        """A quoted text, for what must be given or has no default."""
        if parameter.type not in ("string", "path") or parameter.enum or not self._quotes:
            return None
        if parameter.default is not None:
            return None
        text = self._quotes.pop(0)
        return Filled(parameter.name, text, "you put it in quotes")

    def _says(self, value: str) -> bool:
        word = value.lower()
        if " " in word or "-" in word:
            return word in self._lower
        return bool({word, f"{word}s", word.removesuffix("s")} & self._words)

    def _paths(self, root: Path) -> Iterator[str]:
        """Texts that name something that is there: quoted, after a word of place, or plainly a path."""
        plain = [text for text in self._text.split() if "/" in text or re.search(r"\.\w", text)]
        for text in (*self._quotes, *_PLACE.findall(self._text), *plain):
            path = text.strip().rstrip(",;:")
            if len(path) < 256 and "\0" not in path and path not in ("", "/") and _exists(root, path):
                yield path


def _exists(root: Path, text: str) -> bool:
    try:
        return (root / Path(text).expanduser()).exists()
    except (OSError, RuntimeError):
        return False
