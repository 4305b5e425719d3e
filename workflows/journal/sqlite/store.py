"""A RunStore in an SQLite database that several processes share."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.journal.codec import decode, text_of, value_of
from workflows.journal.files import make_folder
from workflows.journal.port import (
    Lease,
    PostedAnswer,
    Query,
    Recovery,
    Remembered,
    Request,
    StoreError,
    Summary,
    Try,
    Waiting,
)
from workflows.journal.refusals import out_of_order, read_only, unknown
from workflows.journal.reuse import remembered
from workflows.journal.sqlite import queries
from workflows.journal.sqlite.additions import Append, Create
from workflows.journal.sqlite.blobs import Blobs
from workflows.journal.sqlite.changes import (
    Ask,
    Claim,
    Delete,
    DropDrafts,
    Post,
    Release,
    SaveDraft,
    Tidy,
)
from workflows.journal.sqlite.marks import Marks
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import PATIENCE
from workflows.journal.sqlite.owners import Owners
from workflows.journal.sqlite.reader import Reader
from workflows.journal.sqlite.rows import event_rows
from workflows.journal.sqlite.writer import Refusing, Writer
from workflows.runs.events import Recorded

if TYPE_CHECKING:
    from workflows.journal.breakdown import By, Group
    from workflows.journal.drafts import Draft
    from workflows.journal.figures import ErrorFigures, Figures
    from workflows.journal.pulse import Lately, Pulse
    from workflows.unattended.port import Standing

PAGE = 500
"""Events read at once; between pages the event loop can do other things."""

BEAT = 5.0
"""Seconds between two signs that a process which owns runs is at work."""

MAIL_EVERY = 0.05
"""Seconds for which all who ask whether there is mail get the same answer."""


class SqliteStore:
    """`journal.db`, `journal.lock`, `blobs/` and `owners/` in a folder. For the event loop that opened it.

    A caller that is cancelled while it writes may find later that the change was made.
    """

    def __init__(self, path: Path, writer: Writer | Refusing, reader: Reader, owners: Owners) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._owners = owners
        self._blobs = Blobs(path.parent / "blobs")
        self._marks = Marks(path.with_name(f"{path.name}-wal"))
        self._mail: tuple[float, object, object] = (0.0, None, None)
        self._closing = asyncio.Event()
        self._keeper = asyncio.create_task(self._keep(), name="journal")

    @classmethod
    async def open(cls, folder: Path, patience: float = PATIENCE) -> SqliteStore:
        """Open the journal in the folder, or begin one. Waits up to `patience` seconds for other processes.

        Raises StoreError where there is no right or room to, or where something else is there, which is left as it is.
        """
        path = folder / "journal.db"
        writer = await Writer.open(path, patience)
        try:
            reader = await Reader.open(path, patience)
            try:
                owners = Owners(folder / "owners")
                with translated(path):
                    make_folder(folder / "blobs")
                    make_folder(folder / "owners")
                    owners.sweep()
            except BaseException:
                await reader.close()
                raise
        except BaseException:
            await writer.close()
            raise
        return cls(path, writer, reader, owners)

    @classmethod
    async def open_to_read(cls, folder: Path, patience: float = PATIENCE) -> SqliteStore:
        """Open the journal in the folder where it may not be written; every change is refused then. Writes nothing.

        Raises StoreError, also where there is none.
        """
        path = folder / "journal.db"
        reader = await Reader.open_alone(path, patience)
        return cls(path, Refusing(read_only(path)), reader, Owners(folder / "owners"))

    async def create(self, run_id: str, owner: str, events: Sequence[Recorded], summary: Summary) -> Lease:
        rows = event_rows(run_id, events)
        if rows.first != 1:
            raise out_of_order(run_id, rows.first, 0)
        return await self._writer.submit(Create(rows, summary, owner, self._enter()))

    async def claim(self, run_id: str, owner: str) -> Lease:
        return await self._writer.submit(Claim(run_id, owner, self._enter(), self._owners))

    async def release(self, lease: Lease) -> None:
        await self._writer.submit(Release(lease))

    async def delete(self, run_id: str) -> None:
        await self._writer.submit(Delete(run_id, self._owners))

    async def tidy(self, before: float) -> int:
        """Remove contents that no event names and that nobody has kept since then (seconds since the epoch).

        Returns how many. Raises StoreError.
        """
        with translated(self._path):
            old = await asyncio.to_thread(self._blobs.older, before)
        if not old:
            return 0
        named = {name for (blobs,) in await self._reader.rows(queries.NAMED) for name in json.loads(blobs).values()}
        return await self._writer.submit(Tidy(self._blobs, old - named, before))

    async def append(self, lease: Lease, events: Sequence[Recorded], summary: Summary, last: bool = False) -> None:
        await self._writer.submit(Append(lease, event_rows(lease.run_id, events), summary, last))

    async def read(self, run_id: str, after: int = 0) -> list[Recorded]:
        found: list[Recorded] = []
        while True:
            rows = await self._reader.rows(queries.EVENTS, (run_id, after, PAGE))
            found += [await self._recorded(run_id, *row) for row in rows]
            if len(rows) < PAGE:
                break
            after = rows[-1][0]
        if not found and not await self._reader.rows(queries.EXISTS, (run_id,)):
            raise unknown(run_id)
        return found

    async def runs(self, query: Query) -> list[Summary]:
        with translated(self._path):
            living = self._owners.living()
        return queries.summaries(await self._reader.rows(*queries.list_runs(query, tuple(living))), living)

    async def resolve(self, text: str) -> str:
        from workflows.journal.nearest import LOOKED_AT, SHOWN, choose  # not for a run that begins

        newest: list[str] = [row[0] for row in await self._reader.rows(queries.NEWEST, (LOOKED_AT,))]
        if text == "last" and newest:
            return newest[0]
        matches = await self._reader.rows(queries.BEGINNING, (text, text + "\U0010ffff", SHOWN + 1))
        return choose(text, [row[0] for row in matches], newest)

    async def inbox(self) -> list[Waiting]:
        return [queries.waiting_of(*row) for row in await self._reader.rows(queries.INBOX)]

    async def post_answer(self, answer: PostedAnswer) -> PostedAnswer:
        return await self._writer.submit(Post(answer))

    async def answers(self, run_id: str) -> list[PostedAnswer]:
        return [queries.answer_of(*row) for row in await self._reader.rows(queries.ANSWERS, (run_id,))]

    async def post_request(self, request: Request) -> Request:
        return await self._writer.submit(Ask(request))

    async def requests(self, run_id: str, after: int = 0) -> list[Request]:
        return [queries.request_of(*row) for row in await self._reader.rows(queries.REQUESTS, (run_id, after))]

    async def mail(self) -> object:
        asked, mark, mail = self._mail
        now = time.monotonic()
        if now - asked >= MAIL_EVERY and (fresh := self.mark()) != mark:
            mail = (await self._reader.rows(queries.MAIL))[0]
            self._mail = (now, fresh, mail)
        return mail

    def mark(self) -> object:
        return self._marks.now()

    async def recall(self, key: str, since: float) -> Remembered | None:
        for run_id, *row in await self._reader.rows(queries.RECALL, (text_of(key), since)):
            return remembered(run_id, await self._recorded(run_id, *row))
        return None

    async def recoveries(self, performer: str, limit: int = 200) -> list[Recovery]:
        if not performer:
            return []
        return [queries.recovery_of(*row) for row in await self._reader.rows(queries.RECOVERIES, (performer, limit))]

    async def tries(self, performer: str, limit: int = 50) -> list[Try]:
        if not performer:
            return []
        return [queries.try_of(*row) for row in await self._reader.rows(queries.TRIES, (performer, limit))]

    async def figures(self, since: float | None = None, workflow: str = "") -> Figures:
        from workflows.journal.sqlite import figures  # no run needs it, and each import is time before it begins

        asked = figures.which(since, workflow)
        rows = [await self._reader.rows(query, asked) for query in (figures.RUNS, figures.STEPS, figures.ERRORS)]
        return figures.figures_of(*rows)

    async def breakdown(
        self, by: By, since: float | None = None, workflow: str = "", edges: Sequence[float] = ()
    ) -> list[Group]:
        from workflows.journal.sqlite import breakdown

        rows = await self._reader.rows(*breakdown.breakdown(by, since, workflow, edges))
        return [breakdown.group_of(*row) for row in rows]

    async def errors(self, since: float | None = None, workflow: str = "") -> tuple[ErrorFigures, ...]:
        from workflows.journal.sqlite import figures

        return figures.errors_of(await self._reader.rows(figures.ERRORS, figures.which(since, workflow)))

    async def pulse(self, limit: int = 500) -> Pulse:
        from workflows.journal.sqlite import pulse  # only who watches needs it

        with translated(self._path):
            living = tuple(self._owners.living())
        return pulse.pulse_of(
            await self._reader.rows(*pulse.under_way(living, limit)),
            await self._reader.rows(*pulse.at_work(living, limit)),
        )

    async def lately(self, since: float) -> Lately:
        from workflows.journal.sqlite import pulse

        runs, tries = (
            await self._reader.rows(pulse.RUNS, (since,)),
            await self._reader.rows(pulse.TRIES, (since, since)),
        )
        return pulse.lately_of(runs, *tries)

    async def took(self, workflow: str, limit: int = 50) -> list[float]:
        from workflows.journal.sqlite import pulse

        return [seconds for (seconds,) in await self._reader.rows(pulse.TOOK, (workflow, limit))]

    async def save_draft(self, draft: Draft) -> None:
        await self._writer.submit(SaveDraft(draft))

    async def drop_drafts(self, before: float) -> int:
        return await self._writer.submit(DropDrafts(before))

    async def drafts(self) -> list[Draft]:
        from workflows.journal.drafts import Draft

        return [Draft(*row) for row in await self._reader.rows(queries.DRAFTS)]

    @cached_property
    def standing(self) -> Standing:
        """What stands while nobody watches, in the same database."""
        from workflows.journal.sqlite.standing import SqliteStanding  # no run needs it

        return SqliteStanding(self._writer, self._reader, self._owners, self._enter)

    async def close(self) -> None:
        """Write what was submitted, give up what this process owns, and let every file go. May be called again."""
        self._closing.set()
        await asyncio.shield(self._keeper)

    async def _keep(self) -> None:
        try:
            while not self._closing.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), BEAT)
                with suppress(OSError):  # a sign that is missing is told of by those who watch
                    self._owners.beat()
        except asyncio.CancelledError:
            # The event loop ends and nobody closed the store. A thread left behind would keep the program alive.
            pass
        finally:
            try:
                await self._reader.close()
            finally:
                try:
                    await self._writer.close()
                finally:
                    self._owners.leave()

    def _enter(self) -> str:
        with translated(self._path):
            return self._owners.enter()

    async def _recorded(
        self, run_id: str, seq: int, at: float, kind: str, version: int, text: str, blobs: str | None
    ) -> Recorded:
        try:
            body: dict[str, Any] = value_of(text)
            if blobs is not None:
                for name, blob in json.loads(blobs).items():
                    body[name] = json.loads(await asyncio.to_thread(self._blobs.load, blob))
            return Recorded(seq, at, decode(kind, version, body))
        except StoreError as error:
            raise StoreError(f"Event {seq} of run {run_id}: {error.message}", error.hint) from error
        except ValueError as error:
            raise StoreError(f"Event {seq} of run {run_id} is damaged: {error}.", "Restore the journal.") from error
