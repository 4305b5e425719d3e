"""Asks one of our own small programs: what may take any time or memory does so in a process, which is ended."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from skills.declare import Context, SkillError
from skills.process import run
from workflows.errors import OutcomeUnknown
from workflows.values import Json


async def ask_program(
    program: Path,
    request: Json,
    context: Context,
    *,
    doing: str,
    hint: str,
    seconds: float,
    most: int,
    packages: bool = False,
) -> Any:
    """What the program writes for this request, both JSON. `most` bytes are read of it.

    It sees installed `packages` only where that is said. Raises SkillError, in which `doing` names what was done, where
    it takes longer than `seconds`, writes too much or breaks off, as it does without memory.
    """
    try:
        done = await run(
            [sys.executable, "-I", *(() if packages else ("-S",)), str(program)],
            cwd=context.root,
            environ=context.environ,
            stdin=json.dumps(request).encode(),
            timeout=seconds,
            head=most,
            tail=0,
        )
    except OutcomeUnknown as error:
        raise SkillError(f"{doing} was ended: it took longer than {seconds:g} s", hint, error.failure.kind) from None
    if done.exit != 0 or done.truncated:
        raise SkillError(f"{doing} broke off: it takes too much memory or room", hint, "resource")
    return json.loads(done.stdout)
