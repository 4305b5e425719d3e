"""`/answer/<token>`: what waits in a run, as a plain page, answered by a form. The token alone lets somebody in.

Looking changes nothing, so whoever opens links ahead of people does no harm. The page holds what a model or a tool
wrote: all of it is escaped, and nothing in it can run, load, or send the form elsewhere. What is approved is bound to
what the page showed. The first answer counts, whoever gives it; who comes later is told of it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from html import escape
from typing import TypeAlias
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.answer_links import PATH, SERVED_AT, AnswerLinks, NoLink, Ticket
from app.desk import Desk
from app.present.attention import silence
from app.present.carried import carried, read_carried
from app.present.inquiry import Card, closed_by
from app.server.address import Address
from app.server.api.guard import Guard, body_of
from app.server.api.operation import answered
from app.server.api.problems import Problem
from app.server.backstage import Backstage
from workflows.clock import Clock
from workflows.errors import UnderstudyError
from workflows.journal.port import NotWaiting, RunUnknown
from workflows.records import dataclass
from workflows.runs.state import Inquiry, RunState
from workflows.text import one_line
from workflows.unattended.port import Standing
from workflows.unattended.values import Memo
from workflows.values import Json

LARGEST = 64 * 1024
"""Bytes of a form."""

MOST_FIELDS = 10

ONLY_HERE = frozenset({"allow_pattern"})
"""What allows more than what is shown is said at a terminal, not by a link."""

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid #888;padding-left:1rem}"
    "button{font:inherit;padding:.4rem 1rem;margin:.3rem .5rem .3rem 0}textarea,input{font:inherit;width:100%}"
    "dt{font-weight:bold}.note{color:#666}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # a form of a page without any sends no origin that could be checked
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

Does: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Waiting:
    """What a link leads to."""

    ticket: Ticket
    desk: Desk
    state: RunState
    inquiry: Inquiry
    card: Card | None

    @property
    def by(self) -> str:
        """Who answers, for the run's history."""
        return f"the link to {self.ticket.channel}"

    @property
    def closed(self) -> str:
        """Why it waits no more; empty where it does."""
        return closed_by(self.state, self.ticket.entry, "") or ("" if self.card else "it waits no longer")


def routes(stage: Backstage, guard: Guard) -> Sequence[Route]:
    """The page and its form."""
    links = AnswerLinks(stage.desk.services.paths.data)

    async def look(request: Request) -> Response:
        found = await _found(stage, links, request)
        return _page(found, str(request.path_params["token"]))

    async def answer(request: Request) -> Response:
        found, token = await _found(stage, links, request), str(request.path_params["token"])
        form = await _form(request)
        if not found.closed:
            try:
                await _answer(stage, found, form)
            except NotWaiting:
                pass  # the page says who was first
            except UnderstudyError as error:
                found = await _found(stage, links, request)
                if not found.closed:  # else somebody was first, and the page says who
                    return _page(found, token, f"{error.message} {error.hint}".strip(), 422)
        return RedirectResponse(PATH + token, 303, HEADERS)

    return (Route(PATH + "{token}", _Page(guard, {"GET": look, "HEAD": look, "POST": answer})),)


@asynccontextmanager
async def announced(standing: Standing, address: Address, port: int, clock: Clock) -> AsyncIterator[None]:
    """Let messages have links to this server, until the block ends. Where several run, the newest one is named."""
    url = address.url(port)
    await standing.unnote(SERVED_AT)
    await standing.note(Memo(SERVED_AT, clock.now(), url))
    try:
        yield
    finally:
        memo = await standing.memo(SERVED_AT)
        if memo is not None and memo.value == url:
            await standing.unnote(SERVED_AT)


class _Page:
    """The page behind its gate, whatever the method is."""

    def __init__(self, guard: Guard, methods: Mapping[str, Does]) -> None:
        self._guard = guard
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await answered(request, lambda: self._safely(request))
        await response(scope, receive, send)

    async def _safely(self, request: Request) -> Response:
        self._guard.stranger(request, own_pages=True)
        does = self._methods.get(request.method)
        if does is None:
            allowed = {"Allow": ", ".join(self._methods)}
            raise Problem(405, "wrong-method", f"{request.method} is not for this.", headers=allowed)
        try:
            return await does(request)
        except NoLink as error:
            return _said("This link leads nowhere", [error.message, error.hint], 404)
        except RunUnknown:
            return _said("This link leads nowhere", ["The run is not there any more."], 404)


async def _found(stage: Backstage, links: AnswerLinks, request: Request) -> Waiting:
    """What the link in the path leads to. Raises NoLink, RunUnknown."""
    ticket = links.read(str(request.path_params["token"]), stage.clock.now())
    desk = await stage.queue.desk_of_run(ticket.run_id)
    state = await stage.state(ticket.run_id)
    inquiry = state.inquiries.get(ticket.entry)
    if inquiry is None or inquiry.at != ticket.at:
        raise NoLink("What it was for is not asked any more.", f"`understudy show {ticket.run_id}` tells the run.")
    cards = desk.services.code.waiting(state)
    card = next((card for card in cards if card.entry == ticket.entry), None)
    return Waiting(ticket, desk, state, inquiry, card)


async def _form(request: Request) -> dict[str, str]:
    """The fields of the form. Raises Problem for anything else."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Problem(415, "wrong-content-type", "This takes the form of its page.", "Open the link in a browser.")
    body = await body_of(request, LARGEST)
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Problem(400, "malformed", "This is no form of that page.", "Open the link again.") from None
    if any(len(values) > 1 for values in fields.values()):
        raise Problem(400, "malformed", "A field stands there twice.", "Open the link again.")
    return {name: values[0] for name, values in fields.items()}


async def _answer(stage: Backstage, found: Waiting, form: dict[str, str]) -> None:
    """Take the answer that the form gives. Raises UnderstudyError."""
    entry, choice = found.ticket.entry, form.get("choice", "")
    assert found.card is not None
    if choice not in {name for name, _ in _offered(found)}:
        raise UnderstudyError("Choose one of the buttons.", "The others need a terminal.")
    if form.get("digest", "") != found.card.digest:
        raise UnderstudyError("What you were shown is not what waits now.", "Look at it again, then answer.")
    value: Json = None
    if (wanted := carried(found.state, found.inquiry, choice)) is not None:
        value = read_carried(wanted, form.get("value", ""))
    note = one_line(form.get("note", ""), 1000)
    taken = await found.desk.answer(
        found.state.run_id, entry, choice, value, note, by=found.by, digest=found.card.digest
    )
    if not taken:
        await stage.queue.go_on_with(found.state.run_id)


def _offered(found: Waiting) -> list[tuple[str, bool]]:
    """The choices that a link offers, and whether each carries what is typed in."""
    offered = []
    for choice in found.card.choices if found.card else ():
        carries = carried(found.state, found.inquiry, choice.name) is not None
        if choice.name not in ONLY_HERE and (not carries or choice.name == "answer"):
            offered.append((choice.name, carries))
    return offered


def _page(found: Waiting, token: str, wrong: str = "", status: int = 200) -> Response:
    if found.closed or found.card is None:
        lines = [f"{found.closed[:1].upper()}{found.closed[1:]}.", f"Run {found.ticket.run_id}, {found.ticket.entry}"]
        return _said("It waits no more", lines, 200)
    card = found.card
    clean = found.desk.services.secrets.redactor.redact
    facts = [("run", f"{found.state.run_id} of {found.state.workflow}"), ("who", card.who), *card.facts]
    meanings = {choice.name: choice for choice in card.choices}
    buttons, value = [], ""
    for name, carries in _offered(found):
        choice = meanings[name]
        value = value or ('<p><label>The answer<textarea name="value" rows="4"></textarea></label></p>' * carries)
        buttons.append(
            f'<p><button name="choice" value="{escape(name)}">{escape(choice.label)}</button> '
            f'<span class="note">{escape(choice.meaning)}</span></p>'
        )
    others = [choice.command for choice in card.choices if choice.name not in dict(_offered(found))]
    body = [
        *([f"<p><strong>{escape(wrong)}</strong></p>"] if wrong else []),
        f"<p>{escape(clean(card.what))}</p>",
        "<dl>" + "".join(f"<dt>{escape(key)}</dt><dd>{escape(clean(text))}</dd>" for key, text in facts) + "</dl>",
        f"<pre>{escape(clean(card.body))}</pre>" if card.body else "",
        f"<p>{escape(silence(found.inquiry))}</p>",
        f'<form method="post" action="{escape(PATH + token)}" autocomplete="off">',
        f'<input type="hidden" name="digest" value="{escape(card.digest)}">',
        value,
        '<p><label>A note, if you like<input name="note" maxlength="1000"></label></p>',
        *buttons,
        "</form>",
        *(["<p class=note>At a terminal:</p><pre>" + escape("\n".join(others)) + "</pre>"] if others else []),
    ]
    return _html(card.headline, body, status)


def _said(title: str, lines: Iterable[str], status: int) -> Response:
    return _html(title, [f"<p>{escape(line)}</p>" for line in lines if line], status)


def _html(title: str, body: Iterable[str], status: int) -> Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{''.join(body)}</body></html>"
    )
    return Response(text, status, HEADERS, "text/html; charset=utf-8")
