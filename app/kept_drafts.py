"""The draft at hand, kept over restarts: one a workspace, with its versions, so that each turn can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from composer.intent import Filled
from composer.versions import Version, Versions
from workflows.errors import UnderstudyError
from workflows.journal.drafts import Draft as KeptDraft
from workflows.journal.memory import MemoryStore
from workflows.values import Json, canonical, digest

if TYPE_CHECKING:
    from app.desk import Desk

MOST = 50
"""Versions that are kept, the newest."""

FORM = 1


async def keep_draft(desk: Desk, versions: Versions) -> bool:
    """Keep the versions as they are now. False where one holds a secret, which stands in no record.

    Raises UnderstudyError where nothing can be written.
    """
    services = desk.services
    if isinstance(services.store, MemoryStore):
        raise UnderstudyError(f"{services.paths.data} cannot be written.", "`understudy doctor` says why.")
    data = _written(versions)
    if services.secrets.redactor.redact_json(data) != data:
        return False
    await services.store.save_draft(KeptDraft(_id(desk), services.clock.now(), versions.request[:200], canonical(data)))
    return True


async def kept_draft(desk: Desk) -> Versions | None:
    """The draft that this workspace was left with; None where there is none."""
    found = next((draft for draft in await desk.services.store.drafts() if draft.id == _id(desk)), None)
    if found is None:
        return None
    try:
        return _read(json.loads(found.text))
    except (ValueError, KeyError, TypeError):
        raise UnderstudyError(
            "The draft that was kept cannot be read by this version.", "Begin a new one: understudy compose REQUEST"
        ) from None


def _id(desk: Desk) -> str:
    return f"workspace-{digest(str(desk.services.paths.root))[:16]}"


def _written(versions: Versions) -> Json:
    return {
        "form": FORM,
        "request": versions.request,
        "saved": list(versions.saved),
        "versions": [
            {
                "text": each.text,
                "name": each.name,
                "made": each.made,
                "base": each.base,
                "based_on": each.based_on,
                "filled": [{"name": one.name, "value": one.value, "why": one.why} for one in each.filled],
                "by_hand": each.by_hand,
                "said": each.said,
                "notes": list(each.notes),
                "usd": each.usd,
            }
            for each in versions.all[-MOST:]
        ],
    }


def _read(data: Json) -> Versions:
    if not isinstance(data, Mapping) or data["form"] != FORM:
        raise ValueError("another form")
    versions = Versions()
    versions.request = str(data["request"])
    text, name = data["saved"]
    versions.saved = (str(text), str(name))
    for each in data["versions"]:
        filled = tuple(Filled(one["name"], one["value"], one["why"]) for one in each["filled"])
        known = {key: each[key] for key in ("text", "name", "made", "base", "based_on", "by_hand", "said", "usd")}
        versions.add(Version(**known, filled=filled, notes=tuple(each["notes"])))
    return versions
