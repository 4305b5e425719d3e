"""What is right and wrong with this machine and workspace, and what to do next: for `doctor` and the Setup screen."""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.paths import Paths
from app.present.figures import plural, size
from app.present.owners import silence_hint, silence_words
from composer.index import has_index
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.text import one_line

if TYPE_CHECKING:
    from app.credentials import Credentials
    from app.desk import Desk
    from app.settings import Settings
    from skills.mcp.known import Known

Grade = Literal["ok", "note", "bad"]

WAL_BUG_FIXED = (3, 51, 3)
"""Before this version SQLite may damage a WAL database when two connections write and checkpoint at the same moment."""

UNDER_WAY = ("pending", "running", "waiting", "paused")

LEAST_ROOM = 200_000_000
"""Bytes of free disk below which a run may soon have to stop."""


@dataclass(frozen=True)
class Finding:
    """One line. What is `bad` says in `next` what to do about it, and as a `command` where there is one to type."""

    topic: str
    grade: Grade
    text: str
    next: str = ""
    command: str = ""


def check_machine(paths: Paths, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that can be looked at without opening the journal for writing. Takes a second on a large journal."""
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield _check_sqlite()
    if not has_index():
        text = "without full-text search (FTS5): `understudy compose` ranks workflows by what their words mean alone"
        yield Finding("search", "note", text, "A Python whose SQLite has FTS5 ranks them a little better.")
    yield from _check_folders(paths)
    yield _check_room(paths)
    yield _check_journal(paths.journal / "journal.db", paths.journal_backups)
    yield _check_terminal(environ)


def _check_sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= WAL_BUG_FIXED:
        return Finding("sqlite", "ok", version)
    fixed = ".".join(map(str, WAL_BUG_FIXED))
    text = (
        f"{version}: has the WAL-reset bug that {fixed} mends; all writes here are made under one lock, which avoids it"
    )
    return Finding("sqlite", "note", text, "Open journal.db in no other program that writes.")


def _check_folders(paths: Paths) -> Iterator[Finding]:
    for topic, folder in (("settings", paths.config), ("data", paths.data), ("logs", paths.logs)):
        if not folder.exists():
            parent = next(parent for parent in folder.parents if parent.exists())
            if os.access(parent, os.W_OK | os.X_OK):
                yield Finding(topic, "ok", f"{folder} (made when it is needed)")
            else:
                yield Finding(topic, "bad", f"{folder} cannot be made: {parent} is not writable", *_elsewhere(parent))
            continue
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not os.access(folder, os.W_OK | os.X_OK):
            yield Finding(topic, "bad", f"{folder} is not writable", *_elsewhere(folder))
        elif mode & 0o077 and topic == "data":
            yield Finding(
                topic,
                "bad",
                f"{folder} can be read by others (mode {mode:04o})",
                *_both(f"chmod 700 {_quoted(folder)}"),
            )
        else:
            yield Finding(topic, "ok", f"{folder} (mode {mode:04o})")
    journal = paths.journal / "journal.db"
    if journal.exists() and (mode := stat.S_IMODE(journal.stat().st_mode)) & 0o077:
        yield Finding(
            "data", "bad", f"{journal} can be read by others (mode {mode:04o})", *_both(f"chmod 600 {_quoted(journal)}")
        )


def _elsewhere(folder: Path) -> tuple[str, str]:
    return f"Make {folder} writable, or set UNDERSTUDY_HOME to a folder that is.", f"chmod u+rwx {_quoted(folder)}"


def _both(command: str) -> tuple[str, str]:
    """What is to be done is to type this."""
    return command, command


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _check_room(paths: Paths) -> Finding:
    folder = next(folder for folder in (paths.data, *paths.data.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    if free < LEAST_ROOM:
        return Finding(
            "disk",
            "bad",
            f"only {size(free)} free in {folder}",
            "Make room: a full disk stops every run.",
            f"du -sh {_quoted(folder)}/*",
        )
    return Finding("disk", "ok", f"{size(free)} free in {folder}")


def _check_journal(path: Path, backups: Path) -> Finding:
    if wrong := next(_out_of_place(path), None):
        return Finding("journal", "bad", f"{wrong} is not what belongs there", f"Move {wrong} away.")
    if not path.exists():
        return Finding("journal", "ok", "none yet; the first run begins it")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as journal:
            problems = [row[0] for row in journal.execute("PRAGMA quick_check(5)")]
            events = journal.execute("SELECT count(*) FROM events").fetchone()[0]
    except sqlite3.Error as error:
        return Finding("journal", "bad", f"{path} cannot be read: {error}", *_put_aside(path, backups))
    if problems != ["ok"]:
        return Finding("journal", "bad", f"{path} is damaged: {one_line(problems[0], 120)}", *_put_aside(path, backups))
    return Finding("journal", "ok", f"{path}: {plural(events, 'event')}, {size(path.stat().st_size)}, quick check ok")


def _out_of_place(journal: Path) -> Iterator[Path]:
    """What is a file where a folder of the journal belongs, or the other way round: nothing can run then."""
    folder = journal.parent
    for path in (folder, *(folder / name for name in ("blobs", "owners", "turns"))):
        if path.exists() and not path.is_dir():
            yield path
    for path in (journal, folder / "journal.lock"):
        if path.is_dir():
            yield path


def _put_aside(path: Path, backups: Path) -> tuple[str, str]:
    folder = path.parent
    made = sorted(backups.glob("*"), key=lambda each: each.stat().st_mtime) if backups.is_dir() else []
    if made:
        words = f"End all understudy processes, then: understudy db restore {_quoted(made[-1])}"
        return words, f"understudy db restore {_quoted(made[-1])}"
    words = "End all understudy processes, then put a backup back (understudy db restore FILE); or move "
    words += f"{folder} aside, and a new journal is begun."
    return words, f"mv {_quoted(folder)} {_quoted(folder.with_name(f'{folder.name}.aside'))}"


def _check_terminal(environ: Mapping[str, str]) -> Finding:
    # The program's own: while there are screens, `sys.stdout` is something else.
    encoding = (getattr(sys.__stdout__, "encoding", "") or "").lower().replace("-", "")
    if encoding != "utf8":
        return Finding(
            "terminal", "note", f"writes {encoding or 'nothing known'}: signs show as ?", "export LC_ALL=C.UTF-8"
        )
    return Finding("terminal", "ok", f"TERM={environ.get('TERM', '(not set)')}, UTF-8")


async def check_programs(environ: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Programs that built-in skills call."""
    git = shutil.which("git", path=environ.get("PATH"))
    if git is None:
        yield Finding(
            "git",
            "bad",
            "not found on PATH: skills git.* and the demo need it",
            "Install git, such as: apt install git",
            "apt install git",
        )
        return
    process = await asyncio.create_subprocess_exec(git, "--version", stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    yield Finding("git", "ok", one_line(output.decode("utf-8", "replace"), 80))


async def check_models(environ: Mapping[str, str], default: str, credentials: Credentials) -> AsyncIterator[Finding]:
    """Models that this machine could use. None is called; no key is tested."""
    from agents.models.detect import detect

    found = await detect(environ)
    usable = [finding for finding in found if finding.state in ("untested", "ready")]
    for finding in found:
        grade: Grade = "ok" if finding in usable else "note"
        yield Finding("models", grade, f"{finding.name}: {finding.words}")
    try:
        for kept in await asyncio.to_thread(credentials.kept):
            usable.append(found[0])
            yield Finding("models", "ok", kept.words(credentials.path))
    except UnderstudyError as error:
        yield Finding("models", "bad", error.message, error.hint, f"chmod 600 {shlex.quote(str(credentials.path))}")
    if default:
        yield Finding("models", "ok", f"default model: {default}")
    elif usable:
        yield Finding("models", "note", "no default model", *_both("export UNDERSTUDY_MODEL=<provider>/<model>"))
    else:
        yield Finding(
            "models",
            "note",
            "none ready: agent steps need one; skills, templates and `understudy demo` do not",
            "understudy keys set OPENAI_API_KEY (or another one), and export UNDERSTUDY_MODEL=<provider>/<model>",
            "understudy keys set OPENAI_API_KEY",
        )


def check_workspace(desk: Desk) -> Iterator[Finding]:
    """Skills, agents and workflows that can be named, their problems, and whether the workspace may act."""
    from app.desk import OF_A_WORKSPACE

    services = desk.services
    skills, agents = services.skills.snapshot, services.agents.snapshot
    for topic, problems in (("skills", skills.problems), ("agents", agents.problems)):
        for problem in problems:
            where = f"{problem.file}:{problem.line}:{problem.column}"
            command = (
                f"understudy skills check {shlex.quote(problem.file)}" if topic == "skills" else "understudy agents"
            )
            text = one_line(f"{where}: {problem.message}", 300)
            yield Finding(topic, "bad", text, problem.hint or "Mend the file.", command)
    yield Finding("skills", "ok", plural(len(skills.skills), "skill"))
    yield from _check_servers(desk)
    yield Finding("agents", "ok", plural(len(agents.agents), "agent"))
    files = desk.workflows()
    for file in files:
        if file.errors:
            text = f"{file.path}: {plural(len(file.errors), 'error')}"
            yield Finding("workflows", "bad", text, *_both(f"understudy validate {_quoted(file.path)}"))
    yield Finding("workflows", "ok", plural(len(files), "workflow"))
    if not any((services.paths.root / own).exists() for own in OF_A_WORKSPACE):
        yield Finding("workspace", "ok", f"{services.paths.root}: nothing of its own, so nothing to trust")
    elif desk.trusted():
        yield Finding("workspace", "ok", f"{services.paths.root}: trusted")
    else:
        text = f"{services.paths.root}: not trusted, so its skills, agents, workflows and servers do not act"
        yield Finding(
            "workspace", "note", text, "Look at what it has of its own, then: understudy trust", "understudy trust"
        )


def _check_servers(desk: Desk) -> Iterator[Finding]:
    """MCP servers: nothing where there are none. None is started."""
    for known in desk.services.servers.known:
        if known.state == "ready":
            yield Finding("mcp", "ok", f"{known.name}: {plural(len(known.skills), 'tool')}, as accepted; not started")
        elif known.state not in ("broken", "hidden"):  # what is broken was said with the skills
            grade: Grade = "ok" if known.state == "off" else "note"
            yield Finding(
                "mcp", grade, one_line(f"{known.name}: {known.why}", 300), known.hint, command_of_server(known)
            )


def command_of_server(known: Known) -> str:
    """What is typed to look closer at a server that is held back."""
    if known.state in ("new", "changed"):
        return f"understudy mcp accept {shlex.quote(known.name)}"
    return "understudy trust" if known.state == "untrusted" else f"understudy mcp show {shlex.quote(known.name)}"


async def check_up(desk: Desk) -> AsyncIterator[Finding]:
    """What needs the journal open: the runs that wait or were interrupted."""
    from workflows.journal.port import Query

    waiting = await desk.inbox()
    if waiting:
        runs = len({entry.run_id for entry in waiting})
        text = f"{plural(len(waiting), 'entry waits', 'entries wait')} for a person in {plural(runs, 'run')}"
        yield Finding("runs", "note", text, *_both("understudy runs --status waiting"))
    interrupted = await desk.runs(Query(status=("interrupted",), limit=20))
    for summary in interrupted:
        yield Finding(
            "runs",
            "note",
            f"{summary.run_id} ({summary.workflow}) was interrupted",
            *_both(f"understudy resume {summary.run_id}"),
        )
    yield await _check_permissions(desk)
    settings = desk.services.settings
    if settings.keys:
        for finding in _check_keys(settings):
            yield finding
    if settings.thresholds.any:
        yield await _check_load(desk.services.paths, settings)
    if not waiting and not interrupted:
        yield Finding("runs", "ok", "none waits, none was interrupted")
    owned = [each for each in await desk.runs(Query(status=UNDER_WAY, limit=1000)) if each.owner]
    owners = {each.owner for each in owned}
    has = "has" if len(owners) == 1 else "have"
    yield Finding("owners", "ok", f"{plural(len(owners), 'process', 'processes')} {has} {plural(len(owned), 'run')}")
    for summary in owned:
        if words := silence_words(summary, desk.services.clock.now()):
            yield Finding("owners", "note", f"{summary.run_id}: {summary.owner} {words}", silence_hint(summary))


def _check_keys(settings: Settings) -> Iterator[Finding]:
    """Whether the keys of one's own can be had."""
    from app.tui.keymap import read_keymap  # the screens are much to import

    found = read_keymap(settings.keys)
    for problem in found.problems:
        yield Finding("keys", "bad", problem, "Change `keys` in settings.yaml; `understudy paths` says where that is.")
    if not found.problems:
        yield Finding("keys", "ok", f"{plural(len(found.keys), 'action has a key', 'actions have keys')} of your own")


async def _check_permissions(desk: Desk) -> Finding:
    """Whether the rules for agents' tools can be read, and the sandbox, where there is to be one, be used."""
    from skills.sandbox import HINT

    performers, paths, mode = desk.services.performers, desk.services.paths, desk.services.settings.sandbox
    try:
        count = plural(len(performers.rulebook.of_a_step(paths.root)), "rule")
    except UnderstudyError as error:
        return Finding("permissions", "bad", one_line(error.message, 300), error.hint, "understudy permissions")
    problem = await performers.sandbox.problem(paths.root) if performers.sandbox else ""
    if problem:
        grade: Grade = "bad" if mode == "required" else "note"
        return Finding(
            "permissions", grade, one_line(f"{count}; sandbox {mode}: {problem}", 300), HINT, "understudy permissions"
        )
    return Finding("permissions", "ok", f"{count} for agents' tools; sandbox {mode}")


async def _check_load(paths: Paths, settings: Settings) -> Finding:
    """How busy the machine is, and whether that keeps new work waiting."""
    from app.machine import Machine
    from workflows.engine.limits import strain, too_full

    machine = Machine(paths.journal, settings.resources.network_speed)
    machine.look()
    await asyncio.sleep(0.2)  # the processors are measured from look to look
    load = machine.look()
    figures = {"processors": load.cpu, "memory": load.memory, "disk": load.storage, "network": load.network}
    text = ", ".join(f"{name} {'not known' if at is None else f'{at:.0f}%'}" for name, at in figures.items())
    why = too_full(load, settings.thresholds) or strain(load, settings.thresholds, 0.0)
    if why:
        return Finding("load", "note", f"{text}: new work waits: {why}", "Wait, or raise the limit in settings.yaml.")
    if settings.resources.max_network_usage is not None and load.network is None:
        hint = "Say its speed: resources.network_speed in settings.yaml, in megabits a second."
        return Finding("load", "note", f"{text}: how fast it is is not known, so it is not looked at", hint)
    return Finding("load", "ok", text)


def broken(error: UnderstudyError) -> Finding:
    """What kept the services from opening."""
    first = error.message.partition("\n")[0]
    return Finding("services", "bad", one_line(first, 300), error.hint or "See above.", "understudy doctor")
