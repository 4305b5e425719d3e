"""`test_runner`: run a repository's tests."""

from __future__ import annotations

import tempfile
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.run import _measure
from skills.library.run._python import environ_of, installed, interpreter
from skills.library.run._report import Counts, Coverage, read_coverage, read_lines, read_report, read_unittest
from skills.paths import resolve
from skills.process import Completed, run
from skills.words import one_by_one
from workflows.values import Json

_SUITES = {
    "unit": ("tests/unit", "test/unit", "tests/unit_tests", "unit_tests"),
    "integration": ("tests/integration", "test/integration", "tests/integration_tests", "integration_tests"),
}

_NO_TESTS = 5
"""pytest's exit code where it collected none."""


@skill(name="test_runner", effect="idempotent", touches=["shell", "reads", "writes"])
async def run_tests(
    context: Context,
    suite: str = "all",
    coverage_threshold: float | None = None,
    command: list[str] | None = None,
    repo: Path | None = None,
    timeout: float = 1800,
) -> dict[str, Json]:
    """Run the tests of a repository with pytest, in its own Python: its .venv, else python3 on the PATH.

    Where pytest is not installed there, they are run with unittest. Failing tests are a failure, and so is too little
    coverage, which is measured with pytest-cov, else line by line below `src`.

    Args:
        suite: `all`, `unit` or `integration` (a folder of that name under tests), or the path of a file or folder.
        coverage_threshold: Percent of lines that the tests must cover.
        command: A program with its arguments to run instead of pytest; what it exits with decides.
        repo: The repository; the workspace if not given.
        timeout: Seconds after which the tests are ended.

    Returns: {passed, failed, errors, skipped, exit, summary, coverage, lines, failures: [{test, message}], command,
        seconds}. The numbers are null where a command's output does not tell them; `coverage` and `lines`, {file:
        {covered, missed}} with texts such as `1-3,7`, are null unless a coverage was asked for.
    """
    folder = repo or context.root
    if command:
        if coverage_threshold is not None:
            hint = "leave one of them out, or let the command itself check the coverage"
            raise SkillError("coverage_threshold and command exclude each other", hint, "validation")
        within = await context.sandbox(folder)
        done = await run(
            command, cwd=folder, environ=context.environ, timeout=timeout, emit=context.emit, within=within
        )
        return _judged(done, read_lines(done.output), Coverage(), None)
    python = interpreter(context, folder)
    found = await installed(context, python, folder, "pytest", "pytest_cov")
    with tempfile.TemporaryDirectory(prefix="understudy-") as reports:
        junit, coverage = Path(reports, "junit.xml"), Path(reports, "coverage.json")
        words, environ = _chosen(context, folder, suite), environ_of(context, python)
        if "pytest" in found:
            argv = ["pytest", *words, f"--junitxml={junit}"]
        else:
            argv = ["unittest", "discover", "-s", _start(python, folder, words)]
            environ["PYTHONPATH"] = str(folder / "src")
        if coverage_threshold is None:
            argv = ["-m", *argv]
        elif found == {"pytest", "pytest_cov"}:
            argv = ["-m", *argv, "--cov", f"--cov-report=json:{coverage}"]
        else:
            argv = [_measure.__file__, str(coverage), str(folder), *argv]
        within = await context.sandbox(folder, writes=(Path(reports),))
        argv = [str(python), *argv]
        done = await run(argv, cwd=folder, environ=environ, timeout=timeout, emit=context.emit, within=within)
        if "pytest" in found:
            counts = read_report(junit) or read_lines(done.output)
        elif not (counts := read_unittest(done.output)).summary() and counts.passed == 0:
            raise _no_pytest(python)  # the tests are not unittest's
        return _judged(done, counts, read_coverage(coverage), coverage_threshold)


@run_tests.preview
def preview(
    context: Context,
    suite: str = "all",
    coverage_threshold: float | None = None,
    command: list[str] | None = None,
    repo: Path | None = None,
    timeout: float = 1800,
) -> Preview:
    """Which Python or program runs which tests."""
    folder = repo or context.root
    argv = command or [str(interpreter(context, folder)), "-m", "pytest", *_chosen(context, folder, suite)]
    body = one_by_one(argv)
    return Preview(f"Run {suite} tests", body, {"cwd": str(folder), "timeout": f"{timeout:g} s"})


def _start(python: Path, folder: Path, words: list[str]) -> str:
    """The folder that unittest looks for tests in. Raises SkillError where only pytest would do."""
    places = words or [name for name in ("tests", "test", ".") if (folder / name).is_dir()]
    if not (folder / places[0]).is_dir():
        raise _no_pytest(python)
    return places[0]


def _no_pytest(python: Path) -> SkillError:
    hint = f"{python} -m pip install pytest; or name another program with `command`"
    return SkillError(f"pytest is not installed in {python}", hint, "dependency")


def _chosen(context: Context, folder: Path, suite: str) -> list[str]:
    """The paths that pytest is given for a suite; none for all of them."""
    if suite == "all":
        return []
    if suite in _SUITES:
        for name in _SUITES[suite]:
            if (folder / name).is_dir():
                return [name]
        looked = ", ".join(_SUITES[suite])
        raise SkillError(f"there are no {suite} tests here", f"looked for {looked}; name a path instead", "dependency")
    path = resolve(context.root, suite.partition("::")[0], cwd=folder)
    if not path.exists():
        raise SkillError(f"there are no tests at {suite}", "`all`, `unit`, `integration`, or a path", "dependency")
    return [f"./{suite}" if suite.startswith("-") else suite]


def _judged(done: Completed, counts: Counts, coverage: Coverage, threshold: float | None) -> dict[str, Json]:
    covered = coverage.percent
    lines = done.stdout.strip().splitlines()
    summary = counts.summary() or (lines[-1].strip("= ") if lines else f"exit code {done.exit}")
    result: dict[str, Json] = {
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "skipped": counts.skipped,
        "exit": done.exit,
        "summary": summary,
        "coverage": covered,
        "lines": coverage.lines,
        "failures": list(counts.failures),
        "command": list(done.argv),
        "seconds": round(done.seconds, 3),
    }
    if done.exit == _NO_TESTS and not counts.summary():
        raise SkillError("no tests were found", "is this the right suite?", "business", **result)
    if done.exit != 0 and counts.passed is None:
        message = f"{Path(done.argv[0]).name} ended with exit code {done.exit} before any test had a result"
        last = f"its last line: {done.end_of_output().rpartition(chr(10))[2]}"
        raise SkillError(message, last, "business", **result, output=done.end_of_output())
    if done.exit != 0:
        first = counts.failures[0] if counts.failures else None
        hint = f"{first['test']}: {str(first['message']).partition(chr(10))[0]}" if first else ""
        raise SkillError(f"tests failed: {summary}", hint, "business", **result, output=done.end_of_output())
    if threshold is not None and covered is None:
        raise SkillError("the coverage was not written down", "", "dependency", **result, output=done.end_of_output())
    if threshold is not None and covered is not None and covered < threshold:
        raise SkillError(f"coverage is {covered:g} %, less than {threshold:g} %", "", "business", **result)
    return result
