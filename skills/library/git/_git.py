"""Running git on a repository that may be hostile: nothing that its configuration names is run.

A repository's own configuration can name programs for almost anything: file system monitors, hooks, diff drivers,
filters, signature checks, transports for missing objects. Each way that our read-only commands could take is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skills import Context, SkillError
from skills.library.git._store import ASKED, WHERE, check_store
from skills.process import Completed, run
from workflows.errors import CallFailed, OutcomeUnknown

SECONDS = 60.0

_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "diff.autoRefreshIndex=false"),  # else a diff may write the index, whatever GIT_OPTIONAL_LOCKS says
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.pager=cat"),
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "log.showSignature=false"),
    *("-c", "color.ui=false"),
)

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # status must not write the index
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # objects missing in a partial clone stay missing…
    "GIT_ALLOW_PROTOCOL": "none",  # …also where git is too old to know that variable
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
}

_PROGRAMS = {("filter", "clean"), ("filter", "smudge"), ("filter", "process"), ("hook", "command")}
"""Sections of a repository's configuration with names of their own, and their keys that name programs."""


@dataclass(frozen=True)
class Repository:
    """A working tree, with the options that keep its own configuration from running anything."""

    path: Path
    environ: dict[str, str]
    disarmed: tuple[str, ...] = ()

    async def git(
        self, *words: str, head: int = 8 * 1024 * 1024, read: Callable[[str], None] | None = None
    ) -> Completed:
        """Run a git command here and return however it ended. `read` gets its output as it comes.

        Raises SkillError: `timeout` where it took too long, `resource` where it wrote more than 50 MB.
        """
        argv = ["git", *_OPTIONS, *self.disarmed, *words]
        try:
            return await run(argv, cwd=self.path, environ=self.environ, timeout=SECONDS, head=head, tail=0, read=read)
        except OutcomeUnknown as error:
            raise SkillError(f"git {words[0]}: {error.message}", "", error.failure.kind) from None

    async def read(self, *words: str, head: int = 8 * 1024 * 1024) -> str:
        """A command's output. Raises SkillError with git's own words where it fails."""
        done = await self.git(*words, head=head)
        if done.exit != 0:
            raise failed(words[0], done)
        return done.stdout

    async def has_commits(self) -> bool:
        return (await self.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")).exit == 0


async def open_repository(context: Context, path: Path | None) -> Repository:
    """The repository whose working tree `path` (or the workspace) lies in.

    Raises SkillError: `dependency` where there is none or no git, `denied` where its working tree is elsewhere.
    """
    root = context.root
    place = path or root
    if not place.is_dir():
        raise SkillError(f"{place} is not a folder", "", "dependency")
    bare = Repository(place, {**context.environ, **_ENVIRONMENT})
    try:
        done = await bare.git("rev-parse", "--show-toplevel", *WHERE)
    except CallFailed as error:
        if error.failure.kind == "dependency":
            raise SkillError("there is no git on this machine", "install git", "dependency") from None
        raise
    if done.exit != 0:
        hint = "`git init` makes one" if "not a git repository" in done.stderr else ""
        raise SkillError(f"{place} is not in a git repository: {_last_line(done)}", hint, "dependency")
    tree, where = _places(place, done.stdout)
    _check_tree(root, place, tree)
    configured = await bare.git("config", "--local", "--get", "core.worktree")
    check_store(root, tree, where, configured.stdout.removesuffix("\n"))
    return Repository(place, bare.environ, await _disarm(bare))


def _places(place: Path, said: str) -> tuple[Path, list[Path]]:
    """The real paths of the working tree, and of what `WHERE` asks for."""
    lines = said.splitlines()
    if len(lines) != 1 + ASKED:
        raise SkillError(f"the path of the repository of {place} has lines", "give it another name", "denied")
    tree, *where = (Path(place, line).resolve() for line in lines)
    return tree, where


def _check_tree(root: Path, place: Path, tree: Path) -> None:
    """`core.worktree` can point anywhere, and a diff would show what lies there."""
    if not (tree.is_relative_to(root) or root.is_relative_to(tree)):
        raise SkillError(f"the working tree of {place} is elsewhere, at {tree}", "", "denied")


async def _disarm(repository: Repository) -> tuple[str, ...]:
    """Options that empty every filter and hook that the repository's own configuration defines. The user's own stay.

    Raises SkillError (`denied`) where one could not be emptied so: nothing further may be run there.
    """
    done = await repository.git("config", "--list", "--show-scope", "--includes", "--name-only", "-z")
    if done.exit != 0 or done.truncated:
        raise SkillError("the repository's configuration cannot be read", "", "denied")
    fields = done.stdout.split("\0")
    options: list[str] = []
    for scope, name in zip(fields[::2], fields[1::2], strict=False):
        section, _, rest = name.partition(".")
        driver, _, key = rest.rpartition(".")
        if scope not in ("local", "worktree") or (section, key) not in _PROGRAMS:
            continue
        if "=" in driver:  # `-c` ends a name at the first of them, and would empty another one
            raise SkillError(f"the repository has a {section} called {driver[:80]!r}", "rename it", "denied")
        if section == "hook":  # configured hooks are run wherever `core.hooksPath` leads
            options += ["-c", f"hook.{driver}.command=true", "-c", f"hook.{driver}.enabled=false"]
        else:
            options += ["-c", f"filter.{driver}.{key}=", "-c", f"filter.{driver}.required=false"]
    return tuple(options)


def revision(text: str) -> str:
    """A revision or range as an argument. Raises SkillError for what git would take as an option."""
    if not text or text.startswith("-") or "\0" in text:
        raise SkillError(f"{text!r} is no revision", "such as HEAD, v1.2.0, main or v1.2.0..HEAD", "validation")
    return text


def failed(command: str, done: Completed) -> SkillError:
    """A failed command in git's own words."""
    said = _last_line(done)
    unknown = "bad revision" in said or "unknown revision" in said
    hint = "is there such a branch, tag or commit here?" if unknown else ""
    return SkillError(f"git {command}: {said}", hint, "dependency", exit=done.exit)


def inside(repository: Repository, paths: Sequence[Path]) -> list[str]:
    """Paths as literal pathspecs; the place that was asked for where there are none."""
    return ["--", *(str(path) for path in paths or (repository.path,))]


def _last_line(done: Completed) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else f"exit code {done.exit}"
