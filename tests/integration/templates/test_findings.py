"""Templates that look for what is wrong: tests, packages, security, logs, incidents."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.repositories import make_repository
from tests.support.templates import approvals, outputs_of, run_template
from tests.support.web import Came, Says, Web

PLAIN = "No AI wrote or checked this text."

JUNIT = """\
<testsuites><testsuite tests="4" failures="2" errors="1">
<testcase classname="shop.Basket" name="test_sum"><failure type="AssertionError" message="AssertionError: 3 != 4"
>File "/src/shop.py", line 12, in total</failure></testcase>
<testcase classname="shop.Basket" name="test_tax"><failure message="AssertionError: 19 != 20"/></testcase>
<testcase classname="shop.Stock" name="test_read"><error type="OSError" message="No such file: 'stock.csv'"/></testcase>
<testcase classname="shop.Stock" name="test_write"/>
</testsuite></testsuites>
"""


async def test_triage_groups_the_failures_of_a_report(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=1)
    (root / "junit.xml").write_text(JUNIT)
    state = await run_template(root, "test-triage", input="junit.xml", output="triage.md")
    outputs = outputs_of(state)
    assert (outputs["failed"], outputs["causes"], outputs["start_at"]) == (3, 2, "/src/shop.py:12")
    report = (root / "triage.md").read_text()
    assert "## 1. AssertionError: 3 != 4\n\n2 tests at `/src/shop.py:12`:\n\n- `shop.Basket::test_sum`" in report
    assert "## 2. OSError: No such file: 'stock.csv'" in report
    assert PLAIN in report
    assert approvals(state) == ["write_report"]


async def test_triage_runs_the_tests_where_there_is_no_report(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "test_shop.py").write_text(
        "import unittest\n\n\nclass Shop(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(1, 2)\n"
    )
    outputs = outputs_of(await run_template(root, "test-triage"))
    assert (outputs["failed"], outputs["causes"]) == (1, 1)
    assert "AssertionError: 1 != 2" in str(outputs["report"])


async def test_dependency_report_reads_lock_files_and_licences(tmp_path: Path) -> None:
    root = tmp_path / "project"
    installed = root / ".venv" / "lib" / "python3.11" / "site-packages" / "Flask-3.0.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: Flask\nVersion: 3.0.0\nLicense-Expression: BSD-3-Clause\n\nA text\n")
    (root / "requirements.txt").write_text("flask==3.0.0\nrequests>=2  # loose\n")
    (root / "web").mkdir()
    packages = {"": {}, "node_modules/left-pad": {"version": "1.3.0", "license": "AGPL-3.0"}}
    (root / "web" / "package-lock.json").write_text(json.dumps({"packages": packages}))
    state = await run_template(root, "dependency-report", input=[".", "web"], output="licences.md")
    outputs = outputs_of(state)
    assert [outputs[name] for name in ("packages", "denied", "unknown", "unpinned")] == [
        3,
        ["left-pad"],
        ["requests"],
        ["requests"],
    ]
    report = (root / "licences.md").read_text()
    assert "| flask | 3.0.0 | Python | BSD-3-Clause |" in report
    assert "**Not allowed here:** left-pad." in report
    assert PLAIN in report
    assert approvals(state) == ["write_report"]


def make_insecure(root: Path) -> None:
    root.mkdir()
    (root / "app.py").write_text(f'import os\nKEY = "AKIA{"A" * 16}"\nos.system(input())\n')
    (root / "Dockerfile").write_text("FROM python:latest\nRUN curl https://example.org/x | sh\n")
    (root / "requirements.txt").write_text("flask==0.5\njinja2\n")


async def test_security_check_finds_what_was_put_in(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_insecure(root)
    outputs = outputs_of(await run_template(root, "security-check"))
    report = str(outputs["report"])
    assert (outputs["high"], outputs["medium"], outputs["low"]) == (3, 2, 1)
    assert "- `app.py:2`: an access key of AWS (aws-key)" in report
    assert "- `Dockerfile:2`: what is fetched is run at once, unseen (fetched)" in report
    assert "- `requirements.txt`: jinja2: not fixed to a version, and no lock file (unpinned)" in report
    assert "AKIA" not in report
    assert "Nobody was asked" in report
    assert PLAIN in report


async def test_security_check_asks_for_known_faults_and_fails_where_it_is_told_to(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_insecure(root)

    def known(came: Came) -> Says:
        asked = json.loads(came.body)["queries"]
        assert asked == [{"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "0.5"}]
        answer = {"results": [{"vulns": [{"id": "PYSEC-1"}]}]}
        return Says(body=json.dumps(answer).encode(), headers={"content-type": "application/json"})

    async with Web(known) as web:
        settings = f"network: {{allow_hosts: ['{web.host}']}}\n"
        state = await run_template(
            root, "security-check", settings=settings, advisories=f"{web.url}/querybatch", fail_on="high"
        )
    assert state.status == "failed"
    assert "**flask 0.5**: PYSEC-1" in state.steps["explain"].output["text"]


LOG = [
    "2024-11-03 17:59:00 INFO started",
    *(f"2024-11-03 18:0{n}:00 WARNING slow query took {n}00 ms" for n in range(6)),
    "2024-11-03 18:10:00 ERROR cannot reach 10.0.0.7:5432",
    "Traceback (most recent call last):",
    "2024-11-03 19:45:00 INFO recovered",
]


async def test_log_analysis_tells_the_frequent_and_the_strange(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.log").write_text("\n".join(LOG) + "\n")
    outputs = outputs_of(await run_template(root, "log-analysis", input="app.log", output="log.md"))
    assert (outputs["lines"], outputs["levels"]) == (10, {"warning": 6, "info": 2, "error": 1, "": 1})
    assert outputs["kinds"][0]["count"] == 6  # type: ignore[index,call-overload]  # a list of objects
    report = (root / "log.md").read_text()
    assert "- 6 × **warning** `2024-11-03 18:00:00 WARNING slow query took 000 ms` (line 2)" in report
    assert "- line 8: `2024-11-03 18:10:00 ERROR cannot reach 10.0.0.7:5432`" in report
    assert PLAIN in report


async def test_incident_notes_put_logs_and_deploys_of_the_time_in_order(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=2)
    (root / "logs").mkdir()
    (root / "logs" / "app.log").write_text("\n".join(LOG) + "\n")
    (root / "alerts.log").write_text("2024-11-03T18:12:00Z ALERT checkout is down\n2024-11-04T00:00:00Z ALERT other\n")
    state = await run_template(
        root,
        "incident-notes",
        service="Check Out",
        date="2024-11-03",
        start="18:00",
        end="19:30",
        alerts=["alerts.log"],
    )
    outputs = outputs_of(state)
    assert outputs["file"] == "docs/postmortems/2024-11-03-check-out.md"
    notes = (root / str(outputs["file"])).read_text()
    assert "The first error is of 2024-11-03T18:10:00+00:00, in `logs/app.log:8`." in notes
    assert "- 18:10:00 `logs/app.log:9` Traceback" in notes
    assert "- 18:12:00 `alerts.log:1`" in notes
    assert all(words not in notes for words in ("started", "recovered", "other"))
    assert "Fix retries on empty input" in notes or "Speed up" in notes
    assert PLAIN in notes
    assert approvals(state) == ["write_notes"]
