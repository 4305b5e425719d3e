"""Links by which an entry can be answered without a terminal: signed, for this one entry, and only as long as it waits.

A link says nothing that is secret, and whoever has it can answer that entry, and nothing else. It is used up with the
first answer, whoever gives it: an entry is answered once. The key is a file of the user's own; without it no link can
be made. The same entry always has the same link, so that a message that is sent again is the same message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.errors import UnderstudyError
from workflows.journal.files import make_folder, read_plain, sync_folder
from workflows.records import dataclass

if TYPE_CHECKING:
    from workflows.runs.state import Inquiry, RunState
    from workflows.unattended.port import Standing

PATH = "/answer/"
"""Where the server answers them."""

SERVED_AT = "answers:url"
"""The memo that says where the server is called from outside: `https://ops.example.org`."""

SIZE = 32
"""Bytes of the key."""

LONGEST = 2000
"""Characters of a token."""

_PURPOSE = b"understudy answer 1\x00"


class NoLink(UnderstudyError):
    """A token that was not made here, or whose time is over."""


@dataclass(frozen=True)
class Ticket:
    """What a link is for: this entry of this run, as it was asked `at`. It counts until `until`, seconds in UTC."""

    run_id: str
    entry: str
    at: float
    until: float
    channel: str


class AnswerLinks:
    """Makes and reads tokens with the key in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "answers.key"
        self._key: bytes | None = None

    def token(self, ticket: Ticket) -> str:
        """Raises UnderstudyError where the key can neither be read nor made."""
        values = [ticket.run_id, ticket.entry, ticket.at, ticket.until, ticket.channel]
        payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return f"{_text(payload)}.{_text(self._signature(payload))}"

    def read(self, token: str, now: float) -> Ticket:
        """What a token is for. Raises NoLink."""
        said, _, signature = token.partition(".")
        try:
            if len(token) > LONGEST or not token.isascii():
                raise ValueError
            payload, given = _bytes(said), _bytes(signature)
            if not hmac.compare_digest(self._signature(payload), given):
                raise ValueError
            run_id, entry, at, until, channel = json.loads(payload)
        except (ValueError, binascii.Error):
            raise NoLink(
                "This link is not one of this server.", "Take it whole, as it stands in the message."
            ) from None
        ticket = Ticket(run_id, entry, at, until, channel)
        if now >= ticket.until:
            raise NoLink("The time to answer is over.", f"`understudy show {run_id}` says what became of it.")
        return ticket

    def _signature(self, payload: bytes) -> bytes:
        if self._key is None:
            self._key = self._read() or self._made()
        return hmac.new(self._key, _PURPOSE + payload, hashlib.sha256).digest()

    def _read(self) -> bytes | None:
        try:
            key = read_plain(self._path, SIZE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnderstudyError(f"{self._path} cannot be read: {error.strerror}.", "Links need it.") from None
        if len(key) != SIZE:
            raise UnderstudyError(f"{self._path} is no key.", "Remove it: a new one is made, and older links are void.")
        return key

    def _made(self) -> bytes:
        """A new key, whole or not at all; of several processes that make one, the first one's counts."""
        new = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        try:
            make_folder(self._path.parent)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(secrets.token_bytes(SIZE))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(new, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise UnderstudyError(f"{self._path} cannot be written: {error.strerror}.", "Links need it.") from None
        finally:
            with suppress(OSError):
                os.unlink(new)
        key = self._read()
        if key is None:
            raise UnderstudyError(f"{self._path} was removed while it was made.", "Try again.")
        return key


async def link_of(standing: Standing, links: AnswerLinks, state: RunState, inquiry: Inquiry, channel: str) -> str:
    """Where an entry can be answered; empty where no server runs, or it waits for ever. Raises UnderstudyError."""
    memo, until = await standing.memo(SERVED_AT), inquiry.asked.until
    if memo is None or not isinstance(memo.value, str) or until is None:
        return ""
    ticket = Ticket(state.run_id, inquiry.asked.entry, inquiry.at, until, channel)
    return f"{memo.value}{PATH}{links.token(ticket)}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:
        raise ValueError  # two texts must not mean the same token
    return data
