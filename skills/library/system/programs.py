"""`system.programs`: whether programs are there."""

from __future__ import annotations

import shutil

from skills import Context, SkillError, skill
from workflows.values import Json


@skill(name="system.programs", effect="idempotent", touches=["reads"])
def programs(context: Context, names: list[str], required: bool = False) -> dict[str, Json]:
    """Look whether programs can be found on this machine. None of them is run.

    Args:
        names: What they are called, such as git or docker.
        required: Fail where one is missing.

    Returns: {found: {name: path}, missing: [name], ok}.
    """
    path = context.environ.get("PATH")
    places = {name: shutil.which(name, path=path) for name in names}
    found: dict[str, Json] = {name: place for name, place in places.items() if place}
    missing: list[Json] = [name for name, place in places.items() if not place]
    if required and missing:
        raise SkillError(
            f"not on this machine: {', '.join(map(str, missing))}", "install what is missing", "dependency"
        )
    return {"found": found, "missing": missing, "ok": not missing}
