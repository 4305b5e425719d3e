"""Durations, times, tokens, money and sizes as people read them: short, and never more exact than they are."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from workflows.effects import Spending
from workflows.money import money

NOTHING = "–"
"""Stands where there is no figure."""


def duration(seconds: float | None) -> str:
    """`0.4 s`, `12 s`, `1 m 05 s`, `2 h 03 m`, `3 d 4 h`."""
    if seconds is None:
        return NOTHING
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} m"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def brief(seconds: float | None) -> str:
    """The same for a narrow column: `0.4s`, `12s`, `1m05s`, `10h03m`, `3d4h`."""
    return duration(seconds).replace(" ", "")


def nth(place: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{place}{'th' if place % 100 in (11, 12, 13) else endings.get(place % 10, 'th')}"


def ago(at: float, now: float) -> str:
    """`just now`, `5 min ago`, `2 h ago`, `3 d ago`, then the day."""
    passed = now - at
    if passed < 45:
        return "just now"
    if passed < 3570:
        return f"{max(round(passed / 60), 1)} min ago"
    if passed < 86400:
        return f"{max(round(passed / 3600), 1)} h ago"
    if passed < 7 * 86400:
        return f"{max(round(passed / 86400), 1)} d ago"
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d")


def clock_time(at: float) -> str:
    """The local time of day, `14:02:07`."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def timestamp(at: float | None) -> str | None:
    """The moment in UTC for machines, ISO 8601 with milliseconds."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tokens(count: int | None) -> str:
    """`812`, `41.2k`, `1.3M`; `?` where nobody knows."""
    if count is None:
        return "?"
    if count < 1000:
        return str(count)
    if count < 999_950:
        return f"{count / 1000:.1f}k"
    return f"{count / 1_000_000:.1f}M"


def cost(usd: float | None, *, known: bool = True) -> str:
    """What models cost: `$0.083`; `$?` where no price is known, `no cost` where all were free, `–` for no model."""
    if known:
        return NOTHING if usd is None else money(usd) if usd else "no cost"
    return f"{money(usd)} + $?" if usd else "$?"


def cost_of(spent: Spending) -> str:
    """The same, of what a run or a step spent."""
    return cost(spent.cost_usd, known=spent.cost_known)


def saved_words(spent: Spending | None) -> str:
    """`, $0.083 not paid again`; empty where nothing was, or nobody knows of anything."""
    figure = NOTHING if spent is None else cost_of(spent)
    return "" if figure in (NOTHING, "no cost") else f", {figure} not paid again"


def tokens_of(spent: Spending, cached: int = 0) -> str:
    """`↑1.2k ↓340`, or a dash where no tokens were counted; `↑1.2k (800 cached) ↓340` where some came from a cache."""
    if not spent.tokens_in and not spent.tokens_out:
        return NOTHING
    of_these = f" ({tokens(cached)} cached)" if cached else ""
    return f"↑{tokens(spent.tokens_in)}{of_these} ↓{tokens(spent.tokens_out)}"


def size(count: int) -> str:
    """Bytes: `812 B`, `4.1 kB`, `1.2 MB`, `3.4 GB`."""
    if count < 1000:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95 or unit == "GB":
            break
    return f"{amount:.1f} {unit}"


def plural(count: int, noun: str, many: str = "") -> str:
    """`1 step`, `3 steps`, `2 entries`."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"
