"""Programs that run others, by their names: what follows them, or what a word of theirs stands for, can be anything."""

from __future__ import annotations

import re

_RUNNER = re.compile(
    r"env|xargs|sudo|doas|su|time|timeout|nice|ionice|nohup|setsid|stdbuf|watch|parallel|ssh|chroot|unshare|nsenter|bwrap"
    r"|flock|strace|ltrace|gdb|start-stop-daemon|systemd-run|script|expect|[gmn]?awk|npx|bunx|pnpx|uvx|pipx|entr|tmux"
    r"|screen|at|batch|runuser|runcon|setpriv|taskset|chrt|valgrind|perf|direnv|nix-shell|cargo-watch|nodemon"
)
"""Programs that run what follows them: whoever may give them any operands may run anything."""

_RUNS = re.compile(r"uv|poetry|pipenv|pdm|hatch|rye|conda|mamba|docker|podman|nix|bundle|kubectl|heroku|mise|asdf")
"""Those that do it after `run`."""

_FETCHES = frozenset({"exec", "x", "dlx", "install", "i", "add", "get", "create", "init", "tool", "eval", "shell"})
"""Subcommands that run a program, or fetch one and run what it brings along. Git's own of these names do neither."""

_GROUPS = frozenset({"run", "run-script", "config", "submodule", "bisect", "remote", "worktree", "compose"})
"""Subcommands that say nothing before the next word does."""

_ANYTHING = frozenset({"run", "foreach", "exec", "set", "edit"})
"""Such next words that run what follows them."""


def name_of(word: str) -> str:
    """What a program is called, from whichever folder."""
    return word.rstrip("/").rpartition("/")[2]


def runs_what_follows(word: str) -> bool:
    """Whether a program runs what follows it, as one word or as many."""
    return _RUNNER.fullmatch(name_of(word)) is not None


def subcommand_of(argv: tuple[str, ...], plain: re.Pattern[str]) -> int:
    """How many words say which command it is, the program included; 0 where any operand could make it another.

    `plain` is how a word looks that is no operand.
    """
    program, first, second = (*map(name_of, argv[:1]), *argv[1:3], "", "")[:3]
    if runs_what_follows(program) or (first == "run" and _RUNS.fullmatch(program)):
        return 0
    if first in _FETCHES and program != "git":
        return 0
    if first in _GROUPS:
        return 3 if plain.fullmatch(second) and second not in _ANYTHING else 0
    return 2 if plain.fullmatch(first) else 0
