"""What the YAML file of a declared command says, and the errors that it can have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Annotated, ClassVar, Literal, TypeAlias

from skills.commands.fill import PLACEHOLDER, names_in
from skills.discover import NAME
from workflows.definition.fields import Definition, Duration, Label, Repeats
from workflows.definition.parameters import Parameter, schema_of
from workflows.definition.shapes import Text
from workflows.diagnostics import suggest
from workflows.effects import Effect
from workflows.parts import Field
from workflows.steps.kind import Finding
from workflows.values import Json

Output: TypeAlias = Literal["text", "lines", "json"]
"""What becomes of what a program writes: the text without its last line end, a list of its lines, or JSON data."""

_INTERPRETER = re.compile(r"(?:[a-z]{0,4}sh|python[\d.]*|pypy[\d.]*|node|deno|bun|perl|ruby|php|lua|Rscript|osascript)")
_CODE_FOLLOWS = re.compile(r"-[A-Za-z]*[ce]|--eval|--command")

Word: TypeAlias = Annotated[str, Text(wanted="a text: one word of the command line")]


class Command(Definition):
    """A program with its arguments that is called as a skill."""

    noun: ClassVar[str] = "command"

    name: Annotated[
        str, Text(pattern=NAME.pattern, wanted="a name (letters, digits, _ and -, in parts joined by dots)")
    ]
    description: Annotated[str, Text(pattern=r"\s*\S.*", wanted="a text that says what it does")]
    command: tuple[Word, ...] = Field(least=1)
    parameters: tuple[Parameter, ...] = Field(default=())
    effect: Effect = Field(default="unsafe")
    touches: tuple[Literal["reads", "writes", "network", "shell"], ...] | None = Field(default=None)
    timeout: Duration = Field(default=600.0)
    output: Output = Field(default="text")
    ok_exits: tuple[Repeats, ...] = Field(default=(0,))
    returns: Label = Field(default="")

    def findings(self) -> Iterable[Finding]:
        known = {parameter.name: parameter for parameter in self.parameters}
        for index, parameter in enumerate(self.parameters):
            if parameter.name in [other.name for other in self.parameters[:index]]:
                yield Finding(("parameters", index, "name"), "duplicate-id", f"'{parameter.name}' is there already")
        if names_in(self.command[0]):
            yield Finding(
                ("command", 0), "bad-command", "the program itself cannot be a parameter", "write a command for each"
            )
        used: set[str] = set()
        for index, word in enumerate(self.command):
            place = ("command", index)
            for name in names_in(word):
                used.add(name)
                if name not in known:
                    hint = suggest(name, known) or f"declare it, or write {{{{{name}}}}} for the text {{{name}}}"
                    yield Finding(place, "unknown-parameter", f"there is no parameter '{name}'", hint)
                elif known[name].type == "array" and not PLACEHOLDER.fullmatch(word):
                    hint = f'write "{{{name}}}" as a word of its own: it becomes one word for each item'
                    yield Finding(place, "bad-command", f"the list '{name}' cannot stand inside a word", hint)
            if index and names_in(word) and self._is_code(index):
                message = f"{self.command[0]} would run what is in the parameter as code"
                hint = "name the program itself; where a shell is needed, write a script that takes arguments"
                yield Finding(place, "bad-command", message, hint)
        for index, name in enumerate(known):
            if name not in used:
                yield Finding(
                    ("parameters", index, "name"), "no-effect", f"no word of the command has {{{name}}}", warning=True
                )

    def _is_code(self, index: int) -> bool:
        """Whether a word is what a shell or another interpreter is told to run."""
        before = self.command[:index]
        return bool(_CODE_FOLLOWS.fullmatch(before[-1])) and any(
            _INTERPRETER.fullmatch(PurePath(word).name) for word in before
        )


def schema_for(parameters: tuple[Parameter, ...]) -> Mapping[str, Json]:
    """The JSON Schema of a command's arguments, as skills have it: with their paths and defaults."""
    schema: dict[str, Json] = schema_of(parameters)
    for each in parameters:
        rule = schema["properties"][each.name]
        if each.type == "path":
            rule["format"] = "path"
        if each.items == "path":
            rule["items"]["format"] = "path"
        if each.default is not None:
            rule["default"] = each.default
    return schema
