"""Watches a run that another process has, from a plain command line: its story, its text, and what waits in it."""

from __future__ import annotations

import asyncio
from signal import Signals

from app.cli.asker import LEAVE, Asker, Reply
from app.cli.live_text import LiveText
from app.cli.narrator import EventLines, Narrator
from app.cli.output import Output
from app.desk import Desk
from app.ending import heed
from app.failures import explain
from app.present.carried import Carried, carried
from app.present.inquiry import Card
from app.present.owners import silence_hint, silence_words
from app.present.run import waiting_cards
from app.watch import RunWatch
from workflows.bus import Committed
from workflows.errors import UnderstudyError
from workflows.journal.port import StoreError

EVERY = 0.1
"""Seconds between looks, which cost next to nothing while nothing happens."""

OWNER_EVERY = 10
"""Looks after which the owner is looked at too: one that died writes nothing."""


class Attachment:
    """Follows one run until it is over, nobody has it any more, or the person leaves: `left` says so, and how."""

    def __init__(self, desk: Desk, out: Output, run: str, by: str, *, attended: bool, details: bool, as_json: bool):
        self.watch = RunWatch(desk, run)
        self.left: Signals | bool = False
        self._desk = desk
        self._out = out
        self._by = by
        self._attended = attended
        self._moved = asyncio.Event()
        self._narrator = Narrator(out, details=details)
        self._listener = EventLines(out) if as_json else self._narrator
        self._text = None if as_json else LiveText(self.watch, out)
        self._asker = Asker(out, self._prompting, self._carried, lambda _: "", leave="q")
        self._asked: Card | None = None
        self._asking: asyncio.Task[Reply | None] | None = None
        self._answered: set[str] = set()
        self._silent = False

    async def follow(self) -> None:
        """Tell the story so far, then all that comes. Raises StoreError where the journal cannot be read at first."""
        heed(self._leave)
        await self._look()
        if self._attended and self.watch.other_owner:
            self._out.say("(q and enter, or Ctrl-C, leaves; the run goes on)")
        looks, unasked = 0, False
        try:
            while self.watch.other_owner and not self.left:
                await self._converse()
                said = self._text.look() if self._text else False
                if unasked and not said and self._narrator.prompt:
                    self._out.say(self._narrator.prompt, "attention")
                unasked = said
                looks += 1
                if self.watch.moved() or looks % OWNER_EVERY == 0:
                    try:
                        await self._look()
                    except StoreError as error:
                        self._out.say(explain(error), "bad")
                await self._rest()
            # What was written between the last look at the journal and the one at its owner.
            await self._look()
            while not self.left and self._text and self._text.listening:
                self._text.look()
                await self._rest()
        finally:
            if self._asking is not None:
                self._asking.cancel()

    async def _look(self) -> None:
        if events := await self.watch.look():
            self._ask_no_more()
            if self._text:
                self._text.look(whole=True)
            self._listener(Committed(self.watch.run, events, self.watch.state))
        if self._text:
            self._text.attend(self.watch.state if self.watch.other_owner else None)
        self._mind_silence()

    def _mind_silence(self) -> None:
        summary = self.watch.summary
        words = silence_words(summary, self._desk.services.clock.now()) if summary else ""
        if summary and bool(words) != self._silent:
            self._silent = bool(words)
            if words:
                self._out.say(f"! {summary.owner} {words}.", "warning")
                self._out.say(f"  next: {silence_hint(summary)}")
            else:
                self._out.say(f"{summary.owner} is heard of again.")

    async def _rest(self) -> None:
        """Until the next look, or until somebody typed something."""
        moved = asyncio.ensure_future(self._moved.wait())
        try:
            await asyncio.wait({moved, *((self._asking,) if self._asking else ())}, timeout=EVERY)
        finally:
            moved.cancel()

    # What a person does

    async def _converse(self) -> None:
        """Ask about what waits, one entry after the other; while nothing does, listen for the word that leaves."""
        if not self._attended:
            return
        cards = [card for card in waiting_cards(self.watch.state) if card.entry not in self._answered]
        if self._asking is not None:
            if self._asking.done():
                await self._take(self._asked, self._asking.result())
                self._asking = self._asked = None
                return
            still = self._asked is None and not cards
            if still or self._asked is not None or self._last_words:
                return
            self._asking.cancel()
        if cards and self._last_words:
            cards = []  # the question comes after them
        self._asked = cards[0] if cards else None
        explained = self._desk.services.code.explained(self.watch.state, cards[0]) if cards else None
        asking = self._asker.ask(explained, len(cards) - 1) if explained else self._asker.listen()
        self._asking = asyncio.ensure_future(asking)

    @property
    def _last_words(self) -> bool:
        return bool(self._text and self._text.ending)

    def _ask_no_more(self) -> None:
        """Drop a question that somebody else has answered, before it is told what came of that."""
        waits = {inquiry.asked.entry for inquiry in self.watch.state.open_inquiries}
        if self._asked is None or self._asking is None or self._asking.done() or self._asked.entry in waits:
            return
        self._out.say(f"{self._asked.entry} no longer waits.")
        self._asking.cancel()
        self._asking = self._asked = None
        self._narrator.prompt = ""

    async def _take(self, card: Card | None, reply: Reply | None) -> None:
        if reply is LEAVE:
            self.left = True
        elif reply is None:
            self._attended = False  # the end of input: nobody types any more
        elif card is not None:
            try:
                await self._desk.answer(
                    self.watch.run, card.entry, reply.choice, reply.value, reply.note, by=self._by, digest=card.digest
                )
                self._answered.add(card.entry)
            except UnderstudyError as error:
                self._out.say(explain(error), "bad")

    def _carried(self, card: Card, choice: str) -> Carried | None:
        state = self.watch.state
        return carried(state, state.inquiries[card.entry], choice)

    def _prompting(self, prompt: str) -> None:
        self._narrator.prompt = prompt

    def _leave(self, number: Signals) -> None:
        self.left = number
        self._moved.set()
