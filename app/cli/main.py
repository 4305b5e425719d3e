"""The command `understudy`. Each command is a file of its own and is imported only when it is called for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

import click

from app.cli.output import Output, let_go, settle_streams

COMMANDS: dict[str, str] = {
    "demo": "A tour in a minute: real tools, scripted agents, no key, no network.",
    "run": "Run a workflow.",
    "plan": "Show what a run would do. Nothing runs.",
    "validate": "Check workflow files: every error at once.",
    "compose": "Find and fill a workflow for a request in plain words. Nothing runs.",
    "runs": "List runs, newest first.",
    "show": "Tell the story of a run.",
    "resume": "Go on with a run that was stopped or waits.",
    "answer": "Answer what waits for a person in a run.",
    "workflows": "List the workflows that can be named.",
    "skills": "List the skills.",
    "agents": "List the agents.",
    "doctor": "Check this machine and say what to do about each problem.",
    "trust": "Let a workspace's own skills and agents act.",
    "schema": "Print the JSON Schema of workflow files, for editors.",
    "paths": "Print where everything is kept.",
    "completion": "Print the completion script of a shell.",
}
"""Every command and its line in the help, in the order people need them."""

EXIT_CODES = (
    "Exit codes: 0 ok · 1 a run failed · 2 usage or validation · 3 a person is needed · 4 configuration, model, key or "
    "storage · 5 budget · 6 cancelled · 130 interrupted · 143 terminated"
)


class Commands(click.Group):
    """A group that knows its commands' names and help lines without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"app.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from workflows.diagnostics import suggest

            close = suggest(args[0], COMMANDS)
            hint = close[0].upper() + close[1:] if close else "`understudy --help` lists the commands."
            raise click.UsageError(f"There is no command '{args[0]}'. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(version("understudy"), message="understudy %(version)s")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Multi-agent workflows in your terminal, with an understudy for every agent.

    Without a command it opens the screen. New here? Try `understudy demo`.
    """
    if ctx.invoked_subcommand is not None:
        return
    if not can_show_screens():
        click.echo(ctx.get_help())
        return
    from app.cli.session import person
    from app.demo.tour import prepare
    from app.tui.session import run_tui

    raise SystemExit(run_tui(person=person(), demo=prepare))


def can_show_screens() -> bool:
    """Whether a full screen can be drawn: a terminal that is not dumb, on both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def main() -> None:
    """The console script."""
    settle_streams()
    code = run(sys.argv[1:])
    let_go()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Whatever goes wrong ends in words, not in a traceback."""
    try:
        code = command.main(list(arguments), prog_name="understudy", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BrokenPipeError:
        return 0  # whoever read our output has had enough of it
    except Exception as error:  # the last place where a fault can still become words
        return _end(error)
    except KeyboardInterrupt:
        Output().say("Stopped.")
        return 130


def _end(error: Exception) -> int:
    out = Output()
    if isinstance(error, click.exceptions.Abort):
        out.say("Stopped.")
        return 130
    if isinstance(error, click.ClickException):
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx else ""
        out.say(f"{usage}Error: {error.format_message()}", "bad")
        return 2
    from app.failures import Exit, exit_of_error, explain, explain_fault
    from workflows.errors import UnderstudyError

    if isinstance(error, UnderstudyError):
        out.say(explain(error), "bad")
        return exit_of_error(error)
    from app.cli.session import here
    from app.logs import start_log

    try:
        log = start_log(here().logs)
    except UnderstudyError:
        log = None
    out.say(explain_fault(error, log), "bad")
    return Exit.FAILED
