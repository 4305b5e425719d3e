"""Calling a declared command: its words, its program, and what it wrote as the result."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from skills.commands.fill import fill
from skills.commands.programs import bound
from skills.declare import Context, Preview, SkillError
from skills.exits import check_exit
from skills.manifest import Skill
from skills.perform import MAX_RESULT
from skills.process import HEAD, TAIL, Completed, run
from workflows.values import Json

if TYPE_CHECKING:
    from skills.commands.declared import Command, Output


class CommandPerformer:
    """Runs the program of one declared command."""

    def __init__(self, command: Command) -> None:
        self._command = command

    def argv(self, arguments: Mapping[str, Json]) -> list[str]:
        """The argument list for these arguments, with defaults for what is missing. Raises CallFailed."""
        given = {parameter.name: parameter.default for parameter in self._command.parameters}
        listed = {parameter.name for parameter in self._command.parameters if parameter.enum}
        return fill(self._command.command, {**given, **arguments}, listed)

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json:
        command = self._command
        whole = command.output != "text"
        done = await run(
            self.argv(arguments),
            cwd=context.cwd,
            environ=context.environ,
            timeout=command.timeout,
            emit=context.emit,
            head=MAX_RESULT if whole else HEAD,
            tail=0 if whole else TAIL,
            within=await context.sandbox(context.cwd),
        )
        check_exit(done, command.ok_exits)
        return result_of(skill.name, done, command.output)

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        argv = self.argv(arguments)
        seen = shown(argv, context, {"timeout": f"{self._command.timeout:g} s"})
        return bound(seen, argv, context.cwd, context.root)


def shown(argv: Sequence[str], context: Context, facts: Mapping[str, str]) -> Preview:
    """Each argument on a line of its own, so that none can hide."""
    body = "\n".join(f"{number}: {word!r}" for number, word in enumerate(argv))
    return Preview(f"Run {argv[0]}", body, {"argv": shlex.join(argv), "cwd": str(context.cwd), **facts})


def result_of(name: str, done: Completed, output: Output) -> Json:
    """What a program that succeeded has written, as its declaration wants it. Raises CallFailed."""
    if output == "text":
        return done.stdout.removesuffix("\n")
    if done.truncated:
        raise SkillError(f"{name} wrote more than 1 MB", "let it write a file, or less", "resource")
    if output == "lines":
        return done.stdout.splitlines()
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise SkillError(
            f"{name} should write JSON, and did not: {error}",
            "mend the program, or say 'output: text'",
            "validation",
            output=done.end_of_output(),
        ) from None
