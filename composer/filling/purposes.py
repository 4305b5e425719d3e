"""What a parameter is for, from its name, type and description: the kind of value that a request may give it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from workflows.definition.parameters import Parameter

NAMES: Sequence[tuple[str, str]] = (
    ("output", r"output\w*|out|out_\w+|dest\w*|destination\w*|report_file|result|results|save_as|changelog|target_file|report"),
    ("repository", r"repo|repository|project|checkout|workspace|root"),
    ("input", r"input\w*|paths?|files?|source\w*|folders?|directory|database|db|data|logs?|table_file|documents?|config|archive|backup|what|dockerfile|requirements"),
    ("urls", r"urls?|address(?:es)?|pages?|links?|endpoint|site|website|feed"),
    ("host", r"hosts?|hostname|domain|server"),
    ("version", r"version|tag|release|build|revision"),
    ("environment", r"environment|env|stage"),
    ("base", r"base|against|compare_to|into"),
    ("branch", r"branch|head|ref"),
    ("since", r"since|since_\w+|from|after|start_ref|from_ref"),
    ("languages", r"languages?|langs?|target_languages?|locales?|translate_to"),
    ("suites", r"suites?|test_suites?"),
    ("coverage", r"coverage\w*|min_coverage|minimum_coverage"),
    ("percent", r"threshold|tolerance|percent\w*|max_(?:difference|change|deviation)\w*|difference|share|\w+_percent|canary\w*"),
    ("keys", r"unique_by|keys?|key_columns|dedupe_by|distinct_by"),
    ("columns", r"columns|fields|keep_columns|select|keep_fields"),
    ("format", r"format|output_format|file_format"),
    ("date", r"date|day|incident_date|on"),
    ("start", r"start|start_time|begin|from_time"),
    ("end", r"end|end_time|to_time|until"),
    ("days", r"days|\w*_days|days_\w+|expires_within|valid_days|warn_days"),
    ("keep", r"keep|keep_last|retain|retention|generations"),
    ("milliseconds", r"max_ms|latency\w*|response_ms|\w*_ms"),
    ("bullets", r"bullets|points|sentences|limit|max_points|count|number|length|items"),
    ("topic", r"topic|question|subject|query|theme|about"),
    ("audience", r"audience|readers?|for_whom"),
    ("service", r"service|component|system|application|app|affected"),
    ("prefix", r"prefix|phone_prefix|country_code|country|region|phone_country"),
    ("glob", r"glob|pattern"),
)  # fmt: skip
"""Purposes, and the names of parameters that have them, the first that fits."""

TYPES: Mapping[str, tuple[str, ...]] = {
    "output": ("path", "string"),
    "repository": ("path",),
    "input": ("path", "array", "string"),
    "urls": ("string", "array"),
    "host": ("string", "array"),
    "languages": ("string", "array"),
    "suites": ("string", "array"),
    "keys": ("array", "string"),
    "columns": ("array", "string"),
    "coverage": ("number", "integer"),
    "percent": ("number", "integer"),
    "days": ("number", "integer"),
    "keep": ("number", "integer"),
    "milliseconds": ("number", "integer"),
    "bullets": ("number", "integer"),
}
"""The types that a parameter of a purpose may have; any text where it is not here."""


def purpose_of(parameter: Parameter) -> str:
    """What the parameter is for; empty where nobody can tell."""
    name = parameter.name.lower()
    for purpose, names in NAMES:
        if re.fullmatch(names, name):
            if parameter.type not in TYPES.get(purpose, ("string",)):
                continue
            if purpose == "input" and parameter.type != "path" and parameter.items not in ("path", None):
                continue
            if (
                purpose == "bullets"
                and name in ("limit", "count", "number", "items", "length")
                and not _tells(parameter)
            ):
                return "limit"
            return purpose
    return "input" if parameter.type == "path" else ""


def _tells(parameter: Parameter) -> bool:
    """Whether a limit is one of what is written, not of what is read."""
    return bool(re.search(r"bullet|point|sentence|key|summar|digest", parameter.description.lower()))
