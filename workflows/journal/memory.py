"""A RunStore that forgets everything: for tests, and for runs that nobody wants to keep."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from workflows.journal.asked import fits
from workflows.journal.breakdown import By, Group
from workflows.journal.codec import decode, encode_text, text_of
from workflows.journal.drafts import Draft
from workflows.journal.figures import ErrorFigures, Figures, figures_of
from workflows.journal.memory_watched import breakdown_of
from workflows.journal.nearest import LOOKED_AT, SHOWN, choose
from workflows.journal.port import (
    Lease,
    PostedAnswer,
    Query,
    Recovery,
    Remembered,
    Request,
    Summary,
    Try,
    Waiting,
)
from workflows.journal.pulse import Lately, Pulse
from workflows.journal.pulse_of_events import lately_of, pulse_of
from workflows.journal.refusals import (
    answered,
    closed,
    fenced,
    not_waiting,
    nothing_to_write,
    out_of_order,
    owned,
    taken,
    unknown,
)
from workflows.journal.reuse import (
    ABOUT_TRIES,
    Attempted,
    attempts_in,
    key_to_remember,
    recoveries_in,
    remembered,
    tries_in,
)
from workflows.records import changed, dataclass
from workflows.runs.events import Recorded, StepFinished

if TYPE_CHECKING:
    from workflows.journal.standing_memory import StandingShelf
    from workflows.unattended.port import Standing

_Text: TypeAlias = tuple[int, float, str, int, str]
"""An event as it is kept: seq, at, type, version, body."""


@dataclass
class _Run:
    summary: Summary
    owner: str
    holder: MemoryStore | None
    epoch: int = 1
    events: list[_Text] = field(default_factory=list)
    remembered: dict[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def forked_from(self) -> str:
        return str(json.loads(self.events[0][4]).get("forked_from") or "")

    @property
    def owned(self) -> bool:
        """Whether the process that has it lives."""
        return self.holder is not None and self.holder._open

    def of(self, kinds: Sequence[str]) -> Iterator[Recorded]:
        """The events of these kinds, in order."""
        return (_recorded(text) for text in self.events if text[2] in kinds)

    def add(self, events: Sequence[Recorded]) -> None:
        """Keep the events, all or none. Of several outputs under one key the newest is remembered."""
        self.events.extend(_texts(self.summary.run_id, events, len(self.events)))
        for one in events:
            if isinstance(one.event, StepFinished) and (key := key_to_remember(one.event)):
                place = (one.at, one.seq)
                self.remembered[key] = max(place, self.remembered.get(key, place))


@dataclass
class Shelf:
    """What stores have in common that stand for processes sharing one journal."""

    runs: dict[str, _Run] = field(default_factory=dict)
    answers: list[PostedAnswer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    standing: StandingShelf | None = None
    written: int = 0
    """How often any run was written to."""


class MemoryStore:
    """Runs in memory. Stores on one shelf see the same runs; closing one is the end of an owner's process."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self._open = True

    async def create(self, run_id: str, owner: str, events: Sequence[Recorded], summary: Summary) -> Lease:
        self._check_open()
        if run_id in self.shelf.runs:
            raise taken(run_id)
        run = _Run(summary, owner, self)
        run.add(events)
        self.shelf.runs[run_id] = run
        self.shelf.written += 1
        return Lease(run_id, 1)

    async def claim(self, run_id: str, owner: str) -> Lease:
        run = self._run(run_id)
        if run.owned:
            raise owned(run_id, run.owner)
        run.owner, run.holder, run.epoch = owner, self, run.epoch + 1
        return Lease(run_id, run.epoch)

    async def release(self, lease: Lease) -> None:
        self._check_open()
        run = self.shelf.runs.get(lease.run_id)
        if run is not None and run.epoch == lease.epoch:
            run.owner, run.holder = "", None

    async def delete(self, run_id: str) -> None:
        run = self._run(run_id)
        if run.owned:
            raise owned(run_id, run.owner)
        del self.shelf.runs[run_id]
        self.shelf.answers[:] = [answer for answer in self.shelf.answers if answer.run_id != run_id]
        self.shelf.requests[:] = [request for request in self.shelf.requests if request.run_id != run_id]

    async def append(self, lease: Lease, events: Sequence[Recorded], summary: Summary, last: bool = False) -> None:
        run = self._run(lease.run_id)
        if run.epoch != lease.epoch or run.holder is None:
            raise fenced(lease.run_id, run.owner)
        run.add(events)
        self.shelf.written += 1
        first = run.summary
        stays = {name: getattr(first, name) for name in ("workflow", "started", "root", "version", "cause")}
        run.summary = changed(summary, **stays)
        if last:
            run.owner, run.holder = "", None

    async def read(self, run_id: str, after: int = 0) -> list[Recorded]:
        return [_recorded(text) for text in self._run(run_id).events[max(after, 0) :]]

    async def runs(self, query: Query) -> list[Summary]:
        self._check_open()
        starts = self.shelf.standing.starts.values() if self.shelf.standing else ()
        caused = {start.run_id for start in starts if start.by == query.by}
        found = [
            summary
            for summary in map(_now, self._newest())
            if fits(summary, query) and (not query.by or summary.run_id in caused)
        ]
        return found[query.offset :][: query.limit]

    async def resolve(self, text: str) -> str:
        self._check_open()
        newest = [run.summary.run_id for run in self._newest()]
        if text == "last" and newest:
            return newest[0]
        matches = sorted(run_id for run_id in newest if run_id.startswith(text))
        return choose(text, matches[: SHOWN + 1], newest[:LOOKED_AT])

    async def inbox(self) -> list[Waiting]:
        self._check_open()
        entries = [entry for run_id in sorted(self.shelf.runs) for entry in self.shelf.runs[run_id].summary.inbox]
        return sorted(entries, key=lambda entry: entry.asked)

    async def post_answer(self, answer: PostedAnswer) -> PostedAnswer:
        self._check_open()
        if not self._waits(answer.run_id, answer.entry):
            raise not_waiting(answer.run_id, answer.entry)
        for left in self.shelf.answers:
            if (left.run_id, left.entry) == (answer.run_id, answer.entry):
                raise answered(left)
        posted = replace(
            answer,
            id=1 + max((each.id for each in self.shelf.answers), default=0),
            value=json.loads(text_of(answer.value)),
        )
        self.shelf.answers.append(posted)
        return posted

    async def answers(self, run_id: str) -> list[PostedAnswer]:
        self._check_open()
        return [each for each in self.shelf.answers if each.run_id == run_id and self._waits(run_id, each.entry)]

    async def post_request(self, request: Request) -> Request:
        self._run(request.run_id)
        posted = replace(request, id=1 + max((each.id for each in self.shelf.requests), default=0))
        self.shelf.requests.append(posted)
        return posted

    async def requests(self, run_id: str, after: int = 0) -> list[Request]:
        self._check_open()
        return [each for each in self.shelf.requests if each.run_id == run_id and each.id > after]

    async def mail(self) -> object:
        self._check_open()
        return len(self.shelf.answers), len(self.shelf.requests)

    def mark(self) -> object:
        shelf = self.shelf
        return shelf.written, len(shelf.answers), len(shelf.requests)

    async def recall(self, key: str, since: float) -> Remembered | None:
        self._check_open()
        runs = self.shelf.runs.values()
        found = [(run.remembered[key], place, run) for place, run in enumerate(runs) if key in run.remembered]
        if not found:
            return None
        (at, seq), _, run = max(found, key=lambda each: (each[0][0], each[1]))
        if at < since:
            return None
        return remembered(run.summary.run_id, _recorded(run.events[seq - 1]))

    async def recoveries(self, performer: str, limit: int = 200) -> list[Recovery]:
        self._check_open()
        if not performer:
            return []
        found = [
            each
            for run in self.shelf.runs.values()
            for each in recoveries_in((_recorded(text) for text in run.events if text[2] in ABOUT_TRIES), performer)
        ]
        newest = sorted(found, key=lambda each: each[0])[::-1]
        return [recovery for _, recovery in newest[:limit]]

    async def tries(self, performer: str, limit: int = 50) -> list[Try]:
        self._check_open()
        found = [
            each
            for run in self.shelf.runs.values()
            for each in tries_in((_recorded(text) for text in run.events if text[2] in ABOUT_TRIES), performer)
        ]
        return sorted(found, key=lambda each: each.started)[::-1][:limit] if performer else []

    async def figures(self, since: float | None = None, workflow: str = "") -> Figures:
        found = self._began(since, workflow)
        return figures_of((run.summary, run.of(ABOUT_TRIES)) for run in found)

    async def breakdown(
        self, by: By, since: float | None = None, workflow: str = "", edges: Sequence[float] = ()
    ) -> list[Group]:
        return breakdown_of(self._began(since, workflow), by, edges)

    async def errors(self, since: float | None = None, workflow: str = "") -> tuple[ErrorFigures, ...]:
        return (await self.figures(since, workflow)).errors

    def _began(self, since: float | None, workflow: str) -> list[_Run]:
        self._check_open()
        text, first = workflow.casefold(), float("-inf") if since is None else since
        runs = self.shelf.runs.values()
        return [run for run in runs if run.summary.started >= first and text in run.summary.workflow.casefold()]

    async def pulse(self, limit: int = 500) -> Pulse:
        self._check_open()
        runs = (run for run in self.shelf.runs.values() if run.summary.finished is None)
        return pulse_of(((run.summary, run.owned, _attempts(run)) for run in runs), limit)

    async def lately(self, since: float) -> Lately:
        self._check_open()
        return lately_of(((run.summary, _attempts(run)) for run in self.shelf.runs.values()), since)

    async def took(self, workflow: str, limit: int = 50) -> list[float]:
        self._check_open()
        runs = (run.summary for run in self.shelf.runs.values())
        found = [run for run in runs if (run.workflow, run.status) == (workflow, "succeeded")]
        newest = sorted(found, key=lambda run: run.started)[::-1][:limit]
        return [max((run.finished or run.updated) - run.started, 0.0) for run in newest]

    async def save_draft(self, draft: Draft) -> None:
        self._check_open()
        old = self.shelf.drafts.get(draft.id, draft)
        self.shelf.drafts[draft.id] = replace(draft, created=old.created)

    async def drop_drafts(self, before: float) -> int:
        self._check_open()
        old = [draft.id for draft in self.shelf.drafts.values() if draft.created < before]
        for key in old:
            del self.shelf.drafts[key]
        return len(old)

    async def drafts(self) -> list[Draft]:
        self._check_open()
        return sorted(self.shelf.drafts.values(), key=lambda draft: (-draft.created, draft.id))

    @cached_property
    def standing(self) -> Standing:
        """What stands while nobody watches, on the same shelf."""
        from workflows.journal.standing_memory import MemoryStanding, StandingShelf  # few need it

        self.shelf.standing = self.shelf.standing or StandingShelf()
        return MemoryStanding(self.shelf.standing, str(id(self)), self._check_open, self.shelf.runs.keys)

    async def close(self) -> None:
        self._open = False
        if self.shelf.standing is not None:
            self.shelf.standing.living.discard(str(id(self)))

    def _check_open(self) -> None:
        if not self._open:
            raise closed()

    def _run(self, run_id: str) -> _Run:
        self._check_open()
        if run_id not in self.shelf.runs:
            raise unknown(run_id)
        return self.shelf.runs[run_id]

    def _newest(self) -> list[_Run]:
        # Sorted upwards and then reversed, so that of runs begun at the same moment the later one leads.
        return sorted(self.shelf.runs.values(), key=lambda run: run.summary.started)[::-1]

    def _waits(self, run_id: str, entry: str) -> bool:
        run = self.shelf.runs.get(run_id)
        return run is not None and any(each.entry == entry for each in run.summary.inbox)


def _recorded(text: _Text) -> Recorded:
    seq, at, kind, version, body = text
    return Recorded(seq, at, decode(kind, version, json.loads(body)))


def _attempts(run: _Run) -> list[Attempted]:
    return attempts_in(run.of(ABOUT_TRIES), named=False)


def _texts(run_id: str, events: Sequence[Recorded], last: int) -> list[_Text]:
    """The events as text, so that nobody can change them, and so that they read as they do from a file."""
    if not events:
        raise nothing_to_write(run_id)
    texts = []
    for recorded in events:
        if recorded.seq != last + 1:
            raise out_of_order(run_id, recorded.seq, last)
        last = recorded.seq
        event = recorded.event
        texts.append((last, recorded.at, type(event).__name__, event.version, encode_text(event)))
    return texts


def _now(run: _Run) -> Summary:
    """What the run comes to now: without a living owner, one that says it goes on by itself is interrupted."""
    summary = replace(run.summary, forked_from=run.forked_from)
    if run.owned:
        return replace(summary, owner=run.owner)
    goes_on = summary.status in ("running", "pending") or (summary.status == "waiting" and not summary.inbox)
    return replace(summary, owner="", status="interrupted" if goes_on else summary.status)
