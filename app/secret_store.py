"""Where secrets are kept: environment variables, and a file of the user's that nobody else can read.

Never the history: what can read a run's record must not find what opens other doors.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from agents.models.keys import known_keys, named_secrets
from workflows.definition.fields import IDENTIFIER
from workflows.errors import UnderstudyError
from workflows.journal.files import make_folder, open_private, sync_folder
from workflows.records import dataclass
from workflows.secrets import MIN_LENGTH, Redactor, Secret

PREFIX = "UNDERSTUDY_SECRET_"
"""The environment variable of the secret TOKEN is UNDERSTUDY_SECRET_TOKEN."""

CREDENTIALS = "credentials"
"""The file of the keys of models, beside that of secrets and like it (`app.credentials`)."""

LARGEST = 64 * 1024
"""Characters of a secret."""


class SecretsUnusable(UnderstudyError):
    """The file of secrets cannot be relied on, or not be written."""


@dataclass(frozen=True)
class Kept:
    """A secret by name. `source` gives its value; `shadowed`: the file has another one, which is not used."""

    name: str
    source: Literal["environment", "file"]
    shadowed: bool = False


class SecretStore:
    """The secrets of this user. The environment wins over the file. The file is read anew each time.

    `known` is what else must never be shown, such as the keys of models and variables such as GITHUB_TOKEN.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        known: Iterable[Secret] = (),
        again: str = "`understudy secrets set`",
    ) -> None:
        """`again` is how one is set."""
        self.path = path
        self._again = again
        self._environ = {
            name.removeprefix(PREFIX): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and value and is_name(name.removeprefix(PREFIX))
        }
        self.redactor = Redactor([*known, *map(Secret, self._environ.values())])
        with suppress(UnderstudyError):  # whoever wants a secret of it is told; nothing else needs it
            self._file()

    def get(self, name: str) -> Secret | None:
        """The secret of this name, None where it is not set. Raises SecretsUnusable."""
        value = self._environ.get(name) or self._file().get(name)
        return Secret(value) if value else None

    def names(self) -> Sequence[str]:
        """The names of all that are set, sorted. Raises SecretsUnusable."""
        return [kept.name for kept in self.kept()]

    def kept(self) -> Sequence[Kept]:
        """All that are set, and where each comes from. Raises SecretsUnusable."""
        file = self._file()
        return [
            Kept(name, "environment" if name in self._environ else "file", name in self._environ and name in file)
            for name in sorted({*self._environ, *file})
        ]

    def set(self, name: str, value: str) -> None:
        """Keep a secret in the file. It is on the disk on return. Raises UnderstudyError, SecretsUnusable."""
        if not is_name(name):
            hint = "A name is letters, digits and _, and does not start with a digit."
            raise UnderstudyError(f"{name!r} cannot be the name of a secret.", hint)
        if len(value) < MIN_LENGTH:
            message = f"A secret has at least {MIN_LENGTH} characters: a shorter one could not be kept out of history."
            raise UnderstudyError(message, f"{self._again} gives it again, by its name: {name}")
        if len(value) > LARGEST:
            raise UnderstudyError(f"A secret has at most {LARGEST} characters; this has {len(value)}.")
        if "\0" in value or not _is_utf8(value):
            raise UnderstudyError("A secret is text in UTF-8; this is not.", "Encode it first, such as with base64.")
        with self._locked():
            self._write({**self._file(), name: value})
        self.redactor.learn([Secret(value)])

    def remove(self, name: str) -> bool:
        """Take a secret out of the file; False where it is not in it. Raises SecretsUnusable."""
        with self._locked():
            file = self._file()
            if name not in file:
                return False
            self._write({other: value for other, value in file.items() if other != name})
            return True

    def _file(self) -> dict[str, str]:
        """What the file holds; all of it is known to the redactor from then on."""
        try:
            # Without waiting: what lies there may be a pipe.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(f"it cannot be read ({error.strerror})") from None
        with open(descriptor, encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise self._unusable("it is not a file")
            if status.st_uid != os.geteuid():
                raise self._unusable("it belongs to another user")
            if status.st_mode & 0o177:
                mode = stat.S_IMODE(status.st_mode)
                why = f"its mode is {mode:04o}, so others may have read or changed what is in it"
                raise self._unusable(why, f"`chmod 600 {self.path}`, and change the secrets that were in it")
            try:
                data = json.load(file)
            except (ValueError, RecursionError):
                raise self._unusable("it is not JSON") from None
        secrets = data.get("secrets") if isinstance(data, dict) else None
        if not isinstance(secrets, dict) or not all(isinstance(value, str) for value in secrets.values()):
            raise self._unusable("it has no table of secrets")
        self.redactor.learn(map(Secret, secrets.values()))
        return {name: value for name, value in secrets.items() if is_name(name)}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, over all processes; the lock lies beside the file because that is replaced."""
        try:
            make_folder(self.path.parent)
            lock = open_private(self.path.with_suffix(".lock"))
        except OSError as error:
            raise self._unusable(f"nothing can be written beside it ({error.strerror})") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, secrets: Mapping[str, str]) -> None:
        text = json.dumps({"version": 1, "secrets": secrets}, indent=2, sort_keys=True) + "\n"
        temporary = self.path.with_name(f".{self.path.name}.{os.urandom(8).hex()}")
        try:
            descriptor = open_private(temporary, os.O_WRONLY)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise self._unusable(f"it cannot be written ({error.strerror})") from None
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _unusable(self, why: str, hint: str = "") -> SecretsUnusable:
        hint = hint or f"mend it, or move it away and give what was in it again with {self._again}"
        return SecretsUnusable(f"The secrets in {self.path} cannot be relied on: {why}.", hint)


def is_name(name: str) -> bool:
    """Whether a secret can have this name."""
    return re.fullmatch(IDENTIFIER, name) is not None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def store_of(config: Path, environ: Mapping[str, str]) -> SecretStore:
    """The store of the user whose configuration folder and environment these are."""
    known = (*known_keys(environ), *named_secrets(environ), *_kept_keys(config))
    return SecretStore(config / "secrets.json", environ, known)


def _kept_keys(config: Path) -> Sequence[Secret]:
    """The keys of models that were given here: they are not to be shown either, whether a model is asked or not."""
    try:
        store = SecretStore(config / CREDENTIALS, {})
        return [secret for name in store.names() if (secret := store.get(name)) is not None]
    except SecretsUnusable:
        return []  # whoever wants a key of it is told
