"""When two values of a parameter are the same, and which names mean the same parameter."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.values import Json

_ALIKE = (
    "input input_source inputs path paths file files source sources folder src database db data repo project "
    "target_path repository table config what root logs",
    "output output_destination out target destination report file to path dest result report_file output_path "
    "output_file folder",
    "url urls address endpoint page pages link links source sources input",
    "language languages lang langs target_language target_languages locale locales to",
    "suite test_suite suites tests kind kinds",
    "topic question subject query about request theme",
    "version ref tag revision release branch",
    "environment env target stage server where",
    "branch head ref source compare revision range",
    "base against target main compare_to",
    "since from after start_ref start since_tag range",
    "until to end end_time before",
    "start start_time since begin from",
    "end end_time until to",
    "limit count bullets max points number top most n max_points lines keep",
    "days expires_within min_days certificate_days valid_days warn_days days_left",
    "host hostname domain url server hosts address",
    "service component system name app application",
    "date day when on incident_date",
    "threshold tolerance max_difference coverage_threshold limit percent difference max_change",
    "coverage_threshold coverage min_coverage threshold",
    "columns fields keep select keep_columns cols",
    "format output_format kind type file_format",
    "audience readers reader for for_whom tone",
    "prefix country country_code code region phone_prefix",
    "level severity min_level",
    "python python_version",
)


def names_of(name: str) -> frozenset[str]:
    """The usual names of this parameter, its own among them."""
    return frozenset({name}.union(*(names.split() for names in _ALIKE if names.split()[0] == name)))


def found_in(values: Mapping[str, Json], name: str) -> list[Json]:
    """The values under this name or a usual other one for it."""
    names = names_of(name)
    return [value for key, value in values.items() if key.lower() in names]


def matches(value: Json, expected: Json) -> bool:
    """Whether a value is the expected one, or one of `{any: […]}`."""
    if isinstance(expected, Mapping) and set(expected) == {"any"}:
        return any(same(value, each) for each in expected["any"])
    return same(value, expected)


def same(value: Json, wanted: Json) -> bool:
    """Whether two values mean the same: `85` and `85%`, `./a/` and `a`, one thing and a list of it, any order."""
    if isinstance(value, (list, tuple)) or isinstance(wanted, (list, tuple)):
        mine, its = _listed(value, wanted), _listed(wanted, value)
        return len(mine) == len(its) and all(any(same(each, other) for other in mine) for each in its)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    one, other = _number(value), _number(wanted)
    if one is not None and other is not None:
        return abs(one - other) < 1e-9
    return _plain(value) == _plain(wanted)


def _listed(value: Json, other: Json) -> list[Json]:
    """The value as a list: a text with commas in it where the other one is a list of several."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str) and "," in value and isinstance(other, (list, tuple)) and len(other) > 1:
        return [part.strip() for part in value.split(",")]
    return [value]


def _number(value: Json) -> float | None:
    try:
        return float(str(value).strip().rstrip("%"))
    except ValueError:
        return None


def _plain(value: Json) -> str:
    text = str(value).strip().strip("'\"").lower()
    return text.removeprefix("./").rstrip("/") or text
