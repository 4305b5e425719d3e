"""Which workspaces a person has said may act: their skills run, their settings count. All others are only looked at."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from workflows.clock import Clock
from workflows.errors import UnderstudyError


class TrustStore:
    """The file `trusted.json`: real paths of trusted workspaces, each with the time it was trusted (epoch seconds).

    A folder is trusted by itself: not because it lies in a trusted one, not under another name that a link gives
    it, and not where it has become another user's. A file that is broken, another user's, or writable by others trusts
    nobody.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def is_trusted(self, root: Path) -> bool:
        """Whether this very folder was trusted. False wherever that cannot be established."""
        try:
            entries, owners = self._read()
            path = _identity(root)
            return path in entries and owners.get(path) in (None, os.stat(path).st_uid)
        except (UnderstudyError, OSError):
            return False

    def entries(self) -> Mapping[str, float]:
        """Trusted paths and when each was trusted. Raises UnderstudyError where the file cannot be relied on."""
        return self._read()[0]

    def _read(self) -> tuple[Mapping[str, float], Mapping[str, int]]:
        """The same, and whose each was when it was trusted, where that is known."""
        try:
            with open(self._path, encoding="utf-8") as file:
                status = os.fstat(file.fileno())
                if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                    raise self._broken("other users may have written it")
                data = json.load(file)
        except FileNotFoundError:
            return {}, {}
        except OSError as error:
            raise self._broken(error.strerror or "it cannot be read") from None
        except ValueError:
            raise self._broken("it is not JSON") from None
        entries = data.get("workspaces") if isinstance(data, dict) else None
        if not isinstance(entries, dict) or not all(isinstance(when, (int, float)) for when in entries.values()):
            raise self._broken("it has no table of workspaces")
        owners = data.get("owners", {})
        if not isinstance(owners, dict) or not all(isinstance(owner, int) for owner in owners.values()):
            raise self._broken("its table of owners cannot be read")
        return entries, owners

    def trust(self, root: Path) -> None:
        """Trust this folder from now on. Raises UnderstudyError where it does not exist or the file is broken."""
        if not root.is_dir():
            raise UnderstudyError(f"{root} is not a folder", "trust the folder that holds .understudy")
        with self._locked():
            entries, owners = self._read()
            path = _identity(root)
            self._write({**entries, path: self._clock.now()}, {**owners, path: os.stat(path).st_uid})

    def revoke(self, root: Path) -> None:
        """Trust this folder no longer. Raises UnderstudyError where the file is broken."""
        with self._locked():
            entries, owners = self._read()
            gone = _identity(root)
            self._write(
                {path: when for path, when in entries.items() if path != gone},
                {path: owner for path, owner in owners.items() if path != gone},
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, over all processes; the lock file lies beside the store because that is replaced."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, entries: Mapping[str, float], owners: Mapping[str, int]) -> None:
        table = {"version": 1, "workspaces": entries, "owners": owners}
        text = json.dumps(table, indent=2, sort_keys=True) + "\n"
        temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _broken(self, why: str) -> UnderstudyError:
        return UnderstudyError(
            f"{self._path} cannot be relied on: {why}. No workspace is trusted meanwhile.",
            "delete the file (or mend it) and trust your workspaces again with `understudy trust`",
        )


def _identity(root: Path) -> str:
    return str(root.resolve())
