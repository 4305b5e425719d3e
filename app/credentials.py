"""Keys of models that were given here: kept in a file that only their owner can read, or for this program alone.

The environment wins over both, and both over the desktop's keyring.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from agents.models.keyring import from_keyring
from agents.models.keys import Unusable, find_key
from agents.models.providers import OLLAMA, PROVIDERS, Provider, key_variables
from app.secret_store import CREDENTIALS, SecretStore, SecretsUnusable
from workflows.diagnostics import suggest
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.secrets import Secret

Place: TypeAlias = Literal["session", "file", "keyring"]

_log = logging.getLogger(__name__)

AGAIN = "`understudy keys set`"


@dataclass(frozen=True)
class KeptKey:
    """A key by the name of its variable, and where it is. `shadowed`: the environment has another one, which wins."""

    name: str
    place: Place
    shadowed: bool = False

    @property
    def provider(self) -> str:
        """Whose key it is."""
        return must_be_a_name(self.name).name

    def words(self, path: Path) -> str:
        """The same for a person: nothing that was not tried is called more than found."""
        where = {
            "session": "given for this session only",
            "file": f"kept in {path}, mode 600",
            "keyring": "found in the keyring",
        }
        rest = "the one of the environment is used" if self.shadowed else "not tested"
        return f"{self.name} {where[self.place]}, {rest}"


class Credentials:
    """The keys of one user. `learn` is told of every key that is read: it must never be shown."""

    def __init__(
        self,
        config: Path,
        environ: Mapping[str, str],
        learn: Callable[[Iterable[Secret]], None] = lambda _: None,
        lookup: Callable[[str], str | None] = from_keyring,
    ) -> None:
        """`config` is the user's configuration folder; `lookup` asks the keyring, and may take its time."""
        self.path = config / CREDENTIALS
        self._environ = environ
        self._learn = learn
        self._lookup = lookup
        self._session: dict[str, str] = {}
        self._store = SecretStore(self.path, {}, again=AGAIN)
        self._heard: list[Callable[[], None]] = []

    def get(self, name: str) -> str | None:
        """The key under this name; None where there is none. May block. A file that cannot be relied on is none."""
        found = self._session.get(name) or self._filed(name) or self._lookup(name)
        if found:
            self._learn([Secret(found)])
        return found

    def kept(self) -> Sequence[KeptKey]:
        """All that there are outside of the environment. May block. Raises SecretsUnusable."""
        filed, found = set(self._store.names()), []
        for name in key_variables():
            place: Place | None = "session" if name in self._session else "file" if name in filed else None
            if place is None and not self._environ.get(name, "").strip() and (self._lookup(name) or "").strip():
                place = "keyring"
            if place is not None:
                found.append(KeptKey(name, place, bool(self._environ.get(name, "").strip())))
        return found

    def keep(self, name: str, value: str, *, session: bool = False) -> None:
        """Keep a key, in the file or for this program alone. Raises UnderstudyError where it can be none."""
        value = value.strip()
        must_be_a_key(name, value)
        self._learn([Secret(value)])
        if session:
            self._session[name] = value
        else:
            self._store.set(name, value)
            self._session.pop(name, None)
        self._tell()

    def forget(self, name: str) -> bool:
        """Take a key out of the file and of this session; False where it was in neither. Raises SecretsUnusable."""
        there = self._session.pop(name, None) is not None
        there = self._store.remove(name) or there
        self._tell()
        return there

    def listen(self, heard: Callable[[], None]) -> None:
        """Hear that keys have changed."""
        self._heard.append(heard)

    def _tell(self) -> None:
        for heard in self._heard:
            heard()

    def _filed(self, name: str) -> str | None:
        try:
            found = self._store.get(name)
        except SecretsUnusable as error:  # `kept` tells of it, and so does whoever lacks the key
            _log.warning("%s", error.message)
            return None
        return found.reveal() if found else None


def must_be_a_key(name: str, value: str) -> None:
    """Raises UnderstudyError where no provider's key has this name, or no key could be this value."""
    provider = must_be_a_name(name)
    others = {each.variables[0]: "x" if each.secret else "https://example.org" for each in provider.required}
    if not value or isinstance(find_key(f"{provider.name}/any", {**others, name: value}), Unusable):
        hint = "Copy it again, alone and on one line."
        raise UnderstudyError("This can be no key: it is empty, or holds a blank or a line break.", hint)


def must_be_a_name(name: str) -> Provider:
    """The provider whose key has this name. Raises UnderstudyError where there is none."""
    for provider in PROVIDERS:
        if any(name in setting.variables for setting in provider.settings if setting.secret):
            return provider
    hint = suggest(name, key_variables()) or f"There are: {', '.join(key_variables())}"
    raise UnderstudyError(f"{name} is no key that is looked for.", hint)


def keys_wanted() -> list[tuple[str, str]]:
    """The providers whose models need one key and nothing else, each with the name of its key."""
    found = []
    for provider in PROVIDERS:
        secrets = [setting for setting in provider.required if setting.secret]
        if provider is not OLLAMA and len(provider.required) == 1 and secrets:
            found.append((provider.name, secrets[0].variables[0]))
    return found
