"""A model that writes drafts, with the services of this process: what exists here, and what a draft is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.drafts import plan_of
from composer.generate.author import Author
from composer.generate.checking import Checks
from composer.inventory import Inventory, take_inventory

if TYPE_CHECKING:
    from agents.models.registry import Models
    from app.desk import Desk

MOST_USD = 0.50
"""US dollars that one draft may cost where nobody says another sum, and where prices are known."""


def inventory_of(desk: Desk) -> Inventory:
    """What exists here and can be used."""
    services = desk.services
    return take_inventory(
        services.catalogue, services.kinds, services.skills.snapshot.skills, services.models.name_of(None)
    )


def checks_of(desk: Desk) -> Checks:
    """What a draft is held against here."""
    services = desk.services
    path = services.paths.workspace / "workflows" / "draft.yaml"
    return Checks(
        lambda text: desk.parse(text, path),
        lambda workflow: plan_of(desk, workflow),
        services.kinds,
        services.catalogue,
    )


def author_of(
    desk: Desk,
    model: str = "",
    most_usd: float | None = MOST_USD,
    *,
    strict: bool = False,
    models: Models | None = None,
) -> Author:
    """Who writes drafts: the model named, else the default one. `most_usd` is what a draft may cost.

    `strict`: a person said so, and a model whose price nobody knows is not asked.
    """
    return Author(models or desk.services.models, model, checks_of(desk), most_usd, strict=strict)
