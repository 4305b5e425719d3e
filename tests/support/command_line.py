"""The real `understudy`, started as a user starts it: its own process, an empty home, nothing of this environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.processes import as_in_a_shell

PROGRAM = Path(sys.executable).parent / "understudy"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The one JSON document that stdout is. Raises where it is anything else."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class CommandLine:
    """A user's terminal in a folder. `home` is theirs, and everything of Understudy's is below `home/state`."""

    cwd: Path
    home: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "UNDERSTUDY_HOME": str(self.home / "state"),
            "LANG": "C.UTF-8",
            **self.environ,
        }

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> Ended:
        """Type a command and wait for its end. stdin is a pipe, as are stdout and stderr."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.cwd,
            env={**self.environment, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return self.without_traceback(Ended(done.returncode, done.stdout, done.stderr))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Type a command and let it run."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=as_in_a_shell,
        )

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @staticmethod
    def without_traceback(ended: Ended) -> Ended:
        """No user's mistake ends in a traceback, whatever else is tested."""
        assert "Traceback (most recent call last)" not in ended.stderr + ended.stdout
        assert "has a fault" not in ended.stderr, ended.stderr
        return ended
