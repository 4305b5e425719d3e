"""Where programs run confined: bubblewrap, where the settings say so. What must be confined and cannot is not run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from skills.paths import PROTECTED
from skills.process import run
from workflows.errors import CallFailed, OutcomeUnknown, fail
from workflows.text import one_line

Mode: TypeAlias = Literal["off", "preferred", "required"]

PROGRAM = "bwrap"

PRIVATE = (".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config/gcloud", ".config/gh", ".password-store")
"""Folders of a home that hold keys: a program in the sandbox sees them empty."""

PRIVATE_FILES = (".netrc", ".git-credentials", ".config/git/credentials", ".npmrc", ".pypirc", ".pgpass", ".my.cnf")
"""Files of a home that hold keys: the same."""

RUNNING = "/run"
"""Where services listen, such as those that start programs for whoever asks: programs in the sandbox find none."""

PROBE_SECONDS = 10.0

HINT = "install bubblewrap, or change `sandbox` in your settings"
"""What to do where it cannot be used."""


class Sandbox:
    """Makes the beginning of command lines. `hidden` are folders that programs must not see: settings, history.

    `environ` is what programs get: its PATH says where bubblewrap is, its HOME which keys are hidden.
    """

    def __init__(self, mode: Mode, environ: Mapping[str, str], hidden: Sequence[Path] = ()) -> None:
        self._mode = mode
        self._environ = environ
        home = environ.get("HOME")
        self._hidden = (*hidden, *(Path(home, name) for name in PRIVATE if home))
        self._hidden_files = tuple(Path(home, name) for name in PRIVATE_FILES if home)
        self._probing = asyncio.Lock()
        self._problem: str | None = None

    async def confine(
        self,
        root: Path,
        cwd: Path,
        *,
        log: Callable[[str], None],
        reads: Sequence[Path] = (),
        writes: Sequence[Path] = (),
    ) -> tuple[str, ...]:
        """What stands before a program's own words, so that it can write below `root` and in `writes` alone.

        `reads` are folders that it may see though they are hidden. Empty where programs are not confined. Raises
        CallFailed (`dependency`) where they must be and cannot.
        """
        if self._mode == "off":
            return ()
        problem = await self.problem(root)
        if not problem:
            return self._words(root, cwd, reads, writes)
        if self._mode == "required":
            message = f"the sandbox is required, and cannot be used: {problem}"
            raise fail("dependency", message, HINT)
        log(f"without the sandbox: {problem}")
        return ()

    async def problem(self, root: Path) -> str:
        """Why bubblewrap cannot be used, found out by using it once; empty where it can."""
        async with self._probing:
            if self._problem is None:
                self._problem = await self._probe(self._words(root, root, (), ()), root)
        return self._problem

    async def _probe(self, words: Sequence[str], root: Path) -> str:
        from shutil import which  # here: most settings want none of this

        if which(PROGRAM, path=self._environ.get("PATH", os.defpath)) is None:
            return f"there is no {PROGRAM} (bubblewrap) on the PATH"
        try:
            done = await run([*words, "true"], cwd=root, environ=self._environ, timeout=PROBE_SECONDS)
        except (CallFailed, OutcomeUnknown) as error:
            return error.message
        if done.exit == 0:
            return ""
        return one_line(done.end_of_output(), 300) or f"{PROGRAM} ended with exit code {done.exit}"

    def _words(self, root: Path, cwd: Path, reads: Sequence[Path], writes: Sequence[Path]) -> tuple[str, ...]:
        """The last of these counts, so what is hidden comes before the workspace, which may lie in it."""
        words = [PROGRAM, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108  # the sandbox's own
        if Path(RUNNING).is_dir():
            words += ["--tmpfs", RUNNING]
            for name in ("current-system", "wrappers"):  # where NixOS has its programs
                words += ["--ro-bind-try", f"{RUNNING}/{name}", f"{RUNNING}/{name}"]
        for folder in self._hidden:
            if folder.is_dir():
                words += ["--tmpfs", str(folder)]
        for file in self._hidden_files:
            if file.is_file():
                words += ["--ro-bind", os.devnull, str(file)]
        for folder in reads:
            words += ["--ro-bind", str(folder), str(folder)]
        for folder in (root, *writes):
            words += ["--bind", str(folder), str(folder)]
        for name in sorted(PROTECTED):
            if (root / name).exists():
                words += ["--ro-bind", str(root / name), str(root / name)]
        words += ["--setenv", "TMPDIR", "/tmp", "--unshare-all", "--die-with-parent", "--new-session"]  # noqa: S108  # the same
        return (*words, "--chdir", str(cwd), "--")
