"""What the exit of a program means for the skill that ran it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePath

from skills.declare import SkillError
from skills.process import Completed
from workflows.errors import Failure, OutcomeUnknown

_NO_EXIT = {126: "it cannot be run", 127: "it, or something it runs, was not found"}


def check_exit(done: Completed, ok_exits: Collection[int] = (0,)) -> None:
    """Nothing where the program succeeded. Raises SkillError for another exit, OutcomeUnknown where it was killed."""
    program = PurePath(done.argv[0]).name if done.argv[0].startswith("/") else done.argv[0]
    tail = done.end_of_output()
    last = f"its last line: {tail.splitlines()[-1].strip()}" if tail else "it wrote nothing"
    detail = {"exit": done.exit, "output": tail, "seconds": round(done.seconds, 3)}
    if done.exit < 0:
        raise OutcomeUnknown(Failure("unknown", f"{program} was killed by signal {-done.exit}", last, detail))
    if done.exit not in ok_exits:
        note = f" ({_NO_EXIT[done.exit]})" if done.exit in _NO_EXIT else ""
        raise SkillError(f"{program} ended with exit code {done.exit}{note}", last, "business", **detail)
