"""The command `understudy`. Each command is a file of its own and is imported only when it is called for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

import click

from app.cli.output import Output, let_go, settle_streams
from app.starting import begin_start

COMMANDS: dict[str, str] = {
    "demo": "A tour in a minute: real tools, scripted agents, no key, no network.",
    "run": "Run a workflow.",
    "plan": "Show what a run would do. Nothing runs.",
    "explain": "Say in plain words what a workflow does. Nothing runs.",
    "validate": "Check workflow files: every error at once.",
    "compose": "Draft a workflow from plain words, and change the draft by words. Nothing runs.",
    "fix": "Propose a change of the workflow whose run failed; written on your yes.",
    "eval": "Measure how good drafts are, by a set of requests.",
    "import": "Convert a workflow service's document to a workflow. Nothing runs.",
    "workflows": "List the workflows that can be named.",
    "publish": "Publish a workflow: a text that never changes, for what starts by itself.",
    "versions": "List what was published; show or write back a version's text.",
    "archive": "Let nothing start a published version by itself any more.",
    "step": "Add, take out, set, move and rename steps of a workflow.",
    "merge": "Make one workflow of several; what both say otherwise is chosen.",
    "optimise": "Suggest what could be faster, cheaper or safer in a workflow.",
    "test": "Replay recorded runs offline and check what they come to.",
    "record": "Keep a run as a recording, for `test`. Nothing is run again.",
    "runs": "List runs, newest first.",
    "show": "Tell the story of a run.",
    "stats": "Show what runs came to: success, durations, cost, slow steps, errors.",
    "top": "Show how the runs of all processes go just now: steps, queue, rates, memory.",
    "alerts": "List what went wrong and was noticed; say that you have seen to it.",
    "attach": "Watch a run that another process has, and answer what waits in it.",
    "inbox": "List what waits for a person in all runs.",
    "answer": "Answer what waits for a person in a run.",
    "pause": "Let a run start nothing new.",
    "resume": "Go on with a run that was paused or stopped, or waits.",
    "cancel": "End a run, whoever has it.",
    "rerun": "Begin a new run where another one stood; reuse the rest.",
    "diff": "Compare two runs, and say where they first part; or two workflows.",
    "delete": "Forget runs with all that was recorded of them.",
    "schedule": "List when published workflows start by themselves; add, pause and remove schedules.",
    "trigger": "List what starts published workflows when something happens; add, pause, remove and fire triggers.",
    "skills": "List the skills; show, write, check and try one.",
    "agents": "List the agents; show and write one.",
    "mcp": "List the MCP servers; add and check one, accept its tools as skills.",
    "permissions": "List what agents may do with their tools; take back what was allowed.",
    "trust": "Let a workspace's own skills and agents act.",
    "keys": "Keep the keys of models. No key is ever printed.",
    "secrets": "Keep the secrets that workflows send. No value is ever printed.",
    "db": "Look after the journal: rules, check, backup, restore, vacuum, export, import.",
    "doctor": "Check this machine and say what to do about each problem.",
    "serve": "Run what was published: schedules, triggers, the queue, a REST API.",
    "user": "Keep who may call the server. A token is shown once.",
    "web": "Show the screens in a browser, on this machine only.",
    "schema": "Print the JSON Schema of workflow files, for editors.",
    "paths": "Print where everything is kept.",
    "completion": "Print the completion script of a shell.",
}
"""Every command and its line in the help, in the order people need them."""

EXIT_CODES = (
    "Exit codes: 0 ok · 1 a run failed · 2 usage or validation · 3 a person is needed · 4 configuration, model, key or "
    "storage · 5 budget · 6 cancelled · 129 hung up · 130 interrupted · 131 quit · 143 terminated"
)


class Commands(click.Group):
    """A group that knows its commands' names and help lines without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"app.cli.{module}").command
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
@click.option("--version", is_flag=True, help="Show the version and exit.")
@click.option("--plain", is_flag=True, help="Without a command: lines and numbers in the place of the screen.")
@click.option("--no-mouse", is_flag=True, help="Without a command: leave the mouse to the terminal.")
@click.pass_context
def command(ctx: click.Context, version: bool, plain: bool, no_mouse: bool) -> int | None:
    """Multi-agent workflows in your terminal, with an understudy for every agent.

    Without a command it opens the screen. New here? Try `understudy demo`.
    """
    if version:
        # Late: it is slow to import, and Ctrl-C at the very start must not end in a traceback.
        from importlib.metadata import version as installed

        click.echo(f"understudy {installed('understudy')}")
        return None
    if ctx.invoked_subcommand is not None:
        return None
    if plain or (not can_show_screens() and sys.stdin.isatty() and sys.stdout.isatty()):
        from app.cli.linear import linear

        return linear()
    if not can_show_screens():
        click.echo(ctx.get_help())
        return None
    from app.cli.session import person
    from app.demo.tour import prepare
    from app.tui.session import run_tui

    raise SystemExit(run_tui(person=person(), demo=prepare, mouse=not no_mouse))


def can_show_screens() -> bool:
    """Whether a full screen can be drawn: a terminal that is not dumb, on both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def main() -> None:
    """The console script."""
    begin_start()
    settle_streams()
    code = run(sys.argv[1:])
    let_go()
    os._exit(code)  # not sys.exit, which waits for threads: one may hang


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
        return _end(error, as_json="--json" in arguments)
    except KeyboardInterrupt:
        Output().say("Stopped.")
        return 130


def _end(error: Exception, *, as_json: bool) -> int:
    """Say what ended the command, on stderr, and with `--json` as the one document on stdout too."""
    from app.failures import Ended, ended_by

    out = Output()
    ended: Ended = ended_by(error)
    out.say(ended.words, "bad")
    if as_json:
        try:
            out.document(ended.document())
        except OSError:
            pass  # stdout is what failed: it was said on stderr
    return ended.code
