"""What a call of a skill would do, as far as its arguments say: which paths, which command, which hosts."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from skills.manifest import Skill
from skills.network.target import target_of
from skills.paths import PROTECTED, PathRefused, check_open, is_closed, resolve, shown
from skills.schema import path_parameters
from workflows.effects import Effect
from workflows.records import dataclass
from workflows.values import Json

COMMANDS = ("argv", "command", "script")
"""Parameters that hold a command, of a skill that runs programs: a list of its arguments, or a text for a shell. A
`script` has its arguments in `args`, and is that of a `skill`."""

HOSTS = ("host", "hosts", "hostname", "server")
"""Parameters that hold the names of hosts. URLs are found wherever they stand."""

SHELLS = frozenset(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "toybox"}
    | {"pwsh", "powershell", "powershell.exe", "cmd", "cmd.exe"}
)
"""Programs that run a text as a program of its own: no pattern of arguments can say what that does."""

_PARTED = re.compile(r"[=:,@]")
_WILD = re.compile(r"[*?\[]")

OBEYED = "agents.md"
"""The name of the file that agents keep to, in lower case."""

UNREADABLE = "?"
"""Stands for a host that cannot be read from its URL. No rule that allows covers it."""


@runtime_checkable
class Declaring(Protocol):
    """Performs a skill that runs one program, whose words are known beforehand."""

    def argv(self, arguments: Mapping[str, Json]) -> Sequence[str]: ...


@dataclass(frozen=True)
class Act:
    """What a call would do. `paths` are real, relative to the workspace; `named` are those that its command may
    mean; `folders` are all of these that are folders, and the workspace for what works in files without naming them.
    `beyond` are words of its command that lead out of the workspace, or to where tools never write.

    `argv` is None where no command is given; `declared` where a person wrote it down, but for some of its words.
    `must_ask` says why no rule can allow it; empty where one can.
    """

    skill: str
    effect: Effect = "unsafe"
    touches: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    argv: tuple[str, ...] | None = None
    hosts: tuple[str, ...] = ()
    must_ask: str = ""
    declared: bool = False
    beyond: frozenset[str] = frozenset()


def act_of(skill: Skill, arguments: Mapping[str, Json], root: Path, closed: Sequence[Path] = ()) -> Act:
    """What calling a skill with these arguments, which fit its schema, would do. Raises PathRefused.

    `closed` are folders that no tool looks into; a command that names one is always asked for.
    """
    real = [resolve(root, path) for path in _paths(skill, arguments)]
    for path in real:
        check_open(path, closed)
    argv, must_ask = _command(skill, arguments)
    declared = False
    if argv is None and isinstance(skill.performer, Declaring):
        declared, argv = True, tuple(skill.performer.argv(arguments))
        must_ask = _shell_in(argv)
    must_ask = must_ask or _obeyed(skill, real, arguments)
    named, beyond = _named(root, argv or (), real)
    if not must_ask and (own := next((path for path in named if is_closed(path, closed)), None)):
        must_ask = f"{shown(root, own)} belongs to Understudy itself"
    folders = [path for path in (*real, *named) if os.path.isdir(path)]  # False too where a name is too long to be one
    if not real and argv is None and skill.touches & {"reads", "writes"}:
        folders = [root.resolve()]
    return Act(
        skill.name,
        skill.effect,
        skill.touches,
        tuple(dict.fromkeys(shown(root, path) for path in real)),
        tuple(dict.fromkeys(shown(root, path) for path in named)),
        tuple(dict.fromkeys(shown(root, path) for path in folders)),
        argv,
        tuple(dict.fromkeys(_hosts(arguments))) if "network" in skill.touches else (),
        must_ask,
        declared,
        beyond,
    )


def _named(root: Path, argv: Sequence[str], places: Sequence[Path]) -> tuple[list[Path], frozenset[str]]:
    """What words of a command may mean as paths of the workspace, and the words that may mean one beyond it.

    `places` are the folders that it may run in, besides the workspace.
    """
    named: dict[Path, None] = {}
    beyond: set[str] = set()
    for word in argv[1:]:
        for text in _texts_in(word):
            for place in (root, *places):
                try:
                    path = resolve(root, text, cwd=place)
                except PathRefused:
                    beyond.add(word)
                    continue
                named[path] = None
                if not PROTECTED.isdisjoint(part.casefold() for part in path.relative_to(root).parts):
                    beyond.add(word)
        if text_before := _before_wildcards(word):
            with suppress(PathRefused):
                named[resolve(root, text_before)] = None
    return list(named), frozenset(beyond)


def _texts_in(word: str) -> set[str]:
    """The texts within a word that programs take for paths: `--file=a`, `HEAD:a`, `@a`, `-fa`."""
    pieces = _PARTED.split(word)
    texts = {word, *pieces, *(word[found.end() :] for found in _PARTED.finditer(word))}
    if word.startswith("-") and not word.startswith("--"):
        texts |= {word[2:]}
    found = {os.path.expanduser(text) if text.startswith("~") else text for text in texts}
    return {text for text in found if text and not text.startswith("-") and "://" not in text and text != "//"}


def _before_wildcards(word: str) -> str:
    """The folder in which a program may look for what fits a word with wildcards; empty where it has none."""
    found = _WILD.search(word)
    return (word[: found.start()].rpartition("/")[0] or ".") if found else ""


def _paths(skill: Skill, arguments: Mapping[str, Json]) -> Iterator[str]:
    """Every path that is given, and those that are taken where none is."""
    properties = skill.parameters.get("properties", {})
    for name in sorted(path_parameters(skill.parameters)):
        value = arguments.get(name, properties[name].get("default"))
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield each


def _command(skill: Skill, arguments: Mapping[str, Json]) -> tuple[tuple[str, ...] | None, str]:
    """The command that is given, and why it must be asked for."""
    if "shell" not in skill.touches:
        return None, ""
    for name in COMMANDS:
        given = arguments.get(name)
        if name == "script" and isinstance(given, str):
            # Two skills may each have a scripts/run.py: what is allowed of the one is not of the other.
            owner = f"{arguments['skill']}/" if isinstance(arguments.get("skill"), str) else ""
            given = [owner + given, *(arguments.get("args") or ())]
        if isinstance(given, str) and given:
            return _split(given), "it is a text for a shell"
        if isinstance(given, list) and given:
            argv = tuple(map(str, given))
            if arguments.get("env"):
                return argv, "it sets variables of its environment, which can change what the program does"
            return argv, _shell_in(argv)
    return None, ""


def _obeyed(skill: Skill, paths: Sequence[Path], arguments: Mapping[str, Json]) -> str:
    """Why a call must be asked for that may write what every agent is told from then on; empty where it does not.

    Where a skill is given no path, as for a patch, any mention counts.
    """
    if "writes" not in skill.touches or skill.effect == "pure":
        return ""
    mentions = [path.name for path in paths] or _texts(dict(arguments))
    if any(OBEYED in text.casefold() for text in mentions):
        return "it may change AGENTS.md, which agents obey"
    return ""


def _shell_in(argv: tuple[str, ...]) -> str:
    """Why a command needs a shell; empty where it does not. Others run what follows them, so each word is looked at."""
    for word in argv:
        program = word.rpartition("/")[2].casefold()
        if program in SHELLS:
            return f"it needs a shell ({program})"
        # Git runs what follows `ext::`; make what stands in `$(shell …)`, wherever it is told of a variable.
        if found := next((text for text in ("ext::", "$(") if text in word.casefold()), ""):
            return f"a program may run what follows `{found}`"
    return ""


def _split(text: str) -> tuple[str, ...]:
    """A text for a shell in words, for rules that forbid. It is asked for whatever they say."""
    try:
        return tuple(shlex.split(text)) or (text,)
    except ValueError:
        return (text,)


def _hosts(arguments: Mapping[str, Json]) -> Iterator[str]:
    for name, value in arguments.items():
        if name.casefold() in HOSTS:
            yield from (each.casefold() for each in _texts(value) if "://" not in each)
        for text in _texts(value):
            for word in text.split() if "://" in text else ():
                if "://" in word:
                    yield _host_of(word)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _host_of(url: str) -> str:
    if "\\" in url:
        return UNREADABLE  # programs do not agree on what this means
    with suppress(ValueError):
        return target_of(url).host  # as it is connected to: characters that look like others are those
    try:
        return (urlsplit(url).hostname or UNREADABLE).casefold()
    except ValueError:
        return UNREADABLE
