"""The time zone of this machine, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

LINK = Path("/etc/localtime")
_FOLDER = "/zoneinfo/"


def machine_zone(environ: Mapping[str, str], link: Path = LINK) -> str:
    """The IANA name of the zone that clocks here are shown in: TZ, else what /etc/localtime leads to, else UTC."""
    places = (environ.get("TZ", "").removeprefix(":"), str(link.resolve()))
    for place in places:
        name = place.rpartition(_FOLDER)[2] if _FOLDER in place else place
        if name and _is_zone(name):
            return name
    return "UTC"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # nothing of this name, or no name at all
        return False
    return True
