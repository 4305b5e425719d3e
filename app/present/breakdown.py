"""A breakdown as people and tables read it: columns, JSON, and CSV that no spreadsheet takes for a formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from app.present.figures import cost, duration, timestamp, tokens
from app.present.periods import Period
from app.present.statistics import KEYS, group_document
from app.present.tallies import rate
from workflows.journal.breakdown import By, Group
from workflows.text import one_line
from workflows.values import Json

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would work out (OWASP, CSV injection)."""


def header(by: By) -> list[str]:
    """The columns of the table for people."""
    counted = "TRIES" if by == "step" else "RUNS"
    columns = [*(name.upper() for name in KEYS[by]), counted, "SUCCESS", "FAILED", "MEAN", "P50", "P95", "LONGEST"]
    return [*columns, *(() if by == "step" else ("COST", "TOKENS"))]


def rows(by: By, groups: Sequence[Group]) -> list[list[str]]:
    """Their lines: days in order, else those of which there are most first."""
    return [_row(by, group) for group in ordered(by, groups)]


def ordered(by: By, groups: Sequence[Group]) -> list[Group]:
    """The groups in the order that they are told in."""
    return sorted(groups, key=(lambda each: each.key) if by == "day" else (lambda each: (-each.count, each.key)))


def name_of(group: Group) -> str:
    """The group in one text: `build: each[]>say`, `nightly@3`."""
    return ": ".join(one_line(part, 60) for part in group.key if part)


def _row(by: By, group: Group) -> list[str]:
    key = [one_line(part, 40) or ("not published" if by == "version" else "") for part in group.key]
    found = [*key, str(group.count), rate(group.rate), str(group.failed)]
    found += map(duration, (group.mean, group.p50, group.p95, group.longest))
    if by != "step":
        found += [cost(group.cost_usd, known=not group.unpriced), tokens(group.tokens_in + group.tokens_out)]
    return found


def breakdown_document(by: By, period: Period, groups: Sequence[Group]) -> Json:
    """The breakdown as JSON."""
    from app.present.run import SCHEMA_VERSION

    return {
        "schema_version": SCHEMA_VERSION,
        "period": {"name": period.name, "since": timestamp(period.since)},
        "by": by,
        "groups": [group_document(by, group) for group in ordered(by, groups)],
    }


def csv_of(by: By, groups: Sequence[Group]) -> str:
    """The breakdown as CSV (RFC 4180): a line of names, then a line a group; what is not known is empty.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    # One of nothing has the same columns.
    names = list(group_document(by, Group(("",) * len(KEYS[by]), 0)))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(names)
    for group in ordered(by, groups):
        document = group_document(by, group)
        writer.writerow([_cell(document[name]) for name in names])
    return written.getvalue()


def _cell(value: Json) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else str(value)
