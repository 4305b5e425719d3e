"""`command`: run a program."""

from __future__ import annotations

import shlex
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.process import Completed, run
from workflows.errors import Failure, OutcomeUnknown
from workflows.values import Json

_NO_EXIT = {126: "it cannot be run", 127: "it, or something it runs, was not found"}


@skill(name="command", effect="unsafe", touches=["shell", "reads", "writes", "network"])
async def command(
    context: Context,
    argv: list[str],
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 600,
    ok_exits: list[int] | None = None,
) -> dict[str, Json]:
    """Run a program, without a shell, and wait for its end. It has no terminal and nothing on its stdin.

    Nothing it starts outlives it; on macOS, what leaves its process group may. Of the environment it sees PATH, HOME,
    LANG, LC_*, TERM, TMPDIR, USER and `env`.

    Args:
        argv: The program and its arguments, one item each. No wildcards, pipes or variables.
        cwd: The folder of the workspace to run it in; the workspace if not given.
        env: Further variables of its environment.
        timeout: Seconds after which it is ended. What it did until then is unknown.
        ok_exits: The exit codes that mean success; 0 alone if not given.

    Returns: {exit, stdout, stderr, truncated, seconds}. Of each stream the first and the last 64 KiB are kept; a
        program that writes more than 50 MB is ended.
    """
    if timeout <= 0:
        raise SkillError(f"timeout is {timeout:g}", "seconds, more than 0", "validation")
    done = await run(
        argv,
        cwd=_folder(context, cwd),
        environ={**context.environ, **(env or {})},
        timeout=timeout,
        emit=context.emit,
    )
    if done.exit < 0:
        raise OutcomeUnknown(_failure(done, "unknown", f"{argv[0]} was killed by signal {-done.exit}"))
    if done.exit not in (ok_exits or [0]):
        note = f" ({_NO_EXIT[done.exit]})" if done.exit in _NO_EXIT else ""
        failure = _failure(done, "business", f"{argv[0]} ended with exit code {done.exit}{note}")
        raise SkillError(failure.message, failure.hint, "business", **failure.detail)
    return {
        "exit": done.exit,
        "stdout": done.stdout,
        "stderr": done.stderr,
        "truncated": done.truncated,
        "seconds": round(done.seconds, 3),
    }


@command.preview
def preview(
    context: Context,
    argv: list[str],
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 600,
    ok_exits: list[int] | None = None,
) -> Preview:
    """Each argument on a line of its own, so that none can hide."""
    folder = _folder(context, cwd)
    facts = {"argv": shlex.join(argv), "cwd": str(folder), "timeout": f"{timeout:g} s"}
    facts |= {f"env {name}": value for name, value in (env or {}).items()}
    body = "\n".join(f"{number}: {word!r}" for number, word in enumerate(argv))
    return Preview(f"Run {argv[0] if argv else 'nothing'}", body, facts)


def _folder(context: Context, cwd: Path | None) -> Path:
    return cwd or context.cwd.resolve()


def _failure(done: Completed, kind: str, message: str) -> Failure:
    tail = done.end_of_output()
    last = f"its last line: {tail.splitlines()[-1].strip()}" if tail else "it wrote nothing"
    detail = {"exit": done.exit, "output": tail, "seconds": round(done.seconds, 3)}
    return Failure("unknown" if kind == "unknown" else "business", message, last, detail)
