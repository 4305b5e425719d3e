"""Values are found by what a parameter is for, in several languages; what is not said stays open."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.intent import fill
from workflows.definition.parameters import Parameter
from workflows.values import Json

TEXTS = ("version", "environment", "branch", "base", "since", "audience", "service", "date", "start", "end", "topic")
PARAMETERS = (
    *(Parameter(name=name) for name in TEXTS),
    Parameter(name="input", type="array", items="path"),
    Parameter(name="output", type="path"),
    Parameter(name="urls", type="array", items="string"),
    Parameter(name="host"),
    Parameter(name="languages", type="array", items="string"),
    Parameter(name="suites", type="array", items="string"),
    Parameter(name="columns", type="array", items="string"),
    Parameter(name="format", enum=("", "csv", "json", "parquet", "md", "html")),
    Parameter(name="prefix"),
    Parameter(name="coverage_threshold", type="number"),
    Parameter(name="days", type="integer"),
    Parameter(name="bullets", type="integer"),
    Parameter(name="keep", type="integer"),
)
BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("push 2.4.1 to staging", {"version": "2.4.1", "environment": "staging"}),
        ("rolle v5.1.0 in der Produktion aus", {"version": "v5.1.0", "environment": "production"}),
        ("mets la branche develop sur le serveur de test", {"version": "develop", "environment": "test"}),
        ("review feature/login against develop", {"branch": "feature/login", "base": "develop"}),
        ("compara fix/pago frente a main", {"branch": "fix/pago", "base": "main"}),
        ("notes since v1.4 for our customers", {"since": "v1.4", "audience": "customers"}),
        (
            "escribe las notas desde la 2.3.0 para los desarrolladores",
            {"since": "2.3.0", "audience": "desarrolladores"},
        ),
        (
            "the login crash of 2025-02-11 between 14:00 and 15:30",
            {"date": "2025-02-11", "start": "14:00", "end": "15:30"},
        ),
        (
            "Ausfall der Suche am 12.03.2025 von 8 bis 10 Uhr",
            {"service": "Suche", "date": "2025-03-12", "start": "08:00"},
        ),
        ("incidente en el servicio de pagos del 3 de mayo de 2025", {"service": "pagos", "date": "2025-05-03"}),
        ("unit and e2e tests in apps/web, at least 70 %", {"suites": ["unit", "e2e"], "coverage_threshold": 70}),
        ("los tests unitarios y de integración", {"suites": ["unit", "integration"]}),
        ("translate it into german, polish and italian", {"languages": ["de", "pl", "it"]}),
        ("the login outage on 2025-02-14, 09:15 to 11:40", {"start": "09:15", "end": "11:40"}),
        ("sort ~/Downloads by type", {"input": ["~/Downloads"]}),
        ("nur auf Deutsch da, bitte ins Englische", {"languages": ["en"]}),
        ("keep id, date and total", {"columns": ["id", "date", "total"]}),
        ("quédate con los campos id, fecha e importe y guárdalo", {"columns": ["id", "fecha", "importe"]}),
        ("turn it into parquet", {"format": "parquet"}),
        ("one page html", {"format": "html"}),
        ("phone numbers to +43", {"prefix": "+43"}),
        (
            "digest https://a.example/x, then https://b.example/y",
            {"urls": ["https://a.example/x", "https://b.example/y"]},
        ),
        ("in four bullets", {"bullets": 4}),
        ("en trois points", {"bullets": 3}),
        ("the cert of mail.example.org for another 20 days", {"host": "mail.example.org", "days": 20}),
        ("keep the last 7", {"keep": 7}),
        ("options for feature flags, with sources", {"topic": "feature flags"}),
        ("recherchiere Vor- und Nachteile von gRPC, mit Quellen", {"topic": "gRPC"}),
        ("clean a.csv and save it as b.csv", {"input": ["a.csv"], "output": "b.csv"}),
        ("a copy of config/ in safe/", {"input": ["config/"], "output": "safe/"}),
        ("bereinige kunden.csv, Ergebnis nach sauber.csv", {"input": ["kunden.csv"], "output": "sauber.csv"}),
        ("look at src/ and requirements.txt", {"input": ["src/", "requirements.txt"]}),
    ],
)
def test_what_is_said_is_found(said: str, expected: dict[str, Json], tmp_path: Path) -> None:
    wanted = [parameter for parameter in PARAMETERS if parameter.name in expected]
    found = {filled.name: filled.value for filled in fill(said, wanted, tmp_path)}
    assert found == expected


@pytest.mark.parametrize(
    "said",
    ["", "do it", "at most $2", "every 10 minutes", "three at a time", "give up after 5 minutes", "retry it 3 times"],
)
def test_what_is_not_said_stays_open(said: str, tmp_path: Path) -> None:
    numbers = [each for each in PARAMETERS if each.type in ("number", "integer", "array", "path")]
    assert fill(said, numbers, tmp_path) == ()


@given(st.text(max_size=120))
def test_any_text_gives_values_of_the_right_type(text: str) -> None:
    for filled in fill(text, PARAMETERS, Path("/nonexistent")):
        kind = BY_NAME[filled.name].type
        assert isinstance(
            filled.value, list if kind == "array" else int | float if kind in ("number", "integer") else str
        )
        assert filled.why
