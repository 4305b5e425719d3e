"""Keys from the desktop's keyring, where the `keyring` library is installed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from agents.models.keys import Key, Missing, Unusable, find_key
from agents.models.providers import provider_of
from workflows.secrets import Secret

SERVICE = "understudy"
"""Under what the keys are kept: `keyring set understudy OPENAI_API_KEY`."""

Lookup = Callable[[str], str | None]
"""Gives what the keyring has under a name. May block, and may ask the person to unlock it."""

_log = logging.getLogger(__name__)


class KeyringKeys:
    """Keys from the environment and, where that lacks one, from the keyring, or by `lookup`. Each is looked up once.

    `learn` is told of every key that is found: it must never be shown. No file of a workspace is ever read.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        lookup: Lookup | None = None,
        learn: Callable[[Iterable[Secret]], None] = lambda _: None,
    ) -> None:
        self._environ = environ
        self._lookup = lookup
        self._learn = learn
        self._known: dict[str, str] = {}
        self._looking = threading.Lock()

    def find(self, model: str) -> Key | Missing | Unusable:
        """What a call of the model needs. Not for the loop's own thread: a keyring may take its time."""
        found = find_key(model, self._environ)
        provider = provider_of(model)
        if not isinstance(found, Missing) or provider is None:
            return found
        names = [name for setting in provider.settings if setting.secret for name in setting.variables]
        kept = {name: value for name in names if (value := self._get(name))}
        return find_key(model, {**kept, **self._environ}) if kept else found

    def at_hand(self, model: str) -> bool:
        """Whether the environment, or what the keyring said before, has it."""
        return isinstance(find_key(model, {**self._known, **self._environ}), Key)

    def forget(self) -> None:
        """Look everything up again: what is kept has changed."""
        with self._looking:
            self._known.clear()

    def _get(self, name: str) -> str:
        with self._looking:
            if name not in self._known:
                self._known[name] = (self._lookup or from_keyring)(name) or ""
                if value := self._known[name].strip():
                    self._learn([Secret(value)])
            return self._known[name]


def from_keyring(name: str) -> str | None:
    """What the desktop's keyring has under this name; None where there is none, or no keyring at all."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        found = keyring.get_password(SERVICE, name)
    except Exception as error:  # a locked or broken keyring is none: whoever needs the key is told that it is missing
        _log.warning("the keyring cannot be asked: %s", type(error).__name__)
        return None
    return found if isinstance(found, str) else None
