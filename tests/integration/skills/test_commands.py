"""`command`, `test_runner` and the text skills on real programs."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import sys
import venv
from pathlib import Path

import pytest

from skills.library.run import _python
from tests.support.clocks import leap
from tests.support.processes import Mark
from tests.support.skill_calls import Caller, make_context


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


async def test_a_command_runs_where_and_with_what_it_is_told(call: Caller) -> None:
    (call.root / "sub").mkdir()
    done = await call("command", argv=["sh", "-c", "pwd; echo $A $0 >&2"], cwd="sub", env={"A": "b c"})
    assert done["stdout"] == f"{call.root}/sub\n"
    assert done["stderr"] == "b c sh\n"
    assert (done["exit"], done["truncated"]) == (0, False)
    assert "b c sh" in "".join(call.emitted)


@pytest.mark.parametrize("argv", [["./run.sh"], ["sub/../run.sh", "x"], ["sh", "run.sh"], ["python3", "a.py", "-u"]])
async def test_what_is_approved_of_a_script_is_what_it_holds(call: Caller, argv: list[str]) -> None:
    for name in ("run.sh", "a.py"):
        (call.root / name).write_text("good\n")
    (call.root / "sub").mkdir()
    seen = await call.preview("command", argv=argv)
    assert seen.facts["runs"].startswith("run.sh (" if "run.sh" in "".join(argv) else "a.py (")
    assert seen == await call.preview("command", argv=argv)
    for name in ("run.sh", "a.py"):
        (call.root / name).write_text("evil\n")
    assert seen != await call.preview("command", argv=argv)


async def test_a_program_of_the_machine_is_what_it_is_called(call: Caller) -> None:
    for argv in (["ls", "a.txt"], ["/bin/ls"], ["./gone.sh"], ["python3", "../out.py"]):
        assert "runs" not in (await call.preview("command", argv=argv)).facts


async def test_there_is_no_shell(call: Caller) -> None:
    done = await call("command", argv=["echo", "$HOME; ls | cat > x", "*"])
    assert done["stdout"] == "$HOME; ls | cat > x *\n"
    assert (await call.failure("command", argv=["echo hi"])).kind == "dependency"
    assert (await call.failure("command", argv="echo hi")).kind == "validation"
    assert (await call.failure("command", argv=[])).kind == "validation"


async def test_an_exit_code_is_a_definite_failure_unless_it_is_ok(call: Caller) -> None:
    argv = ["sh", "-c", "echo out; echo 'it broke' >&2; exit 4"]
    failure = await call.failure("command", argv=argv)
    assert (failure.kind, failure.message, failure.hint) == (
        "business",
        "sh ended with exit code 4",
        "its last line: it broke",
    )
    assert failure.detail["exit"] == 4
    assert failure.detail["output"] == "out\nit broke"
    assert (await call("command", argv=argv, ok_exits=[0, 4]))["exit"] == 4
    assert (await call.failure("command", argv=["true"], ok_exits=[1])).detail["exit"] == 0


async def test_what_was_killed_or_ran_out_of_time_is_unknown(call: Caller) -> None:
    mark = Mark()
    killed = await call.unknown("command", argv=["sh", "-c", "kill -9 $$"])
    assert killed.message == "sh was killed by signal 9"
    argv = ["sh", "-c", "echo begun; sleep 1000 & sleep 1000"]
    task = asyncio.ensure_future(call.unknown("command", argv=argv, timeout=500, env=mark.environ))
    while "begun" not in "".join(call.emitted):
        await asyncio.sleep(0.005)
    leap(500)
    late = await task
    assert (late.kind, late.detail["output"]) == ("timeout", "begun")
    assert mark.alive() == []


async def test_a_cancelled_command_leaves_nothing(call: Caller) -> None:
    mark = Mark()
    argv = ["sh", "-c", "setsid sleep 1000 & echo ready; sleep 1000"]
    task = asyncio.ensure_future(call("command", argv=argv, env=mark.environ))
    while "ready" not in "".join(call.emitted):
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert mark.alive() == []


async def test_output_is_cleaned(call: Caller) -> None:
    done = await call("command", argv=["printf", "a\\033]0;evil\\007b\\033[31mred\\377"])
    assert done["stdout"] == "a\ufffdbred\ufffd"
    assert "".join(call.emitted) == "a\ufffdbred\ufffd"


async def test_the_preview_shows_every_argument_and_the_folder(call: Caller) -> None:
    preview = await call.preview("command", argv=["rm", "-rf", "a b\n\x1b[2J"], env={"X": "1"})
    assert preview.title == "Run rm"
    assert preview.body == 'rm\n-rf\n"a b\\n\\u001b[2J"'
    assert preview.facts["cwd"] == str(call.root)
    assert preview.facts["env X"] == "1"
    assert (await call.failure("command", argv=["true"], cwd="..")).kind == "denied"


TESTS = """
import pytest
def test_good(): assert 1
def test_bad(): assert 1 == 2, "they differ \\x1b[2J"
@pytest.mark.skip
def test_later(): pass
@pytest.fixture
def broken(): raise RuntimeError("no fixture")
def test_error(broken): pass
"""


@pytest.fixture
def python(tmp_path: Path, call: Caller, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python environment of the repository's own that has pytest (from where these tests have it)."""
    venv.create(call.root / ".venv", symlinks=True)
    found = call.root / ".venv" / "bin" / "python"
    [libraries] = (call.root / ".venv" / "lib").glob("python*/site-packages")
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py"):
        file = Path(str(importlib.import_module(name).__file__))
        place = file.parent if file.name == "__init__.py" else file
        (libraries / place.name).symlink_to(place)
    [metadata] = (libraries / "pluggy").resolve().parent.glob("pluggy-*.dist-info")
    (libraries / metadata.name).symlink_to(metadata)
    (call.root / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    for name in ("unit", "integration"):
        (call.root / "tests" / name).mkdir(parents=True)
    (call.root / "tests" / "unit" / "test_unit.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    (call.root / "tests" / "integration" / "test_all.py").write_text(TESTS)
    return found


async def test_passing_tests_are_counted_in_the_repositorys_own_python(call: Caller, python: Path) -> None:
    result = await call("test_runner", suite="unit")
    assert {
        name: result[name] for name in ("passed", "failed", "errors", "skipped", "exit", "summary", "coverage")
    } == {
        "passed": 2,
        "failed": 0,
        "errors": 0,
        "skipped": 0,
        "exit": 0,
        "summary": "2 passed",
        "coverage": None,
    }
    assert result["command"][:4] == [str(python), "-m", "pytest", "tests/unit"]
    assert "2 passed" in "".join(call.emitted)


async def test_failing_tests_are_a_definite_failure_with_their_names(call: Caller, python: Path) -> None:
    failure = await call.failure("test_runner")
    assert (failure.kind, failure.message) == ("business", "tests failed: 1 failed, 1 error, 3 passed, 1 skipped")
    assert failure.hint == "tests.integration.test_all::test_bad: AssertionError: they differ #x1B[2J"
    detail = failure.detail
    assert (detail["passed"], detail["failed"], detail["errors"], detail["skipped"]) == (3, 1, 1, 1)
    assert [entry["test"].rpartition("::")[2] for entry in detail["failures"]] == ["test_bad", "test_error"]
    assert "\x1b" not in repr(failure)
    assert "no fixture" in detail["failures"][1]["message"]


async def test_suites_and_paths(call: Caller, python: Path) -> None:
    assert (await call.failure("test_runner", suite="integration")).detail["failed"] == 1
    assert (await call("test_runner", suite="tests/unit/test_unit.py"))["passed"] == 2
    assert (await call("test_runner", suite="tests/unit/test_unit.py::test_one"))["passed"] == 1
    assert (await call.failure("test_runner", suite="../elsewhere")).kind == "denied"
    assert (await call.failure("test_runner", suite="nowhere")).kind == "dependency"
    shutil.rmtree(call.root / "tests" / "integration")
    assert "there are no integration tests here" in (await call.failure("test_runner", suite="integration")).message
    (call.root / "tests" / "unit" / "test_unit.py").write_text("x = 1\n")
    assert (await call.failure("test_runner")).message == "no tests were found"
    (call.root / "tests" / "unit" / "test_unit.py").write_text("def x(:\n")
    assert (await call.failure("test_runner")).message == "tests failed: 1 error"


CODE = """
def used(x):
    return x + 1


def unused(x):
    return x - 1
"""

UNITTESTS = """
import threading, unittest
from shop import used
class ShopTest(unittest.TestCase):
    def test_used(self):
        thread = threading.Thread(target=self.work)
        thread.start()
        thread.join()
        self.assertEqual(self.got, 2)
    def work(self):
        self.got = used(1)
    def test_wrong(self):
        self.assertEqual(used(1), 2 if not __import__("os").environ.get("WRONG") else 3)
    @unittest.skip("later")
    def test_later(self): ...
"""


@pytest.mark.parametrize("has_pytest", [True, False])
async def test_coverage_is_measured_without_its_plugin_and_tests_run_without_pytest(
    call: Caller, python: Path, has_pytest: bool
) -> None:
    [libraries] = (call.root / ".venv" / "lib").glob("python*/site-packages")
    if not has_pytest:
        (libraries / "pytest").unlink()
    (call.root / "src").mkdir()
    (call.root / "src" / "shop.py").write_text(CODE)
    (call.root / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\npythonpath = src\n")
    (call.root / "tests" / "unit" / "test_unit.py").write_text(UNITTESTS)
    result = await call("test_runner", suite="unit", coverage_threshold=75)
    assert (result["passed"], result["skipped"], result["coverage"]) == (2, 1, 75.0)  # one line of four was not run
    failure = await call.failure("test_runner", suite="unit", coverage_threshold=80)
    assert (failure.kind, failure.message) == ("business", "coverage is 75 %, less than 80 %")
    wrong = (call.root / "tests" / "unit" / "test_unit.py").read_text().replace("WRONG", "PATH")
    (call.root / "tests" / "unit" / "test_unit.py").write_text(wrong)
    failure = await call.failure("test_runner", suite="unit")
    assert failure.message == "tests failed: 1 failed, 1 passed, 1 skipped"
    assert "test_wrong" in failure.hint
    assert "AssertionError: 2 != 3" in failure.hint


PLUGIN = """
import json
def pytest_addoption(parser):
    parser.addoption("--cov", action="store_true")
    parser.addoption("--cov-report")
def pytest_sessionfinish(session):
    path = session.config.getoption("--cov-report").partition(":")[2]
    with open(path, "w") as file:
        json.dump({"totals": {"percent_covered": 81.456}}, file)
"""


async def test_coverage_is_compared_with_the_threshold(call: Caller, python: Path) -> None:
    """With a plugin that takes pytest-cov's options and writes coverage.py's report."""
    [libraries] = (call.root / ".venv" / "lib").glob("python*/site-packages")
    (libraries / "pytest_cov.py").write_text(PLUGIN)
    (call.root / "pytest.ini").write_text("[pytest]\naddopts = -p pytest_cov\n")
    assert (await call("test_runner", suite="unit", coverage_threshold=80))["coverage"] == 81.46
    failure = await call.failure("test_runner", suite="unit", coverage_threshold=85)
    assert (failure.kind, failure.message) == ("business", "coverage is 81.46 %, less than 85 %")


async def test_a_python_without_pytest_says_so(call: Caller, python: Path) -> None:
    [libraries] = (call.root / ".venv" / "lib").glob("python*/site-packages")
    (libraries / "_pytest").unlink()
    failure = await call.failure("test_runner")
    assert failure.message == "python ended with exit code 1 before any test had a result"
    assert failure.hint == "its last line: ModuleNotFoundError: No module named '_pytest'"
    (libraries / "pytest").unlink()
    failure = await call.failure("test_runner")
    assert (failure.kind, failure.message) == ("dependency", f"pytest is not installed in {python}")


async def test_another_program_may_run_the_tests(call: Caller) -> None:
    result = await call("test_runner", command=["sh", "-c", "echo '== 3 passed, 2 skipped in 1s =='"])
    assert (result["passed"], result["skipped"], result["failed"], result["summary"]) == (
        3,
        2,
        0,
        "3 passed, 2 skipped",
    )
    silent = await call("test_runner", command=["echo", "ok"])
    assert (silent["passed"], silent["summary"]) == (None, "ok")
    failure = await call.failure("test_runner", command=["sh", "-c", "echo '1 failed, 2 passed'; exit 1"])
    assert (failure.message, failure.detail["failed"]) == ("tests failed: 1 failed, 2 passed", 1)
    assert (await call.failure("test_runner", command=["true"], coverage_threshold=1)).kind == "validation"


async def test_our_own_python_never_runs_a_repositorys_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for place in (ours, theirs):
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python3").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "prefix", str(ours))
    path = os.pathsep.join([str(ours / "bin"), "relative", str(theirs / "bin")])
    context = make_context(tmp_path / "ws", environ={"PATH": path})
    assert _python.interpreter(context, context.root) == theirs / "bin" / "python3"


async def test_the_preview_of_tests_names_the_python(call: Caller, python: Path) -> None:
    preview = await call.preview("test_runner", suite="unit")
    assert preview.title == "Run unit tests"
    assert preview.body.splitlines() == [str(python), "-m", "pytest", "tests/unit"]


async def test_a_template_makes_text(call: Caller) -> None:
    template = "# {{ title }}\n{% for c in commits %}\n- {{ c.subject }} ({{ c.short }})\n{% endfor %}\nEnd\n"
    data = {"title": "{{ 7 * 7 }}", "commits": [{"subject": "<b>", "short": "1"}, {"subject": "é", "short": "2"}]}
    assert await call("text.template", template=template, data=data) == {
        "text": "# {{ 7 * 7 }}\n- <b> (1)\n- é (2)\nEnd\n"
    }
    assert (await call("text.template", template="plain"))["text"] == "plain"


@pytest.mark.parametrize(
    ("template", "kind", "message"),
    [
        ("{{ nope }}", "validation", "'nope' is undefined"),
        ("a\n{% for %}", "validation", "line 2 of the template"),
        ("{{ 1 / 0 }}", "validation", "division by zero"),
        ("{{ ''.__class__.__mro__ }}", "validation", "unsafe"),
        ("{{ data.append(1) }}", "validation", "'append' of 'list' object is unsafe"),
        ("{% include '/etc/passwd' %}", "validation", "no loader"),
        ("{{ ['a'] * 10**9 }}", "validation", "512 MB"),
        ("{% for a in range(90000) %}{{ 'x' * 100 }}{% endfor %}", "validation", "longer than 1000000 characters"),
    ],
)
async def test_templates_that_fail_or_reach_out(call: Caller, template: str, kind: str, message: str) -> None:
    failure = await call.failure("text.template", template=template, data={"data": [1]})
    assert failure.kind == kind
    assert message in failure.message


async def test_a_template_without_end_is_ended(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from skills.library.text import template

    monkeypatch.setattr(template, "_SECONDS", 0.7)
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert (await call.failure("text.template", template=endless)).kind == "timeout"


async def test_texts_are_compared(call: Caller) -> None:
    result = await call("text.diff", before="a\nb\n", after="a\nc\nd\n", name="x")
    assert result == {
        "diff": "--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n",
        "same": False,
        "added": 2,
        "removed": 1,
    }
    assert await call("text.diff", before="a", after="a") == {"diff": "", "same": True, "added": 0, "removed": 0}
