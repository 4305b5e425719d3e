"""What stands for a secret until it is sent: `⟦secret:NAME:NONCE⟧`.

The nonce is random and a run's own. No tool and no model ever hears it, so none can write a placeholder that counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from workflows.errors import fail
from workflows.secrets.redactor import MIN_LENGTH
from workflows.secrets.secret import MASK, Secret
from workflows.values import Json

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_OPENING = "⟦secret:"
_ANY = re.compile(rf"{_OPENING}({_NAME}):([0-9A-Za-z]*)⟧")
_SEEN = re.compile(rf"{_OPENING}({_NAME}):[0-9A-Za-z]*(?:⟧|(?=…)|\Z)")
"""One that was cut off at the end of a text, or before a `…`, too."""

_SHOWN = re.compile(rf"{MASK}({_NAME}){MASK}")


def placeholder(name: str, nonce: str) -> str:
    """What `${{ secrets.NAME }}` comes to in the run of this nonce."""
    return f"{_OPENING}{name}:{nonce}⟧"


def names_in(value: Json, nonce: str) -> frozenset[str]:
    """The names of the secrets whose placeholders stand in the texts of JSON data, keys left out."""
    return frozenset(
        found[1] for text in _texts(value) if _OPENING in text for found in _ANY.finditer(text) if _counts(found, nonce)
    )


def reveal(value: Json, nonce: str, lookup: Callable[[str], Secret | None]) -> Json:
    """JSON data with the run's placeholders replaced by what they stand for; keys stay as they are.

    The result is for the call that sends it and for nothing else. Raises CallFailed where a secret is not set, or is
    too short to be found again in what comes back.
    """
    found = {name: lookup(name) for name in sorted(names_in(value, nonce))}
    if not found:
        return value
    if missing := [name for name, secret in found.items() if secret is None]:
        what = f"the secret {missing[0]} is" if len(missing) == 1 else f"the secrets {' and '.join(missing)} are"
        raise fail("dependency", f"{what} not set", f"`understudy secrets set {missing[0]}`, then try again")
    values = {name: secret.reveal() for name, secret in found.items() if secret is not None}
    for name, text in values.items():
        if len(text) < MIN_LENGTH:
            message = f"the secret {name} is shorter than {MIN_LENGTH} characters: it could not be kept out of history"
            raise fail("validation", message, f"`understudy secrets set {name}` with a longer one")

    def filled(text: str) -> str:
        if _OPENING not in text:
            return text
        return _ANY.sub(lambda found: values[found[1]] if _counts(found, nonce) else found[0], text)

    return _mapped(value, filled)


def shown(text: str) -> str:
    """The text as people see it: `•••NAME•••` where a placeholder of any run stands."""
    return _SEEN.sub(rf"{MASK}\1{MASK}", text) if _OPENING in text else text


def hide(value: Json) -> Json:
    """JSON data as people see it, keys too: see `shown`."""
    return _mapped(value, shown, keys=True)


def put_back(value: Json, nonce: str, names: Collection[str]) -> Json:
    """What a person edited after it was shown, with the placeholders of these secrets in their places again.

    `names` are those of the data that were shown, so that an edit cannot bring in another secret.
    """

    def again(text: str) -> str:
        return _SHOWN.sub(lambda found: placeholder(found[1], nonce) if found[1] in names else found[0], text)

    return _mapped(value, again)


def _counts(found: re.Match[str], nonce: str) -> bool:
    return bool(nonce) and found[2] == nonce


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _mapped(value: Json, act: Callable[[str], str], *, keys: bool = False) -> Json:
    if isinstance(value, str):
        return act(value)
    if isinstance(value, dict):
        return {act(key) if keys else key: _mapped(item, act, keys=keys) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, act, keys=keys) for item in value]
    return value
