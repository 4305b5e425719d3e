"""Events and summaries as rows of the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from workflows.journal.codec import encode, encode_text, text_of
from workflows.journal.port import Summary, Waiting
from workflows.journal.refusals import nothing_to_write, out_of_order
from workflows.journal.reuse import key_to_remember
from workflows.journal.sqlite.blobs import LARGE, Blob
from workflows.records import dataclass
from workflows.runs.events import (
    AttemptFinished,
    AttemptStarted,
    CallFailed,
    CallFinished,
    Event,
    Recorded,
    StepFinished,
    facts_of,
)
from workflows.values import Json

Row: TypeAlias = tuple[Any, ...]
Other: TypeAlias = Literal["apart", "attempt started", "usage", "remembered"]


@dataclass(frozen=True)
class EventRows:
    """What some events of one run add to each table, and the blobs that they name.

    `events` stand in their own row whole; `apart` are those of which a part is in blobs.
    """

    run_id: str
    first: int
    last: int
    size: int
    """About how many bytes the events take."""
    events: list[Any]
    """COLUMNS values for each event, one after the other: NULL for the run's id, which only the writer knows, then its
    seq, time, type, version and text."""
    ends: Sequence[Recorded]
    """The ends of attempts; those that have a row of their own are over then."""
    others: Mapping[Other, list[Row]]
    """What most events add nothing to."""
    blobs: Sequence[Blob]


COLUMNS = 6


def event_rows(run_id: str, recorded: Sequence[Recorded]) -> EventRows:
    """The rows of these events. Raises StoreError where there are none, their seq has a gap, or one cannot be JSON."""
    if not recorded:
        raise nothing_to_write(run_id)
    first, size = recorded[0].seq, 0
    last = first - 1
    events: list[Any] = []
    ends: list[Recorded] = []
    others: dict[Other, list[Row]] = {}
    blobs: list[Blob] = []
    for one in recorded:
        seq, event = one.seq, one.event
        if seq != last + 1:
            raise out_of_order(run_id, seq, last)
        last = seq
        text = encode_text(event)
        kind = type(event)
        if len(text) * 4 > LARGE and len(text.encode()) > LARGE:
            text, names = _set_apart(encode(event), blobs)
            row = (run_id, seq, one.at, kind.__name__, event.version, text, text_of(names) if names else None)
            others.setdefault("apart", []).append(row)
        else:
            events += (None, seq, one.at, kind.__name__, event.version, text)
        size += len(text)
        if kind is AttemptFinished or (isinstance(event, StepFinished) and event.attempt):
            ends.append(one)
        if (more := _MORE.get(kind)) is not None and getattr(event, more):
            for other, row in _more(run_id, one):
                others.setdefault(other, []).append(row)
    return EventRows(run_id, first, last, size, events, ends, others, blobs)


_MORE: Mapping[type[Event], str] = {
    AttemptStarted: "performer",
    CallFinished: "usage",
    CallFailed: "usage",
    StepFinished: "cache_key",
}
"""The events that other tables know of too, where they have this."""


def _more(run_id: str, one: Recorded) -> Iterator[tuple[Other, Row]]:
    """What an event adds to other tables than that of events."""
    event = one.event
    match event:
        case AttemptStarted():  # of somebody: nobody has no history
            yield "attempt started", (run_id, event.step, event.n, one.seq, event.performer, event.digest, one.at)
        case CallFinished(usage=usage) | CallFailed(usage=usage) if usage is not None:
            used = (usage.model, usage.tokens_in, usage.tokens_out, usage.tokens_cached, usage.cost_usd)
            yield "usage", (run_id, one.seq, one.at, event.step, event.key, *used, int(usage.simulated))
        case StepFinished() if key := key_to_remember(event):
            yield "remembered", (run_id, one.seq, text_of(key), one.at)


def ended_row(run: int, one: Recorded) -> Row:
    """What becomes of the row of an attempt, and which it is: of this run, by its id."""
    event = next(fact for fact in facts_of(one.event) if isinstance(fact, AttemptFinished))
    failure = text_of(encode(event)["failure"]) if event.failure else None
    return one.at, event.status, failure, int(event.interrupted), run, event.step, event.n, one.seq


def _set_apart(body: Mapping[str, Json], blobs: list[Blob]) -> tuple[str, dict[str, str]]:
    """The body without its large fields, and the names of the blobs that hold them."""
    small: dict[str, Json] = {}
    names: dict[str, str] = {}
    for name, value in body.items():
        text = text_of(value)
        if len(text.encode()) > LARGE:
            blob = Blob.of(text)
            blobs.append(blob)
            names[name] = blob.name
        else:
            small[name] = value
    return text_of(small), names


FIXED = ("workflow", "started", "root", "version", "cause")
"""The columns of `runs` that are those of the first summary for ever, as fixed_row gives them."""

MOVING = (
    *("title", "status", "updated", "finished", "steps_done", "steps_total", "steps_failed"),
    *("tokens_in", "tokens_out", "cost_usd", "cost_known", "simulated"),
)
"""The columns of `runs` that each summary sets anew, as moving_row gives them."""

SUMMARY_COLUMNS = (*FIXED, *MOVING)


def fixed_row(summary: Summary) -> Row:
    """The values of FIXED."""
    return *(clean(summary.workflow), summary.started), *map(clean, (summary.root, summary.version, summary.cause))


def moving_row(summary: Summary) -> Row:
    """The values of MOVING."""
    return (
        *(clean(summary.title), summary.status, summary.updated, summary.finished),
        *(summary.steps_done, summary.steps_total, summary.steps_failed),
        *(summary.tokens_in, summary.tokens_out, summary.cost_usd, int(summary.cost_known), int(summary.simulated)),
    )


steady: Callable[[Summary], tuple[Any, ...]] = attrgetter(
    *(each for each in MOVING if each not in ("updated", "steps_done")), "inbox"
)
"""What most events leave as it was: all of a summary that is written again but those two columns; last, the inbox."""


def inbox_rows(run: int, inbox: Sequence[Waiting]) -> list[Row]:
    """The rows of what waits in the run with this id."""
    return [
        (
            *(run, each.entry, place, each.step, each.reason, clean(each.title), each.asked),
            text_of(list(each.choices)),
        )
        for place, each in enumerate(inbox)
    ]


def clean(text: str) -> str:
    """The text as UTF-8 can hold it; half a surrogate pair becomes a question mark."""
    return text.encode(errors="replace").decode()
