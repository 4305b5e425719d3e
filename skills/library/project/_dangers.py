"""What is dangerous in a file: secrets in its text, calls in its Python, its mode. Nothing is run."""

from __future__ import annotations

import ast
import re
import stat
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")

EXCUSED = "# nosec"
"""A line with this is not told of: somebody has looked at it."""


@dataclass(frozen=True)
class Danger:
    """One finding. `line` counts from 1; 0 is the file itself. It never holds the secret that it found."""

    severity: Severity
    rule: str
    line: int
    what: str


_SECRETS: tuple[tuple[str, Severity, str, re.Pattern[str]], ...] = (
    ("private-key", "high", "a private key", re.compile(r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----")),
    ("aws-key", "high", "an access key of AWS", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        "token",
        "high",
        "a token of a service",
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}"
            r"|sk-[A-Za-z0-9_-]{20}|sk_live_[A-Za-z0-9]{16}|AIza[\w-]{35})"
        ),
    ),
    (
        "password",
        "medium",
        "a password or key, written out",
        re.compile(
            r"""(?i)\b[\w.-]{0,40}(?:password|passwd|secret|api_?key|access_?token)["']?\s{0,4}[:=]\s{0,4}"""
            r"""(["'])(?P<value>[^"'\s]{8,200})\1"""
        ),
    ),
)

_PLACEHOLDER = re.compile(r"(?i)\$\{|\{\{|^[<%]|example|changeme|placeholder|your[-_]|^(.)\1+$")

_CALLS: Mapping[str, tuple[Severity, str, str]] = {
    "eval": ("high", "eval", "runs text as code"),
    "exec": ("high", "eval", "runs text as code"),
    "os.system": ("high", "shell", "runs a shell"),
    "os.popen": ("high", "shell", "runs a shell"),
    "subprocess.getoutput": ("high", "shell", "runs a shell"),
    "subprocess.getstatusoutput": ("high", "shell", "runs a shell"),
    "pickle.load": ("high", "pickle", "runs what a pickle says"),
    "pickle.loads": ("high", "pickle", "runs what a pickle says"),
    "pickle.Unpickler": ("high", "pickle", "runs what a pickle says"),
    "marshal.loads": ("high", "pickle", "reads code as data"),
    "marshal.load": ("high", "pickle", "reads code as data"),
    "shelve.open": ("medium", "pickle", "a shelf is made of pickles"),
    "yaml.unsafe_load": ("high", "yaml", "makes whatever objects the file names"),
    "yaml.load": ("high", "yaml", "makes whatever objects the file names; yaml.safe_load does not"),
    "ssl._create_unverified_context": ("high", "tls", "checks no certificate"),
    "tempfile.mktemp": ("medium", "temporary-file", "another can take the name first; tempfile.mkstemp is safe"),
    "hashlib.md5": ("low", "weak-hash", "MD5 is broken"),
    "hashlib.sha1": ("low", "weak-hash", "SHA-1 is broken"),
}


def secrets_in(text: str) -> Iterator[Danger]:
    """Lines that look as if a secret were written there."""
    for number, line in enumerate(text.split("\n"), 1):
        for rule, severity, what, pattern in _SECRETS:
            found = pattern.search(line[:4000])
            if found and not _PLACEHOLDER.search(found.groupdict().get("value") or ""):
                yield Danger(severity, rule, number, what)


def calls_in(source: bytes) -> Iterator[Danger]:
    """Calls of a Python file that do what a stranger's data say, or trust what was not checked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", 0) or 0
        yield Danger("low", "unread", line, "this is not Python that can be read, so its calls were not looked at")
        return
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, names)


def mode_of(mode: int, private: bool) -> Iterator[Danger]:
    """What a file's permissions allow to others. `private`: it holds what only its owner should read."""
    if mode & (stat.S_ISUID | stat.S_ISGID):
        yield Danger("high", "mode", 0, f"runs with the rights of its owner ({stat.filemode(mode)})")
    if mode & stat.S_IWOTH:
        yield Danger("high", "mode", 0, f"everybody may write it ({stat.filemode(mode)})")
    if private and mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Danger("medium", "mode", 0, f"holds a secret, and others may read it ({stat.filemode(mode)})")


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> full name, wherever it is imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _qualified(node: ast.expr, names: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def _of_call(call: ast.Call, names: Mapping[str, str]) -> Iterator[Danger]:
    name = _qualified(call.func, names).removeprefix("builtins.")
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    known = _CALLS.get("pickle." + name.partition(".")[2] if name.startswith(("dill.", "cPickle.")) else name)
    if known and not _harmless(name, call, given):
        yield Danger(known[0], known[1], call.lineno, f"{name}: {known[2]}")
    if not _is(given.get("shell"), False, None):
        yield Danger("high", "shell", call.lineno, f"{name or 'a call'} runs a shell")
    if "verify" in given and _is(given["verify"], False):
        yield Danger("medium", "tls", call.lineno, f"{name or 'a call'} with verify=False checks no certificate")


def _harmless(name: str, call: ast.Call, given: Mapping[str, ast.expr]) -> bool:
    if name == "yaml.load":
        loader = given.get("Loader") or (call.args[1] if len(call.args) > 1 else None)
        return loader is not None and "Safe" in _qualified(loader, {})
    return "usedforsecurity" in given and _is(given["usedforsecurity"], False)


def _is(node: ast.expr | None, *values: object) -> bool:
    """Whether an argument is one of these constants, or is not given."""
    return node is None or (isinstance(node, ast.Constant) and any(node.value is value for value in values))
