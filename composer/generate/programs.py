"""What a model's draft may start: programs that are written out, whose work a person can read before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from re import compile as compiled
from typing import Any

from workflows.steps.kind import Entry
from workflows.values import Json

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish", "csh", "tcsh", "cmd", "powershell", "pwsh", "busybox"})
WRAPPERS = frozenset({"env", "sudo", "doas", "nohup", "xargs", "time", "nice", "timeout", "setsid", "watch", "exec"})
"""Programs that start another one, which is looked at then."""

INTERPRETERS = compiled(r"(?:python|perl|ruby|node|php|lua|osascript)[\d.]*")
INLINE = frozenset({"-c", "-e", "-E", "-r", "--eval", "/c", "-Command", "-EncodedCommand"})
STARTS = frozenset({"-exec", "-execdir", "-ok", "-okdir", "--eval", "--exec", "-S", "--split-string", "--to-command"})
"""Arguments of other programs (find, env, make, tar, rsync) that start something, or run what stands in them."""

ELSEWHERE = frozenset({"curl", "wget", "nc", "ncat", "ssh", "scp", "sftp", "rsync", "telnet", "socat"})

LOADS = compiled(
    r"(?:LD_|DYLD_|GIT_).*|PATH|PYTHON(?:PATH|STARTUP|HOME)|NODE_OPTIONS|PERL5(?:OPT|LIB)|RUBY(?:OPT|LIB)|BASH_ENV|ENV|"
    r"PAGER|EDITOR|VISUAL|BROWSER|SHELL"
)
"""Variables by which a program is made to load or to start another one."""

WORDS = ("argv", "command")
"""How parameters are called that hold a program with its arguments."""


def programs_of(fields: Json, entry: Entry | None) -> Iterator[Json]:
    """The programs, with their arguments, that a skill is told to start."""
    parameters = fields.get("parameters") if isinstance(fields, Mapping) else None
    if isinstance(parameters, Mapping) and (entry is None or "shell" in entry.touches):
        yield from (parameters[name] for name in WORDS if parameters.get(name) is not None)


def wrong_with_program(argv: Any) -> Iterator[str]:
    """Why a program may not be started from a model's draft."""
    if not isinstance(argv, (list, tuple)) or not argv or "${{" in str(argv[0]):
        yield "the program is not written out: it is a list that begins with the program's name"
        return
    words = [str(word) for word in argv]
    started = next((word for word in words[1:] if word.partition("=")[0] in STARTS), "")
    if started:
        yield f"it starts something by `{started.partition('=')[0]}`: name the program itself and its arguments"
        return
    while len(words) > 1 and PurePosixPath(words[0]).name in WRAPPERS:
        words = words[1:]
        while words and (words[0].startswith("-") or "=" in words[0] or words[0].isdigit()):
            words = words[1:]
    program = PurePosixPath(words[0]).name.lower().removesuffix(".exe") if words else ""
    if program in SHELLS:
        yield f"it runs a shell ({program}): name the program itself and its arguments"
    elif INTERPRETERS.fullmatch(program) and any(word in INLINE for word in words[1:]):
        yield f"it runs code that stands in the draft ({program}): use a skill, or a program that is there"
    elif program == "git" and any(word == "-c" or word.startswith("--config") for word in words[1:]):
        yield "it tells git what to run by `-c`: leave that out"
    elif program in ELSEWHERE:
        yield f"it reaches other machines by {program}, unseen by the plan: use an http step or web.page"


def wrong_with_variables(fields: Json) -> Iterator[str]:
    """Variables that make a program load what nobody sees."""
    parameters = fields.get("parameters") if isinstance(fields, Mapping) else None
    variables = parameters.get("env") if isinstance(parameters, Mapping) else None
    for name in variables if isinstance(variables, Mapping) else ():
        if LOADS.fullmatch(str(name)):
            yield f"it sets the variable {name}, by which a program loads or starts another one"
