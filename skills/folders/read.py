"""Reading a skill folder: leniently, for use, or strictly, for those who write one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from skills.folders.contents import NAMES, Contents, read_contents
from skills.folders.entry import SCHEMA, read_entry
from skills.folders.front import FATAL, Front, read_front
from skills.folders.perform import EntryPerformer
from skills.front_matter import split
from skills.layers import Folder, Unit
from skills.manifest import Bundle, Skill
from workflows.diagnostics import Diagnostic
from workflows.text import one_line

_NAMED = re.compile(r"(?<![\w./-])(?:scripts|references|assets)/[\w-]+(?:/[\w-]+)*\.\w+(?![\w/-])")
"""A file of the skill, as instructions name it."""

LONGEST_BODY = 500
"""Lines of instructions beyond which the specification asks to move some to a file beside them."""

FOR_AGENTS = "it is instructions for agents and has no program to run: name it in an agent's 'skills'"
"""Why a folder without a script of its own cannot be a step."""


def read_folder(path: Path, folder: Folder, contents: Contents) -> Unit[Skill]:
    """The skill of a SKILL.md, for use. Only what makes it unusable is an error; all else is a warning."""
    matter = split(contents.source, str(path), foreign=True)
    front, body = read_front(matter.document, path.parent.name), matter.body.strip("\n")
    entry = read_entry(front, dict(contents.files))
    found = [replace(each, severity="warning") for each in matter.mended]
    found += [each if each.code in FATAL else replace(each, severity="warning") for each in front.found]
    if any(each.is_error for each in found):
        return Unit(path, (), tuple(found))
    bundle = Bundle(path.parent, body, dict(contents.files))
    skill = Skill(
        name=_name(front, path.parent.name),
        description=" ".join(front.values["description"].split()),
        parameters=SCHEMA if entry else {"type": "object", "properties": {}, "additionalProperties": False},
        returns=entry.returns if entry else "",
        effect=entry.effect if entry else "pure",
        touches=entry.touches if entry else frozenset({"reads"}),
        digest=contents.digest,
        scope=folder.scope,
        path=path,
        trusted=folder.within is None,
        source=contents.source,
        kind="folder",
        performer=EntryPerformer(bundle, entry) if entry else None,
        unusable="" if entry else FOR_AGENTS,
        bundle=bundle,
        hidden=front.values.get("disable-model-invocation") == "true",
    )
    return Unit(path, (skill,), tuple(found))


def check_folder(path: Path) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the SKILL.md at `path`, by the rules for those who write one."""
    contents = read_contents(path, Folder(path.parent.parent, "user"))
    if isinstance(contents, Diagnostic):
        return (contents,)
    front, body = _take_apart(path, contents, lenient=False)
    if front.document.root is None:
        # What other programs let pass hides all that comes after it from nobody.
        refused, (front, body) = front, _take_apart(path, contents, lenient=True)
        there = refused.document.lines
        rest = [replace(each, source_line=there[each.line - 1]) for each in front.found if each.line <= len(there)]
        front.found[:] = refused.found if front.document.root is None else [*refused.found, *rest]
    read_entry(front, dict(contents.files))
    said = front.found
    root = front.document.root
    if root is not None:
        if path.name != NAMES[0]:
            front.say(root, "skill-file", f"the file is called {path.name}", f"call it {NAMES[0]}", warning=True)
        if not body.strip():
            front.say(
                root, "skill-body", "there are no instructions", "write them below the front matter", warning=True
            )
        if (lines := body.count("\n")) > LONGEST_BODY:
            hint = "move what is not always needed to a file in references/"
            front.say(root, "skill-body", f"the instructions have {lines} lines", hint, warning=True)
    lost = _lost(path, contents)
    return tuple(sorted((*said, *lost), key=lambda each: each.place))


def _lost(path: Path, contents: Contents) -> Iterator[Diagnostic]:
    """Files that the instructions name, in folders that the format has, and that are not there."""
    there = {name for name, _ in contents.files}
    told: set[str] = set()
    for number, line in enumerate(contents.source.decode("utf-8", "replace").splitlines(), 1):
        for found in _NAMED.finditer(line):
            name = found[0]
            if name not in there and name not in told:
                told.add(name)
                message, hint = f"there is no file {name} in this folder", "write it, or take the name out"
                begin, end = found.start() + 1, found.end() + 1
                yield Diagnostic("warning", "skill-file", message, hint, str(path), number, begin, end, line)


def _take_apart(path: Path, contents: Contents, *, lenient: bool) -> tuple[Front, str]:
    matter = split(contents.source, str(path), foreign=lenient)
    return read_front(matter.document, path.parent.name), matter.body.strip("\n")


def _name(front: Front, folder: str) -> str:
    """The name that it is called by: its own where that can be a name at all, else its folder's."""
    said = front.values.get("name")
    name = unicodedata.normalize("NFKC", said.strip()) if isinstance(said, str) else ""
    usable = name and all(character.isalnum() or character in "-_." for character in name)
    return name if usable and len(name) <= 64 else one_line(folder, 64)
