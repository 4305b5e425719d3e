"""Pages: so many at once, and a cursor for the next. A cursor says nothing to those who get it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field

from app.server.api.operation import Model
from app.server.api.problems import Problem

T = TypeVar("T")

Limit = Annotated[int, Field(ge=1, le=200, description="How many, at most.")]
Cursor = Annotated[str, Field(max_length=8_000, description="The `next` of the page before.")]


class Paged(Model):
    """What any list takes."""

    limit: Limit = 50
    cursor: Cursor = ""


def cursor_of(value: Any) -> str:
    """A cursor that stands for this value."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def page_of(found: Sequence[T], limit: int, place: Callable[[T], Any]) -> tuple[Sequence[T], str | None]:
    """The first of these, and a cursor that stands for the `place` of the last; None where that is all."""
    page = found[:limit]
    return page, cursor_of(place(page[-1])) if len(found) > len(page) else None


def read_cursor(cursor: str, *kinds: type) -> tuple[Any, ...] | None:
    """The values of a cursor of ours, of these kinds; None for none. Raises Problem for anything else."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if (
        not isinstance(found, list)
        or len(found) != len(kinds)
        or not all(
            isinstance(each, kind) and not isinstance(each, bool) for each, kind in zip(found, kinds, strict=True)
        )
    ):
        raise Problem(422, "invalid", "The cursor is none of ours.", "Take the `next` of a page.", where="query.cursor")
    return tuple(found)
