"""A skill by the name that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.container import Services
    from skills.manifest import Skill


def find_skill(services: Services, name: str) -> Skill:
    """The skill of this name. Raises UnknownSkill; of a tool that is held back it says why."""
    from skills.registry import UnknownSkill

    try:
        return services.skills.get(name)
    except UnknownSkill as unknown:
        if name in services.skills.snapshot.skills or not (why := services.servers.why_held(name)):
            raise
        raise UnknownSkill(f"the skill '{name}' cannot be used: {why}", "") from unknown
