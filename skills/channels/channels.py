"""All channels of this process, by name: which there are, where they lead, and how a message gets there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from skills.channels.desktop import show_on_desktop
from skills.channels.model import Channel, Webhook
from skills.channels.webhook import host_of, post
from skills.network.client import Client
from workflows.breaker import Breakers, Observer
from workflows.clock import Clock
from workflows.errors import fail
from workflows.values import Json

TERMINAL, DESKTOP = "terminal", "desktop"


class Channels:
    """`terminal`, `desktop` and those of the settings. `environ` is where passwords and the desktop are found."""

    def __init__(
        self,
        configured: Mapping[str, Channel],
        client: Client,
        breakers: Breakers,
        clock: Clock,
        environ: Mapping[str, str],
    ) -> None:
        self._configured = configured
        self._client = client
        self._breakers = breakers
        self._clock = clock
        self._environ = environ

    @property
    def names(self) -> tuple[str, ...]:
        return (TERMINAL, DESKTOP, *sorted(self._configured))

    def host(self, name: str) -> str:
        """Where a channel's messages leave this machine to; empty where they do not."""
        channel = self._configured.get(name)
        if channel is None:
            return ""
        return host_of(channel) if isinstance(channel, Webhook) else f"{channel.host}:{channel.port}"

    async def deliver(
        self, name: str, text: str, key: str, cwd: Path, observer: Observer | None = None, *, literal: bool = False
    ) -> dict[str, Json]:
        """Bring a message there; gives {channel, delivered}, and `refused` addresses of a mail.

        Whoever calls this for `terminal` shows the text. `key` lets the other side see that a message is the same. In a
        `literal` text nothing is markup: it names no group and hides no address behind other words.
        Raises CallFailed, and OutcomeUnknown where the message may have arrived.
        """
        output: dict[str, Json] = {"channel": name, "delivered": True}
        if name == TERMINAL:
            return output
        if name == DESKTOP:
            await show_on_desktop(text, cwd, self._environ)
            return output
        channel = self._configured.get(name)
        if channel is None:
            raise fail("dependency", f"there is no channel '{name}'", f"There are: {', '.join(self.names)}.")
        with self._breakers.guard(f"host:{self.host(name)}", observer):
            if isinstance(channel, Webhook):
                await post(self._client, channel, text, key, self._clock.now(), literal=literal)
                return output
            from skills.channels.mail import send_mail  # here: few runs send mail, all load this file

            refused = await send_mail(channel, text, key, self._environ)
        return {**output, "refused": list(refused)} if refused else output
