"""The environments: what each serves, and how that is changed. The skills of this workspace are written with it.

releases/1.1.0/          an unpacked wheel, never changed
releases/staging         a link to the release that staging serves
environments/staging/    its database, and what its server says
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("staging", "production")
PATIENCE = 15.0
"""Seconds in which a server has to change. Nothing is waited for but a process of this machine."""

_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?"
    r"(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?"
)

Start = Callable[["Environment", list[str], Path], object]
"""Starts the program that keeps an environment's server, with what it says in a file."""


def precedence(version: str) -> tuple[Any, ...]:
    """What versions are ordered by (semver.org, 11). Raises ValueError for what is no semantic version."""
    found = _SEMVER.fullmatch(version)
    if found is None:
        raise ValueError(f"'{version}' is no semantic version")
    before = found[4].split(".") if found[4] else []
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in before)
    return (*(int(found[number]) for number in (1, 2, 3)), not before, parts)


class Environment:
    """One environment of a workspace. Every change is made by one process at a time."""

    def __init__(self, root: Path, name: str) -> None:
        if name not in NAMES:
            raise ValueError(f"there is no environment '{name}': there are {', '.join(NAMES)}")
        self.root, self.name = root, name
        self.folder = root / "environments" / name
        self.database = self.folder / "shop.db"
        self.link = root / "releases" / name

    @property
    def release(self) -> str | None:
        """The release that is served, or would be if its server ran."""
        return os.readlink(self.link) if self.link.is_symlink() else None

    @property
    def endpoint(self) -> str | None:
        """Where it is served; None where nothing is."""
        told = self._told()
        return f"http://127.0.0.1:{told['port']}" if self.kept and told.get("release") else None

    @property
    def kept(self) -> bool:
        """Whether the program that keeps its server runs."""
        try:
            with open(self.folder / "server.lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes it meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "change.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def serve(self, release: str | None, start: Start) -> str | None:
        """Serve a release, or nothing, and return where. To be called while `changing`. Raises TimeoutError."""
        before = self._told().get("serial", 0)
        if release is None:
            self.link.unlink(missing_ok=True)
        else:
            new = self.link.with_name(f".{self.name}.new")
            new.unlink(missing_ok=True)
            new.symlink_to(release)
            os.replace(new, self.link)  # at every moment there is the old one or the new one
        if self.kept:
            os.kill(self._told()["pid"], signal.SIGHUP)
        elif release is None:
            return None
        else:
            program = self.root / "ops" / "serve.py"
            start(self, [sys.executable, "-P", "-B", str(program), str(self.folder), str(self.link)], self.log)
        self._until(lambda: self._told().get("serial", 0) > before, f"{self.name} does not change to {release}")
        return self.endpoint

    @property
    def failing(self) -> bool:
        """Whether the server ends again and again as soon as it is started."""
        return bool(self._told().get("ends", 0) >= 3)

    def stop(self) -> bool:
        """End its server, and what keeps it. Whether there was one. Raises TimeoutError."""
        if not self.kept:
            return False
        os.kill(self._told()["pid"], signal.SIGTERM)
        self._until(lambda: not self.kept, f"the server of {self.name} does not end")
        return True

    @property
    def log(self) -> Path:
        """The file that its server writes to."""
        return self.folder / "server.log"

    def last_words(self) -> str:
        """The end of that."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:]) if self.log.exists() else ""

    def _told(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads((self.folder / "server.json").read_text())
        except FileNotFoundError:
            return {}
        return told

    def _until(self, condition: Callable[[], bool], why: str) -> None:
        late = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > late:
                raise TimeoutError(f"{why}: {self.last_words()}")
            time.sleep(0.02)


def unpack(root: Path, wheel: Path) -> str:
    """Make a release of a wheel, and return its name, the version. Raises ValueError, FileExistsError."""
    with zipfile.ZipFile(wheel) as archive:
        (version,) = re.findall(r'^VERSION = "(.+)"$', archive.read("teashop/version.py").decode(), re.MULTILINE)
        precedence(version)
        release = root / "releases" / version
        if release.is_dir():
            if all((release / name).read_bytes() == archive.read(name) for name in archive.namelist()):
                return str(version)
            if any(Environment(root, name).release == version for name in NAMES):
                raise FileExistsError(f"{version} is served already, and was another build: give it a new version")
            shutil.rmtree(release)
        release.parent.mkdir(parents=True, exist_ok=True)
        new = release.with_name(f".{version}.new")
        shutil.rmtree(new, ignore_errors=True)
        archive.extractall(new)
        os.replace(new, release)
    return str(version)
