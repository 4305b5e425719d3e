"""Black-box cases of the language, as data: what lies in a user's folders, what is typed, and what must come of it.

A case is one YAML file in `tests/conformance/cases`. Its keys are the fields of `Case` and, in `commands`, of `Typed`.
The word `HERE` in any file of a case becomes `127.0.0.1:PORT` of its web server. Every case has the skill of `ACT`.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.command_line import CommandLine, Ended
from tests.support.web import Came, Says

CASES = Path(__file__).parents[1] / "conformance" / "cases"

ACT = """
import time
from typing import Any

from skills import Context, SkillError, skill


class DeploymentError(Exception):
    pass


@skill(name="act", effect="unsafe", touches=["writes"])
def act(
    context: Context,
    say: str = "",
    fail: str = "",
    times: int = 1000,
    raises: bool = False,
    wait: float = 0,
    gives: Any = None,
) -> Any:
    '''Add the line `say` to `log`, wait, and give something; or fail, the first `times` that the line was added.'''
    log = context.root / "log"
    if say:
        with open(log, "a") as file:
            file.write(say + "\\n")
    if wait:
        context.emit("waiting\\n")
        time.sleep(wait)
    if (fail or raises) and log.read_text().split("\\n").count(say) <= times:
        if raises:
            raise DeploymentError(f"{say} was not deployed")
        raise SkillError(f"{say} failed", kind=fail)
    return {"said": say} if gives is None else gives
"""
"""A skill that leaves a line for every time it acted, and fails as it is told."""


@dataclass(frozen=True)
class Typed:
    """A command and what it comes to.

    `json` is a part of the document on stdout, see `unlike`. Each text of `stdout` and `stderr` stands in what was said
    there, in this order; no text of `never` stands in either. `write` is done before it, and so many seconds are
    waited for `after`.
    """

    understudy: str
    exit: int = 0
    json: Any = None
    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    write: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0

    def __post_init__(self) -> None:
        for name in ("stdout", "stderr", "never"):
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))


@dataclass(frozen=True)
class Route:
    """What the web server says to a request such as `GET /health`, one answer after the other; the last one stays."""

    request: str
    answers: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """One case.

    `clause`: the texts of docs/language.md that it shows, each as it stands there, once. `flow` is `flow.yaml` in the
    working folder, `files` are others there. `workflows`, `skills`, `agents` and `settings` are the user's own. `after`
    are files of the working folder and what stands in them at the end, null for one that must not be there. `came` are
    the requests that reached the web server.
    """

    name: str
    clause: tuple[str, ...]
    commands: tuple[Typed, ...]
    flow: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    workflows: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    web: tuple[Route, ...] = ()
    came: tuple[str, ...] | None = None
    after: Mapping[str, str | None] = field(default_factory=dict)
    xfail: str = ""

    def lay_out(self, line: CommandLine, here: str) -> None:
        """Put the case's files where a user has them."""
        config = line.home / "state" / "config"
        groups = [(line.cwd, self.files)]
        groups += [(config / "skills", {"act": ACT, **self.skills})]
        groups += [(config / what, getattr(self, what)) for what in ("workflows", "agents")]
        groups += [(line.cwd, {"flow.yaml": self.flow} if self.flow else {})]
        groups += [(config, {"settings.yaml": self.settings} if self.settings else {})]
        endings = {"workflows": ".yaml", "skills": ".py", "agents": ".md"}
        for folder, files in groups:
            for name, text in files.items():
                ending = endings.get(folder.name, "") if folder.parent == config else ""
                path = folder / f"{name}{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(placed(text, here), encoding="utf-8")

    def web_server(self) -> Answering:
        return Answering({route.request: list(route.answers) for route in self.web})


class Answering:
    """The behaviour of a case's web server. `came` is what was asked of it."""

    def __init__(self, routes: dict[str, list[Mapping[str, Any]]]) -> None:
        self._routes = routes
        self.came: list[str] = []

    def __call__(self, came: Came) -> Says:
        request = f"{came.method} {came.path}"
        self.came.append(request)
        answers = self._routes.get(request.partition("?")[0])
        if answers is None:
            return Says(404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.get("gone"):
            return Says(raw=b"")
        body = json.dumps(answer["json"]) if "json" in answer else str(answer.get("body", ""))
        kind = {"content-type": "application/json"} if "json" in answer else {}
        echoed = {name: came.headers.get(name.lower(), "") for name in answer.get("echo", ())}
        if echoed:
            body, kind = json.dumps(echoed), {"content-type": "application/json"}
        return Says(answer.get("status", 200), body.encode(), {**kind, **answer.get("headers", {})})


@cache
def cases() -> tuple[Case, ...]:
    """All cases. Raises TypeError where one has a key that there is not."""
    return tuple(_case(path) for path in sorted(CASES.glob("*.yaml")))


def _case(path: Path) -> Case:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    clause = data.pop("clause")
    return Case(
        path.stem,
        (clause,) if isinstance(clause, str) else tuple(clause),
        tuple(Typed(**typed) for typed in data.pop("commands")),
        web=tuple(Route(**route) for route in data.pop("web", ())),
        came=tuple(data.pop("came")) if "came" in data else None,
        **data,
    )


def placed(text: str, here: str) -> str:
    """A file's text, with the place of the web server."""
    return re.sub(r"\bHERE\b", here, text)


def play(case: Case, line: CommandLine, here: str) -> Iterator[str]:
    """Type the case's commands, and say what is not as it should be."""
    case.lay_out(line, here)
    for typed in case.commands:
        for name, text in typed.write.items():
            line.write(name, placed(text, here))
        time.sleep(typed.after)
        ended = line.run(*shlex.split(typed.understudy), **{**case.environ, **typed.environ})
        problems = [f"`understudy {typed.understudy}`: {problem}" for problem in _problems(typed, ended)]
        if problems:
            yield from problems
            # The document is long, and what differs was said.
            yield f"stderr:\n{ended.stderr}" + ("" if typed.json else f"stdout:\n{ended.stdout}")
            return
    for name, text in case.after.items():
        path = line.cwd / name
        found = path.read_text(encoding="utf-8") if path.is_file() else None
        if found != text:
            yield f"{name} is {found!r}, not {text!r}"


def _problems(typed: Typed, ended: Ended) -> Iterator[str]:
    if ended.code != typed.exit:
        yield f"exit code {ended.code}, not {typed.exit}"
    if typed.json is not None:
        try:
            yield from unlike(typed.json, ended.document)
        except ValueError:
            yield "stdout is no JSON document"
    for name in ("stdout", "stderr"):
        said, at = getattr(ended, name), 0
        for text in getattr(typed, name):
            found = said.find(text, at)
            if found < 0:
                yield f"{name} has no {text!r}" + (" behind the text before it" if text in said else "")
            else:
                at = found + len(text)
    for text in typed.never:
        if text in ended.stdout + ended.stderr:
            yield f"it says {text!r}"


def unlike(wanted: Any, found: Any, place: str = "") -> Iterator[str]:
    """Where a value is not as wanted.

    An object may have more keys than are wanted, but for what is below `outputs`. A list of objects may be wanted as an
    object of some of them by their `id` or `entry`; null there: no such one. `{like: "a*"}` is wanted of a text that
    fits the pattern.
    """
    if isinstance(wanted, Mapping) and set(wanted) == {"like"}:
        if not (isinstance(found, str) and fnmatchcase(found, wanted["like"])):
            yield f"{place} is {found!r}, not like {wanted['like']!r}"
    elif isinstance(wanted, Mapping) and isinstance(found, list):
        named = {each.get("entry", each.get("id")): each for each in found if isinstance(each, Mapping)}
        for name, value in wanted.items():
            if value is None and name in named:
                yield f"{place}.{name} is there"
            elif value is not None and name not in named:
                yield f"{place} has no {name}; it has {', '.join(map(str, named))}"
            elif value is not None:
                yield from unlike(value, named[name], f"{place}.{name}")
    elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
        if place.startswith(".outputs") and (more := set(found) - set(wanted)):
            yield f"{place} has {', '.join(sorted(more))} too"
        for name, value in wanted.items():
            if name not in found:
                yield f"{place} has no {name!r}"
            else:
                yield from unlike(value, found[name], f"{place}.{name}")
    elif isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            yield f"{place} is {found!r}, not {wanted!r}"
        else:
            for place_, (one, other) in enumerate(zip(wanted, found, strict=True)):
                yield from unlike(one, other, f"{place}[{place_}]")
    elif wanted != found or type(wanted) is not type(found):
        yield f"{place} is {found!r}, not {wanted!r}"
