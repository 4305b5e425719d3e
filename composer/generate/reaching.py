"""Where a model's draft may reach: not for keys, not outside of the folder to write, not to hosts that nobody named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from workflows.steps.kind import Entry
from workflows.text import one_line
from workflows.values import Json

PRIVATE = re.compile(
    r"(?:^|[/\\~])\.(?:ssh|aws|gnupg|kube|netrc|npmrc|pypirc|docker|git-credentials|env)(?:[/\\.]|$)"
    r"|id_(?:rsa|ed25519|ecdsa)|/etc/(?:shadow|passwd|sudoers)|(?:^|/)credentials(?:\.|$)|\.pem$|/proc/",
    re.IGNORECASE,
)
"""Where keys and passwords lie. Whoever means such a file says so."""

ACTS_LATER = re.compile(
    r"(?:^|/)\.(?:understudy|git|agents|claude|vscode|idea|husky|github|bashrc|zshrc|profile|bash_profile|config)(?:/|$)"
    r"|(?:^|/)(?:conftest|sitecustomize|usercustomize)\.py$|\.pth$"
)
"""Files that act by themselves once they are there."""

INNARDS = re.compile(r"\$\{\{.*?__\w+__", re.DOTALL)
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_NESTED = re.compile(r"\$\{\{(?:(?!\}\}).)*\$\{\{", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_PARAMETER = re.compile(r"\$\{\{\s*parameters\.(\w+)\s*\}\}")
_STEPS = re.compile(r"\$\{\{[^}]*\b(?:steps|context|item)\b", re.DOTALL)


def texts(value: Json) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def wrong_with_text(text: str, given: str) -> Iterator[str]:
    """What a text reaches for that nobody gave it. Literals of an expression are looked at together, too."""
    if INNARDS.search(text):
        yield f"{one_line(text, 60)!r} reaches for what no expression has"
    insides = ["".join(a or b for a, b in _LITERAL.findall(found)) for found in _INSIDE.findall(text)]
    if _NESTED.search(text):
        yield f"{one_line(text, 60)!r} has an expression inside of an expression"
    for each in (text, *insides):
        if PRIVATE.search(each) and each not in given:
            yield f"it names {one_line(each, 60)!r}, where keys and passwords lie; the person did not name it"
            return


def wrong_with_paths(fields: Json, entry: Entry, defaults: Mapping[str, Json], given: str) -> Iterator[str]:
    """What a skill that writes is given as its place, where that is outside, or acts by itself later."""
    schema = entry.parameters if isinstance(entry.parameters, Mapping) else {}
    properties, arguments = schema.get("properties"), fields.get("parameters") if isinstance(fields, Mapping) else None
    if "writes" not in entry.touches or not isinstance(properties, Mapping) or not isinstance(arguments, Mapping):
        return
    for name, value in arguments.items():
        about = properties.get(name)
        if not isinstance(about, Mapping) or about.get("format") != "path" or not isinstance(value, str):
            continue
        path = _PARAMETER.sub(lambda found: str(defaults.get(found[1], "")), value)
        if ACTS_LATER.search(path) and path not in given:
            yield f"it writes to {one_line(path, 60)!r}, which acts by itself later; the person did not name it"
        elif (path.startswith(("/", "~", "\\")) or ".." in PurePosixPath(path).parts) and not _is_named(path, given):
            yield f"it writes to {one_line(path, 60)!r}, outside of the folder it is for; the person did not name that"


def _is_named(path: str, given: str) -> bool:
    """Whether somebody named this place, or a folder above it."""
    places = (path, *(str(each) for each in PurePosixPath(path).parents))
    return any(place in given for place in places if place.strip("/.~"))


def wrong_with_host(fields: Json, given: str) -> Iterator[str]:
    """A request that sends what steps gave to a host that nobody named, or looks at this machine from inside."""
    url = fields.get("url") if isinstance(fields, Mapping) else None
    if not isinstance(url, str):
        return
    host = (urlsplit(url.partition("${{")[0]).hostname or "").lower()
    if not host or _is_known(host, given.lower()):
        return
    if re.fullmatch(r"[\d.]+|\[?[0-9a-f:]+\]?|localhost|.*\.(?:internal|local)", host):
        yield f"it asks {host}, which the person did not name"
    elif any(_STEPS.search(text) for text in texts(fields)):
        yield f"it sends what other steps gave to {host}, which the person did not name"


def _is_known(host: str, given: str) -> bool:
    """Whether the host was named, or whose it is: `github` for api.github.com."""
    return host in given or any(len(part) > 3 and part in given for part in host.split(".")[:-1])
