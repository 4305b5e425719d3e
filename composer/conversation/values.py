"""What a parameter is by default, and other plain values: `set the limit to 50`."""

from __future__ import annotations

import re

from composer.conversation import vocabulary as v
from composer.conversation.said import Said, Understood, folded
from composer.edit import SetField
from workflows.definition.parameters import Parameter, bind
from workflows.errors import UnderstudyError
from workflows.parts import changed

_TO = re.compile(r"\s+(?:to|be|as|=|auf|zu|in|a|en|para|por|als|como|de)\s+|\s*=\s*", re.IGNORECASE)


_WRITTEN = re.compile(r"^out|output|dest|target|report$|result|save|write")
_READ = re.compile(r"^in$|input|source|from|^data$|read|^log")
"""Names of files that are written, and of files that are read."""


def value(said: Said) -> Understood | None:
    """Another default for a parameter that is named, beside a value that fits it; or another file to write."""
    for index, parameter in enumerate(said.subject.workflow.parameters):
        if (given := _given(said, parameter)) is None:
            continue
        try:
            typed = bind([changed(parameter, required=False, default=None)], {parameter.name: given})[parameter.name]
        except UnderstudyError as error:
            return Understood(refused=f"{error.message} {error.hint}".strip())
        return Understood((SetField(("parameters", index, "default"), typed),), _means(parameter, given))
    return _file(said)


def _given(said: Said, parameter: Parameter) -> str | None:
    """What is said of this parameter; None where nothing is."""
    name = folded(parameter.name.replace("_", " "))
    named = rf"(?<!\w)(?:{re.escape(name)}s?|{re.escape(parameter.name)})(?!\w)"
    if not re.search(named, said.words):
        return None
    if parameter.type in ("integer", "number") and (
        found := re.search(rf"{named}\D{{0,12}}(\d+(?:\.\d+)?)", said.words)
    ):
        return found[1]
    if "_" in parameter.name and (found := re.fullmatch(rf"{named}\s+(\S+)", said.words)):
        return said.original.split()[-1]  # "unique by name"
    parts = _TO.split(said.original.strip().rstrip(".!"))
    if len(parts) < 2 or not (said.has(v.SET) or "=" in said.original):
        return None
    return parts[-1].strip("\"'`“” ")


def _file(said: Said) -> Understood | None:
    """`save it to docs/NEWS.md`, where there is one file that is written."""
    found = re.search(v.FILE, said.original)
    if found is None or not said.has(v.WRITE_TO):
        return None
    paths = [(index, each) for index, each in enumerate(said.subject.workflow.parameters) if each.type == "path"]
    files = [(index, each) for index, each in paths if _WRITTEN.search(each.name)] or [
        (index, each)
        for index, each in paths
        if isinstance(each.default, str) and re.search(r"\.\w{1,8}$", each.default) and not _READ.search(each.name)
    ]
    if len(files) != 1:
        return None
    (index, parameter) = files[0]
    return Understood((SetField(("parameters", index, "default"), found[0]),), _means(parameter, found[0]))


def _means(parameter: Parameter, given: str) -> str:
    return f"{parameter.name} is {given} where nothing else is said"
