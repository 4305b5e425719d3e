"""Reads values for a workflow's parameters out of a request, by plain rules. Each says why; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from composer.constraints import read_constraints, without
from composer.constraints.limits import Retries, Timeout
from composer.constraints.money import Money
from composer.constraints.reading import flat
from composer.constraints.starting import Starting
from composer.constraints.together import AtATime
from composer.filling import amounts, names
from composer.filling.places import Place, addresses, branches, exists, hosts, places
from composer.filling.purposes import purpose_of
from composer.terms import ADDRESS, FILE
from composer.words import GIVEN, QUOTED, words_of
from workflows.definition.parameters import Parameter
from workflows.records import dataclass
from workflows.values import Json

_OF_THE_RUN = (Money, Timeout, Retries, Starting, AtATime)
"""Constraints whose numbers are no values of parameters."""


@dataclass(frozen=True)
class Filled:
    """A parameter's value and why it is believed to be meant."""

    name: str
    value: Json
    why: str


def fill(request: str, parameters: Sequence[Parameter], root: Path) -> tuple[Filled, ...]:
    """What the request says of the parameters, in their order. `root` is where relative paths start."""
    reader = _Reader(request, parameters, root)
    found: dict[str, Filled] = {}
    rules: tuple[Callable[[Parameter], Filled | None], ...] = (
        reader.given,
        reader.meant,
        reader.chosen,
        reader.switched,
        reader.beside,
        reader.quoted,
    )
    for rule in rules:
        for parameter in parameters:
            if parameter.name not in found and (filled := rule(parameter)):
                found[parameter.name] = filled
    return tuple(found[parameter.name] for parameter in parameters if parameter.name in found)


class _Reader:
    """One request. A quoted text or a path is used once."""

    def __init__(self, request: str, parameters: Sequence[Parameter], root: Path) -> None:
        self._given = {name: text.strip("\"'") for name, text in GIVEN.findall(request)}
        rest = GIVEN.sub(lambda match: " " * len(match[0]), request)
        limits = [each for each in read_constraints(rest) if isinstance(each, _OF_THE_RUN)]
        self._request = without(rest, limits)
        self._quotes = [next(filter(None, groups)) for groups in QUOTED.findall(self._request)]
        self._lower = FILE.sub(" ", ADDRESS.sub(" ", QUOTED.sub(" ", self._request))).lower()
        self._words = set(re.findall(r"\w+", self._lower))
        self._purposes = {parameter.name: purpose_of(parameter) for parameter in parameters}
        self._placed = _distributed(self._request, parameters, self._purposes, root)

    def given(self, parameter: Parameter) -> Filled | None:
        """`name=value` in the request."""
        if parameter.name not in self._given:
            return None
        return Filled(parameter.name, self._given[parameter.name], "you gave it by name")

    def meant(self, parameter: Parameter) -> Filled | None:
        """What the request says of the thing that the parameter is for."""
        several = sum(isinstance(value, str) and value != "" and self._says(value) for value in parameter.enum) > 1
        if several and self._purposes[parameter.name] != "format":
            return None
        value = self._placed.get(parameter.name) or self._meant(parameter, self._purposes[parameter.name])
        fitting = _fitting(value, parameter)
        if fitting is None or fitting in ("", []):
            return None
        return Filled(parameter.name, fitting, f"you said '{_shown(value)}'")

    def _meant(self, parameter: Parameter, purpose: str) -> Json:
        request = self._request
        match purpose:
            case "urls":
                return list(addresses(request)) or list(hosts(request))
            case "host":
                return list(hosts(request))
            case "version":
                return amounts.version(request) or next(iter(branches(request)), "") or amounts.trunk(request)
            case "environment":
                return names.environment(request)
            case "branch":
                trunk = amounts.trunk(request)
                return next(iter(branches(request)), trunk if trunk != amounts.base(request) else "")
            case "base":
                return amounts.base(request)
            case "since":
                return amounts.since(request)
            case "languages":
                return list(names.languages(request))
            case "suites":
                return list(names.suites(request))
            case "coverage" | "percent":
                return amounts.percent(request)
            case "keys":
                return list(names.keys(request))
            case "limit":
                return amounts.limit(request)
            case "columns":
                return list(names.columns(request))
            case "format":
                return next(iter(names.formats(request)), None) if not self._has_ending() else None
            case "date":
                return amounts.date(request)
            case "start":
                return amounts.span(request)[0]
            case "end":
                return amounts.span(request)[1]
            case "topic":
                return names.topic(request)
            case "audience":
                return names.audience(request)
            case "service":
                return names.service(request)
            case "prefix":
                return amounts.prefix(request)
            case "days" | "bullets" | "keep" | "milliseconds":
                return amounts.amount(request, purpose)
            case _:
                return None

    def _has_ending(self) -> bool:
        """Whether the name of what is written says its format."""
        written = [self._placed.get(name) for name, purpose in self._purposes.items() if purpose == "output"]
        return any(isinstance(text, str) and re.search(r"\.[a-z0-9]+$", text.lower()) for text in written)

    def chosen(self, parameter: Parameter) -> Filled | None:
        """A value of an enum that the request says; none where it says two of them."""
        said = [value for value in parameter.enum if isinstance(value, str) and value and self._says(value)]
        return Filled(parameter.name, said[0], f"you said '{said[0]}'") if len(said) == 1 else None

    def switched(self, parameter: Parameter) -> Filled | None:
        """`with tests`, `without tests`: a boolean whose name is said."""
        name = " ".join(words_of(parameter.name.replace("_", " ")))
        if parameter.type != "boolean" or not name or not re.search(rf"\b{re.escape(name)}", self._lower):
            return None
        off = re.search(
            rf"\b(?:no|not|without|skip|never|sin|sans|ohne|sem|senza|zonder|kein\w*)\s+(?:\w+\s+)?{re.escape(name)}",
            self._lower,
        )
        return Filled(parameter.name, not off, f"you said '{off.group() if off else name}'")

    def beside(self, parameter: Parameter) -> Filled | None:
        """A number beside the parameter's name."""
        if parameter.type not in ("number", "integer"):
            return None
        value = amounts.beside(self._request, parameter.name)
        if value is None or (parameter.type == "integer" and value != int(value)):
            return None
        return Filled(parameter.name, value, f"you said {value:g}")

    def quoted(self, parameter: Parameter) -> Filled | None:
        """A quoted text, for what must be given or has no default."""
        if parameter.type not in ("string", "path") or parameter.enum or parameter.default is not None:
            return None
        used = {str(value) for value in self._placed.values()}
        text = next((quote for quote in self._quotes if quote not in used), "")
        if not text:
            return None
        self._quotes.remove(text)
        return Filled(parameter.name, text, "you put it in quotes")

    def _says(self, value: str) -> bool:
        word = value.lower()
        if " " in word or "-" in word:
            return word in self._lower
        return bool({word, f"{word}s", word.removesuffix("s")} & self._words)


def _distributed(
    request: str, parameters: Sequence[Parameter], purposes: dict[str, str], root: Path
) -> dict[str, Json]:
    """The paths of a request, each for the parameter that it most likely belongs to."""
    found = list(places(request, root))
    by = {
        purpose: [p for p in parameters if purposes[p.name] == purpose] for purpose in ("input", "output", "repository")
    }
    chosen: dict[str, Json] = {}
    written = [place for place in found if place.written]
    if not written and by["output"] and (last := _goes_into(found) or _is_new(found, by["output"][0], root)):
        written = [last]
    if by["output"] and written:
        chosen[by["output"][0].name] = written[-1].text
        found = [place for place in found if place is not written[-1]]
    wanting = list(by["input"])
    for parameter in wanting:
        several = parameter.type == "array"
        mine = found if several or len(wanting) == 1 else found[:1]
        if not mine:
            break
        chosen[parameter.name] = [place.text for place in mine] if several else mine[0].text
        found = found[len(mine) if several else 1 :]
    found = _for_repository(found, by["repository"], chosen)
    if by["output"] and by["output"][0].name not in chosen and found and not found[0].folder:
        chosen[by["output"][0].name] = found[0].text
    return chosen


def _goes_into(found: list[Place]) -> Place | None:
    """The last place, where it stands behind another word than the first: `a copy of config/ in safe/`."""
    if not found or found[-1].preposition not in _INSIDE:
        return None
    last = found[-1]
    text = re.search(r"\.(?:md|html?|txt|pdf|json|csv|parquet|xlsx)$", last.text.lower())
    if len(found) == 1:
        return last if text and last.parted else None
    if text and found[0].folder:
        return last
    return last if found[0].preposition != last.preposition and (text or last.folder) else None


def _is_new(found: list[Place], output: Parameter, root: Path) -> Place | None:
    """The only file, where it is not there yet and is a text as the one that is written: `in licences.md`."""
    if len(found) != 1 or found[0].preposition not in _INSIDE or exists(root, found[0].text):
        return None
    ends = r"\.(?:md|html?|pdf)$"
    usual = output.default is None or re.search(ends, str(output.default))
    return found[0] if usual and re.search(ends, found[0].text.lower()) else None


_INSIDE = frozenset(("in", "into", "to", "dans", "en", "em", "nach", "su", "naar", "vers", "im"))


def _for_repository(found: list[Place], wanting: Sequence[Parameter], chosen: dict[str, Json]) -> list[Place]:
    folders = [place for place in found if place.folder]
    if wanting and folders:
        chosen[wanting[0].name] = folders[0].text
        return [place for place in found if place is not folders[0]]
    return found


_ALIASES = {
    "users": "customers|users|clients|kunden|nutzer|anwender|usuarios|clientes|utilisateurs|utenti|clienti|gebruikers|"
    "klanten|end users|everyone",
    "developers": "developers|devs|entwickler|desarrolladores|developpeurs|desenvolvedores|sviluppatori|ontwikkelaars",
}


def _fitting(value: Json, parameter: Parameter) -> Json:
    """The value as the parameter's type wants it; None where it does not fit."""
    if value is None or value in ("", []):
        return None
    if parameter.type == "array":
        return value if isinstance(value, list) else [value]
    if isinstance(value, list):
        value = ", ".join(map(str, value)) if len(value) > 1 and purpose_of(parameter) == "suites" else value[0]
    if parameter.enum:
        low = flat(str(value))
        same = {flat(str(each)): each for each in parameter.enum}
        also = next((each for name, each in same.items() if re.fullmatch(_ALIASES.get(name, "(?!)"), low)), None)
        return same.get(low, also)
    if parameter.type in ("number", "integer"):
        if not isinstance(value, int | float) or (parameter.type == "integer" and value != int(value)):
            return None
        return int(value) if parameter.type == "integer" else value
    return value if isinstance(value, str) else None


def _shown(value: Json) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
