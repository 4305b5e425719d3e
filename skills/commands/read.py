"""Reading declared commands: YAML to skills, every error at once, each with its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

from skills.commands.declared import Command, schema_for
from skills.commands.perform import CommandPerformer
from skills.declare import TOUCHES
from skills.layers import Folder, Unit
from skills.manifest import Skill
from workflows.definition.reader import Reader
from workflows.source import Mapping, read

RETURNS = {
    "text": "what it wrote, as one text without its last line end",
    "lines": "what it wrote, as a list of lines",
    "json": "what it wrote, as data",
}


def read_command(path: Path, folder: Folder, source: bytes) -> Unit[Skill]:
    """The skill that one file declares. Whatever is wrong becomes a diagnostic with its line and column."""
    document = read(source, str(path))
    if document.root is None:
        return Unit(path, (), document.diagnostics)
    reader = Reader(document, {}, list(document.diagnostics), errors=len(document.diagnostics))
    if not isinstance(document.root, Mapping):
        reader.report(document.root, "wrong-type", "a command is a mapping: lines such as 'name: …' and 'command: […]'")
        return Unit(path, (), tuple(reader.found))
    command: Command = reader.part(document.root, Command)
    if reader.errors:
        return Unit(path, (), tuple(reader.found))
    skill = Skill(
        name=command.name,
        description=command.description.strip(),
        parameters=dict(schema_for(command.parameters)),
        returns=command.returns or RETURNS[command.output],
        effect=command.effect,
        touches=TOUCHES if command.touches is None else frozenset({*command.touches, "shell"}),
        digest=hashlib.sha256(source).hexdigest(),
        scope=folder.scope,
        path=path,
        trusted=folder.within is None,
        source=source,
        kind="command",
        performer=CommandPerformer(command),
    )
    return Unit(path, (skill,), tuple(reader.found))
