"""The front matter of a SKILL.md, by the rules of the Agent Skills specification: what breaks one, and where.

The rules are those of the reference validator (`skills-ref` 0.1.1): what it refuses is an error here, what the
specification says beyond it a warning. Whoever only reads such files takes most errors as warnings too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import field
from typing import Any

from workflows.diagnostics import Diagnostic, suggest
from workflows.records import dataclass
from workflows.source import Document, Mapping, Node, Scalar, Sequence

LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024
LONGEST_COMPATIBILITY = 500

KEYS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
"""All keys that the specification has, in the order in which they are written."""

OWN = "understudy-"
"""How the keys of `metadata` begin that are ours."""

OWN_KEYS = ("understudy-run", "understudy-effect", "understudy-touches", "understudy-output", "understudy-timeout")

ELSEWHERE = frozenset(
    {"argument-hint", "disable-model-invocation", "user-invocable", "model", "effort", "context", "agent", "hooks"}
)
"""Keys that another program has. They are not acted on, but for `disable-model-invocation`."""

FATAL = frozenset({"skill-description", "bad-front-matter", "bad-yaml", "empty-file", "bad-encoding"})
"""Codes of errors without whose mending a skill cannot be used at all."""


@dataclass
class Front:
    """The keys of one SKILL.md as far as they could be read, and what is to be said of them."""

    document: Document
    folder: str
    found: list[Diagnostic] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Node] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, str]:
        value = self.values.get("metadata")
        return value if isinstance(value, dict) else {}

    def say(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.found.append(self.document.diagnose(node.mark, code, message, hint, warning=warning))


def read_front(document: Document, folder: str) -> Front:
    """Check all keys. `folder` is the name of the folder that the file lies in."""
    front = Front(document, folder, list(document.diagnostics))
    root = document.root
    if root is None:
        return front
    if not isinstance(root, Mapping):
        front.say(root, "bad-front-matter", "front matter is written as 'key: value'")
        return front
    for key, node in root.entries:
        front.places[key.text] = node
        if key.text in KEYS:
            front.values[key.text] = _plain(node)
            _check_style(front, key.text, node)
        else:
            hint = "it is not used here" if key.text in ELSEWHERE else suggest(key.text, KEYS)
            front.say(
                key,
                "skill-key",
                f"the format has no key '{key.text}'",
                hint or "what is your own goes below 'metadata'",
            )
            front.values.setdefault(key.text, _plain(node))
    for required in ("name", "description"):
        if required not in front.values:
            front.say(root, f"skill-{required}", f"a skill needs '{required}'", f"add '{required}: …'")
    _check_name(front)
    _check_description(front)
    _check_rest(front)
    return front


def name_flaws(name: str, folder: str = "") -> list[str]:
    """What is wrong with a skill's name, each in words; nothing where it is right."""
    name = unicodedata.normalize("NFKC", name.strip())
    flaws: list[str] = []
    if len(name) > LONGEST_NAME:
        flaws.append(f"it has {len(name)} characters, and at most {LONGEST_NAME} are allowed")
    if name != name.lower():
        flaws.append("it has capital letters")
    if name.startswith("-") or name.endswith("-"):
        flaws.append("it begins or ends with a hyphen")
    if "--" in name:
        flaws.append("it has two hyphens in a row")
    if not all(character.isalnum() or character == "-" for character in name):
        flaws.append("it has other characters than letters, digits and hyphens")
    if folder and unicodedata.normalize("NFKC", folder) != name:
        flaws.append(f"its folder is called '{folder}', and both must be the same")
    return flaws


def _check_name(front: Front) -> None:
    node, name = front.places.get("name"), front.values.get("name")
    if node is None:
        return
    if not isinstance(name, str) or not name.strip():
        front.say(node, "skill-name", "the name must be a text", f"name: {front.folder}")
        return
    for flaw in name_flaws(name, front.folder):
        front.say(node, "skill-name", f"'{name.strip()[:80]}' is no name for a skill: {flaw}", "such as: read-invoices")


def _check_description(front: Front) -> None:
    node, text = front.places.get("description"), front.values.get("description")
    if node is None:
        return
    if not isinstance(text, str) or not text.strip():
        front.say(node, "skill-description", "the description is empty", "say what the skill does, and when to use it")
    elif len(text) > LONGEST_DESCRIPTION:
        message = f"the description has {len(text)} characters, and at most {LONGEST_DESCRIPTION} are allowed"
        front.say(node, "skill-length", message, "details belong below the front matter")


def _check_rest(front: Front) -> None:
    if (node := front.places.get("compatibility")) is not None:
        text = front.values["compatibility"]
        if not isinstance(text, str):
            front.say(node, "skill-compatibility", "'compatibility' must be a text")
        elif len(text) > LONGEST_COMPATIBILITY:
            message = f"'compatibility' has {len(text)} characters, and at most {LONGEST_COMPATIBILITY} are allowed"
            front.say(node, "skill-length", message)
        elif not text.strip():
            front.say(node, "skill-compatibility", "'compatibility' is empty", "take it out", warning=True)
    for key in ("license", "allowed-tools"):
        if (node := front.places.get(key)) is not None and not isinstance(front.values[key], str):
            hint = "separate the names with blanks: Read Bash(git:*)" if key == "allowed-tools" else ""
            front.say(node, "skill-type", f"'{key}' should be one text", hint, warning=True)
    if (node := front.places.get("metadata")) is not None:
        _check_metadata(front, node)


def _check_metadata(front: Front, node: Node) -> None:
    if not isinstance(node, Mapping):
        front.say(node, "skill-type", "'metadata' should be a mapping of texts", "key: value", warning=True)
        return
    for key, value in node.entries:
        if not isinstance(value, Scalar):
            front.say(value, "skill-type", f"'{key.text}' below 'metadata' should be a text", warning=True)
        if key.text.startswith(OWN) and key.text not in OWN_KEYS:
            hint = suggest(key.text, OWN_KEYS) or f"there are {', '.join(OWN_KEYS)}"
            front.say(key, "skill-metadata", f"Understudy knows no '{key.text}'", hint, warning=True)


def _check_style(front: Front, key: str, node: Node) -> None:
    """The reference validator reads no `{…}` and `[…]`."""
    start = front.document.text[node.mark.start : node.mark.start + 1]
    if isinstance(node, (Mapping, Sequence)) and start in ("{", "["):
        front.say(node, "skill-style", f"'{key}' is written in brackets, which other programs refuse", "use lines")
    for inner in [value for _, value in node.entries] if isinstance(node, Mapping) else []:
        _check_style(front, key, inner)


def _plain(node: Node) -> Any:
    """The value with every scalar as the text that it is."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    return [_plain(item) for item in node.items]
