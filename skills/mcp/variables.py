"""`${VAR}` and `${VAR:-default}` in a server's entry: which names it reads, and what stands there in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

PLAIN = frozenset({"HOME", "LANG", "PATH", "PWD", "TMPDIR", "USER"})
"""Variables that any entry may read: they hold no secret."""


def names(text: str) -> Iterator[str]:
    """The variables that a text names, in order."""
    for found in _REFERENCE.finditer(text):
        yield found[1]


def malformed(text: str) -> str:
    """The first `${` that names no variable, with what follows it; empty where there is none."""
    rest = _REFERENCE.sub("", text)
    at = rest.find("${")
    return rest[at : at + 20] if at >= 0 else ""


def missing(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The variables that are not set and have no default."""
    for found in _REFERENCE.finditer(text):
        if not environ.get(found[1]) and found[2] is None:
            yield found[1]


def expand(text: str, environ: Mapping[str, str]) -> str:
    """The text with the variables' values. An empty one counts as not set, as `:-` does in a shell."""
    return _REFERENCE.sub(lambda found: environ.get(found[1]) or found[2] or "", text)
