"""Asks a person on a plain terminal: the whole of what waits, then numbered choices. Enter alone chooses nothing."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import termios
import textwrap
from collections.abc import Callable

from app.cli.output import Output, diff_role
from app.present.carried import Carried, read_carried
from app.present.figures import plural
from app.present.inquiry import Card, Choice, inquiry_lines
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.text import safe_json
from workflows.values import Json


@dataclass(frozen=True)
class Reply:
    """What a person chose."""

    choice: str
    value: Json = None
    note: str = ""


LEAVE = Reply("")
"""That a person leaves, and answers nothing."""


class Asker:
    """Asks about one card at a time. `prompting` is told what is being asked, empty when nothing is;
    `carried` says what a choice of a card carries; `hint` may say something under a card. Whoever types the word
    `leave`, where there is one, leaves."""

    def __init__(
        self,
        out: Output,
        prompting: Callable[[str], None],
        carried: Callable[[Card, str], Carried | None],
        hint: Callable[[Card], str],
        leave: str = "",
    ) -> None:
        self._leave = leave
        self._out = out
        self._carried = carried
        self._prompting = prompting
        self._hint = hint
        self._lines = Lines()

    async def ask(self, card: Card, others: int = 0) -> Reply | None:
        """The person's reply; None where nobody answers any more (end of input). `others` wait besides."""
        self._show(card)
        if others:
            self._out.say(f"  ({plural(others, 'more entry waits', 'more entries wait')} after this one)")
        if hint := self._hint(card):
            self._out.say(f"  hint: {hint}", "warning")
        # What was typed before this was shown is no answer to it.
        self._lines.forget()
        while True:
            numbers = f"1-{len(card.choices)}" if len(card.choices) > 1 else "1"
            text = await self._line(f"choose {numbers} for {card.step}, then enter:")
            if text is None:
                return None
            if self._leave and text.strip() == self._leave:
                return LEAVE
            if not (choice := _chosen(card, text)):
                self._out.say("Nothing was chosen: type a number or a word of the list. Enter alone chooses nothing.")
                continue
            reply = await self._complete(card, choice)
            if reply is not None:
                return reply

    async def listen(self) -> Reply | None:
        """Wait for the word that leaves, where nothing is asked; None at the end of input."""
        while (text := await self._lines.read()) is not None:
            if text.strip() == self._leave:
                return LEAVE
        return None

    def _show(self, card: Card) -> None:
        self._out.say()
        for line in inquiry_lines(card):
            stripped = line.removeprefix("  │ ")
            if stripped != line and card.language in ("diff", ""):
                self._out.say(line, diff_role(stripped))
            elif stripped != line:
                self._out.say(line)
            else:
                for part in _folded(line):
                    self._out.say(part, "attention" if line.startswith("‖") else "")

    async def _complete(self, card: Card, choice: Choice) -> Reply | None:
        """The reply with what the choice carries. None to choose again."""
        if choice.name == "deny":
            note = await self._line("reason, if you like to give one:")
            return None if note is None else Reply(choice.name, note=note.strip())
        wanted = self._carried(card, choice.name)
        if wanted is None:
            return Reply(choice.name)
        if len(wanted.names) == 1:
            return Reply(choice.name, wanted.names[0])
        if choice.name == "edit":
            self._out.say("  its input now:")
            for line in json.dumps(safe_json(wanted.before), indent=2, ensure_ascii=False).split("\n"):
                self._out.say(f"  │ {line}")
        elif wanted.names:
            for number, name in enumerate(wanted.names, 1):
                self._out.say(f"  {number}  {name}")
        text = await self._line(f"{wanted.what}: {_how(wanted)} (enter: choose again):")
        if not text or not text.strip():
            return None
        if wanted.names and text.strip().isdecimal() and 0 < int(text) <= len(wanted.names):
            text = wanted.names[int(text) - 1]
        try:
            return Reply(choice.name, read_carried(wanted, text))
        except UnderstudyError as error:
            self._out.say(error.message, "bad")
            self._out.say(f"  next: {error.hint}")
            return None

    async def _line(self, prompt: str) -> str | None:
        """A line that a person typed, None at the end of input."""
        self._prompting(prompt)
        self._out.say(prompt, "attention")
        try:
            return await self._lines.read()
        finally:
            self._prompting("")


class Lines:
    """Lines of stdin, awaited without a thread, so that a question can be dropped when somebody else answers it."""

    def __init__(self) -> None:
        self._left = b""

    def forget(self) -> None:
        """Drop what a person typed before now. What a pipe holds stays: it was meant as answers."""
        if sys.stdin.isatty():
            self._left = b""
            termios.tcflush(sys.stdin, termios.TCIFLUSH)

    async def read(self) -> str | None:
        """The next line without its end, None at the end of input."""
        while b"\n" not in self._left:
            await _readable()
            try:
                chunk = os.read(sys.stdin.fileno(), 65536)
            except OSError:  # the terminal is gone
                chunk = b""
            if not chunk:
                return None
            self._left += chunk
        line, _, self._left = self._left.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")


async def _readable() -> None:
    """Wait until stdin can be read."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(sys.stdin, lambda: None if ready.done() else ready.set_result(None))
    except OSError:
        return  # a plain file, which never makes anybody wait
    try:
        await ready
    finally:
        loop.remove_reader(sys.stdin)


def _folded(line: str) -> list[str]:
    """A line, in as many as the terminal needs, parted between words."""
    columns = shutil.get_terminal_size().columns
    return textwrap.wrap(line, columns, subsequent_indent=" " * 5, break_long_words=False, break_on_hyphens=False)


def _how(wanted: Carried) -> str:
    if wanted.names:
        return "a number or a name"
    return f"{wanted.wanted}, such as {wanted.sample}" if isinstance(wanted.schema, dict) else wanted.wanted


def _chosen(card: Card, text: str) -> Choice | None:
    """The choice of a number, its name or its letter."""
    word = text.strip().lower()
    if not word:
        return None
    if word.isdecimal():
        return card.choices[int(word) - 1] if 0 < int(word) <= len(card.choices) else None
    return next((choice for choice in card.choices if word in (choice.name, choice.key)), None)
