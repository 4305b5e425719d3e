"""`command`: run a program."""

from __future__ import annotations

import shlex
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.commands.programs import bound
from skills.exits import check_exit
from skills.process import run
from skills.words import one_by_one
from workflows.values import Json


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
        within=await context.sandbox(_folder(context, cwd)),
    )
    check_exit(done, ok_exits or (0,))
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
    """Each argument on a line of its own, so that none can hide; bound to what is in the scripts that it runs."""
    folder = _folder(context, cwd)
    facts = {"argv": shlex.join(argv), "cwd": str(folder), "timeout": f"{timeout:g} s"}
    facts |= {f"env {name}": value for name, value in (env or {}).items()}
    body = one_by_one(argv)
    return bound(Preview(f"Run {shlex.join(argv[:1]) or 'nothing'}", body, facts), argv, folder, context.root)


def _folder(context: Context, cwd: Path | None) -> Path:
    return cwd or context.cwd.resolve()
