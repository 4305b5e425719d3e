"""The `mcpServers` of a file, as other clients write them too: `.mcp.json` and files of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal
from urllib.parse import urlsplit

from skills.discover import read_source
from skills.mcp import json_places, variables
from skills.mcp.files import File
from skills.mcp.json_places import NotJson, Placed
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json, digest

Transport = Literal["stdio", "http"]

CODE = "bad-mcp-server"

KEYS = ("type", "command", "args", "env", "cwd", "url", "headers", "disabled")
"""The keys of an entry that count here. Others belong to other clients, and are only named."""

_URLS = ("httpUrl", "serverUrl")
"""What other clients call the `url` of a server over streamable HTTP."""

_TYPES: Mapping[str, Transport] = {
    "stdio": "stdio",
    "http": "http",
    "streamable-http": "http",
    "streamableHttp": "http",
}
_LONGEST_KEY = 32
_LONGEST_SHOWN = 64
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class ServerConfig:
    """One server, as its file says. Texts are as written: variables are put in when it is started.

    `key` is the part of its tools' names. `digest` covers all that decides what is started or reached.
    """

    name: str
    key: str
    file: File
    line: int
    transport: Transport = "stdio"
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    disabled: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        entry = [self.transport, self.command, self.args, dict(self.env), self.cwd, self.url, dict(self.headers)]
        return digest(_plain(entry))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in which variables count."""
        return (self.command, *self.args, *self.env.values(), self.cwd, self.url, *self.headers.values())

    @property
    def reads(self) -> tuple[str, ...]:
        """The environment variables that it names, each once."""
        return tuple(dict.fromkeys(name for text in self.texts for name in variables.names(text)))

    @property
    def place(self) -> str:
        return f"{self.file.path}:{self.line}"

    @property
    def summary(self) -> str:
        """What it is, in one line: the command or the address, as written."""
        return self.url if self.transport == "http" else " ".join((self.command, *self.args))


@dataclass(frozen=True)
class Broken:
    """An entry that cannot be used: its name, the part of its tools' names, why, and the same with its place."""

    name: str
    key: str
    why: str
    problem: Diagnostic


def read_file(file: File, may_read: Callable[[str], bool]) -> tuple[list[ServerConfig], list[Broken], list[Diagnostic]]:
    """The servers of a file, its broken entries, and what is wrong with the file itself. A missing file has none.

    `may_read` says which environment variables a file of a workspace may name.
    """
    if not file.path.exists() and not file.path.is_symlink():
        return [], [], []
    source = read_source(file.path, file.root, CODE)
    if isinstance(source, Diagnostic):
        return [], [], [source]
    try:
        placed = json_places.read(source.decode("utf-8"))
    except UnicodeDecodeError:
        return [], [], [Diagnostic("error", CODE, "the file is not UTF-8", "save it as UTF-8", str(file.path))]
    except NotJson as error:
        text = "".join(source.decode("utf-8").splitlines()[error.line - 1 : error.line])
        hint = "JSON has no comments and no comma before a closing bracket"
        found = _diagnose(file, f"this is not JSON: {error.message}", hint, error.line, error.column, text)
        return [], [], [found]
    servers, broken = list[ServerConfig](), list[Broken]()
    problems = [_problem(file, placed, path, f"'{path[-1]}' is given twice") for path in placed.twice]
    if problems:
        return [], [], problems
    entries = placed.value.get("mcpServers") if isinstance(placed.value, dict) else None
    if entries is None and isinstance(placed.value, dict):
        if file.path.name == ".mcp.json" or not placed.value:
            return [], [], []  # a file that other programs use too need not have any
        return [], [], [_problem(file, placed, (), "there is no 'mcpServers' in it", EXAMPLE_HINT)]
    if not isinstance(entries, dict):
        return [], [], [_problem(file, placed, ("mcpServers",), "'mcpServers' must be an object", EXAMPLE_HINT)]
    taken: dict[str, str] = {}
    for name in entries:
        key = key_of(name)
        reading = _Entry(file, placed, name, key, may_read)
        wrong = next(reading.problems(), None)
        if wrong is None and key in taken:
            wrong = reading.problem((), f"its tools could not be told from those of '{taken[key]}'", "rename one")
        if wrong is not None:
            broken.append(Broken(reading.shown, key, reading.why, wrong))
        else:
            servers.append(reading.config())
        taken.setdefault(key, reading.shown)
    return servers, broken, []


EXAMPLE_HINT = 'such as {"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}'


def key_of(name: str) -> str:
    """A server's part of its tools' names: letters, digits, `-` and single `_`, at most 32 of them."""
    clean = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_-]", "_", name)).strip("_")
    if len(clean) <= _LONGEST_KEY and clean:
        return clean
    return f"{clean[: _LONGEST_KEY - 7]}-{digest(name)[:6]}".lstrip("-")


def _as_ours(value: Any) -> Any:
    """An entry with its address where we look for it."""
    other = next((name for name in _URLS if isinstance(value, dict) and name in value and "url" not in value), "")
    return {"url" if name == other else name: each for name, each in value.items()} if other else value


def _plain(value: Any) -> Json:
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _problem(file: File, placed: Placed, path: json_places.Path, message: str, hint: str = "") -> Diagnostic:
    line, column = placed.place(path)
    return _diagnose(file, message, hint, line, column, placed.line(line))


def _diagnose(file: File, message: str, hint: str, line: int, column: int, text: str) -> Diagnostic:
    return Diagnostic("error", CODE, message, hint, str(file.path), line, column, column + 1, text)


class _Entry:
    """One entry while it is read."""

    def __init__(self, file: File, placed: Placed, name: str, key: str, may_read: Callable[[str], bool]) -> None:
        self._file, self._placed, self._name, self._key = file, placed, name, key
        self._may_read = may_read
        self.shown = one_line(name, _LONGEST_SHOWN) or "?"
        self.why = ""
        self._value: Any = _as_ours(placed.value["mcpServers"][name])

    def problem(self, path: Sequence[str | int], message: str, hint: str = "") -> Diagnostic:
        where = ("mcpServers", self._name, *path)
        self.why = message
        return _problem(self._file, self._placed, where, f"the MCP server '{self.shown}': {message}", hint)

    def problems(self) -> Iterator[Diagnostic]:
        """What keeps the entry from being used, the first thing first."""
        value = self._value
        if self._name != self.shown:
            yield self.problem(
                (), "its name cannot be shown as it is", "letters, digits and signs, on one line, no more than 64"
            )
        if not isinstance(value, dict):
            yield self.problem((), "an entry is an object", EXAMPLE_HINT)
            return
        yield from self._wrong_types(value)
        kind = value.get("type")
        if kind == "sse":
            yield self.problem(("type",), "'sse' is the old transport, which is not spoken here", 'say "type": "http"')
        elif kind is not None and kind not in _TYPES:
            yield self.problem(("type",), f"'{kind}' is no type", '"stdio" or "http"')
        if "command" in value and "url" in value:
            yield self.problem(("url",), "it has both a command and a url", "keep one of them")
        if self._transport == "stdio" and not value.get("command"):
            yield self.problem((), "it needs a command", EXAMPLE_HINT)
        if self._transport == "http":
            yield from self._wrong_address(value.get("url") or "")
        for path, text in self._texts():
            if rest := variables.malformed(text):
                yield self.problem(path, f"'{rest}' names no variable", "write ${NAME}, or ${NAME:-default}")
            if "\0" in text:
                yield self.problem(path, "a text holds a NUL character")
            for name in variables.names(text):
                if self._file.root is not None and name not in variables.PLAIN and not self._may_read(name):
                    hint = (
                        f"in your settings.yaml say `mcp: {{variables: [{name}]}}`, or move the server to your own file"
                    )
                    yield self.problem(path, f"a workspace's file may not read the variable {name}", hint)

    def config(self) -> ServerConfig:
        """The entry, in which nothing is wrong."""
        value = self._value
        return ServerConfig(
            self._name,
            self._key,
            self._file,
            self._placed.place(("mcpServers", self._name))[0],
            self._transport,
            value.get("command", ""),
            tuple(value.get("args", ())),
            value.get("env", {}),
            value.get("cwd", ""),
            value.get("url", ""),
            value.get("headers", {}),
            value.get("disabled", False),
            tuple(name for name in value if name not in KEYS),
        )

    @property
    def _transport(self) -> Transport:
        kind = self._value.get("type")
        if isinstance(kind, str) and kind in _TYPES:
            return _TYPES[kind]
        return "http" if "url" in self._value else "stdio"

    def _wrong_types(self, value: Mapping[str, Any]) -> Iterator[Diagnostic]:
        for name in ("type", "command", "cwd", "url"):
            if name in value and not isinstance(value[name], str):
                yield self.problem((name,), f"'{name}' must be a text")
        if not isinstance(value.get("args", []), list):
            given = value["args"].split() if isinstance(value["args"], str) else ["--option", "value"]
            yield self.problem(("args",), "'args' must be a list of texts", f'such as "args": {json.dumps(given)}')
        elif odd := [at for at, each in enumerate(value.get("args", [])) if not isinstance(each, str)]:
            yield self.problem(("args", odd[0]), "an argument must be a text", "put quotes around it")
        for name in ("env", "headers"):
            if not isinstance(value.get(name, {}), dict):
                yield self.problem((name,), f"'{name}' must be an object of texts")
                continue
            for key, each in value.get(name, {}).items():
                if not isinstance(each, str):
                    yield self.problem((name, key), f"{key} must be a text", "put quotes around it")
                elif not (_HEADER if name == "headers" else re.compile(r"[^=\0]+")).fullmatch(key):
                    yield self.problem((name, key), f"{key!r} cannot be a name here")
        if not isinstance(value.get("disabled", False), bool):
            yield self.problem(("disabled",), "'disabled' must be true or false")

    def _wrong_address(self, url: str) -> Iterator[Diagnostic]:
        try:
            parts = urlsplit(url)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            whole = False
        if not whole and "${" not in url:
            yield self.problem(("url",) if url else (), "it needs a url", "such as https://example.org/mcp")

    def _texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        value = self._value
        for name in ("command", "cwd", "url"):
            yield (name,), value.get(name, "")
        for at, text in enumerate(value.get("args", ())):
            yield ("args", at), text
        for name in ("env", "headers"):
            for key, text in value.get(name, {}).items():
                yield (name, key), text
