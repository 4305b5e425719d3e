"""Paths and addresses of a request: files and folders, and which of them are to be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from composer.constraints.reading import flat
from composer.terms import ADDRESS, BRANCH, FILE, FOLDER, SITES
from workflows.records import dataclass

_INTO = re.compile(
    r"(?:\binto|\bto|\bas|\bunder|->|=>|\bsave\w*|\bwrite|\bwritten to|\bexport\w*(?: \w+)?|\bstore\w*(?: \w+)?(?: in)?|\bput\w*(?: \w+){0,3} in|\bname[d]?|\bcalled|"
    r"\b(?:guard|salv|escrib|sac|pon|mete|metel)\w*(?: \w+){0,2} (?:en|a|como|em|in)|\bcomo|\b(?:mets|enregistre|ecris|sauve|range)\w*(?: \w+){0,3} dans|\bvers|"
    r"\b(?:speicher|schreib|leg|pack)\w*(?: \w+){0,3} (?:als|in|unter|nach)|\bals|\bnach|\b(?:salva|scrivi|metti)\w*(?: \w+){0,3} (?:in|su|come)|\bcome|"
    r"\b(?:sla|bewaar|schrijf|zet)\w*(?: \w+){0,3} (?:op als|als|in|naar)|\bnaar)\s*[:\"'`]*\s*$"
)
_PLACE = re.compile(
    r"\b(?:in|from|of|to|at|under|for|into|de|del|en|du|des|dans|von|aus|im|da|do|di|della|nel|van|uit|dossier|folder|carpeta|ordner|pasta|cartella|map)\s+[\"'`]?([~.\w/-][\w./~*-]*)",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"\b(?:[Dd]ockerfile|[Mm]akefile|README|CHANGELOG|LICENSE|CHANGES|HISTORY)\b(?![./\w])")


_PAIRED = frozenset(
    re.findall(
        r"\w+",
        "and or pass fail passed failed yes no on off he she his her him added changed fixed removed read write input "
        "output ci cd tcp ip w o n a client server true false start stop unit integration i km h s up down before after "
        "und oder ja nein y si et ou oui non either day week month user users 24 7 e ed en of e2e er sie",
    )
)
"""Words that stand beside each other with a stroke between them, and are no path."""


@dataclass(frozen=True)
class Place:
    """A path. `written` says that something is to go there, `preposition` is the word before it.

    `parted`: a comma stands before that word.
    """

    text: str
    start: int
    end: int
    written: bool = False
    folder: bool = False
    preposition: str = ""
    parted: bool = False


def addresses(request: str) -> tuple[str, ...]:
    """The web addresses, in their order."""
    return tuple(dict.fromkeys(match[0].rstrip(".,;:!?)]}'\"") for match in ADDRESS.finditer(request)))


def hosts(request: str) -> tuple[str, ...]:
    """The names of hosts: those that stand alone, else those of addresses."""
    plain = ADDRESS.sub(" ", request)
    found = [
        match[0]
        for match in re.finditer(r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+([a-z]{2,8})(?![\w/-]|\.\w)", plain, re.IGNORECASE)
        if match[1].lower() in SITES
    ]
    return tuple(dict.fromkeys(found or [address.split("//")[1].split("/")[0] for address in addresses(request)]))


def places(request: str, root: Path) -> tuple[Place, ...]:
    """The paths, in their order: what plainly is one, and what is there by such a name. `root` is where they start."""
    found: list[Place] = []
    for place in sorted(_places(request, root), key=lambda each: (each.start, -each.end)):
        if not any(place.start < other.end and other.start < place.end for other in found):
            found.append(place)
    return tuple(found)


def branches(request: str) -> tuple[str, ...]:
    """What is called as branches usually are: `feature/login`."""
    plain = ADDRESS.sub(" ", request)
    return tuple(dict.fromkeys(match[0].rstrip(".,;:") for match in BRANCH.finditer(plain)))


def _places(request: str, root: Path) -> Iterator[Place]:
    plain = ADDRESS.sub(lambda match: " " * len(match[0]), request)
    low = flat(plain)

    def place(text: str, start: int) -> Place:
        kept = text.rstrip(",;:")
        folder = kept.endswith("/") or ("." not in kept.strip("./").rpartition("/")[2])
        before = re.search(r"(,?)\s*\b(\w+)\s+[\"'`]?$", low[:start])
        word, parted = (before[2], bool(before[1])) if before else ("", False)
        return Place(kept, start, start + len(kept), bool(_INTO.search(low[:start])), folder, word, parted)

    for match in FILE.finditer(plain):
        if match["end"].lower() not in SITES or "/" in match[0] or exists(root, match[0]):
            yield place(match[0], match.start())
    for match in FOLDER.finditer(plain):
        text = match[0].rstrip(".,;:")
        if text.strip("/.~") and not _is_pair(text, root):
            yield place(text, match.start())
    for match in re.finditer(r"[\"'`“]([^\"'`”]{1,200})[\"'`”]|" + _KNOWN.pattern, plain):
        text = match[1] or match[0]
        if match[1] is None or exists(root, text):
            yield place(text, match.start(1) if match[1] else match.start())
    for match in _PLACE.finditer(plain):
        if exists(root, match[1]):
            yield place(match[1], match.start(1))


def _is_pair(text: str, root: Path) -> bool:
    """Whether words with a stroke between them are two words, such as `and/or`, or a branch."""
    if exists(root, text):
        return False
    if BRANCH.fullmatch(text):
        return True
    return "/" in text and all(part.lower() in _PAIRED for part in text.strip("/").split("/"))


def exists(root: Path, text: str) -> bool:
    """Whether there is a file or folder of this name."""
    if not text or len(text) > 255 or "\0" in text or text in ("/", ".", ".."):
        return False
    try:
        return (root / Path(text).expanduser()).exists()
    except (OSError, RuntimeError):
        return False
