"""Record once, replay free: real runs recorded by the program, and played again by it with the world gone."""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.testing.case import read_case
from tests.support.command_line import CommandLine
from workflows.recordings import Reply

WORKFLOW = """\
workflow:
  name: News
  parameters:
    - {name: who, required: true, description: Who reads it}
  stages:
    - name: all
      steps:
        - {id: fetch, type: http, url: "URL/news", headers: {Authorization: "Bearer ${{ secrets.TOKEN }}"}}
        - {id: wait, type: delay, for: 1}
        - id: words
          type: agent
          agent: writer
          input: "Tell ${{ parameters.who }}: ${{ steps.fetch.output.body.news }}"
        - id: keep
          type: skill
          skill: file.write
          approve: before
          parameters: {path: out.md, text: "${{ steps.words.output.text }}"}
  outputs: {text: "${{ steps.words.output.text }}", file: "${{ steps.keep.output.path }}"}
"""

WRITER = """\
---
name: writer
description: Writes
model: demo/scripted
tools: [file.read]
script:
  - {text: "I look it up.", tool_calls: [{name: file_read, arguments: {path: facts.txt}}]}
  - "All is well."
---
You write news.
Be brief.
"""


@dataclass
class Site:
    """A server on this machine that says what it is told to say, and counts who came."""

    says: dict[str, object] = field(default_factory=lambda: {"news": "rain"})
    came: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.came.append(self.headers.get("Authorization", ""))
            body = json.dumps(site.says).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Set-Cookie", "sid=cookie-canary-7f3a; Path=/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's word
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def project(line: CommandLine, site: Site) -> CommandLine:
    return prepared(line, site)


def prepared(line: CommandLine, site: Site) -> CommandLine:
    """A workspace whose workflow asks the site, an agent with a tool, and a gate."""
    line.write("news.yaml", WORKFLOW.replace("URL", site.url))
    line.write(".understudy/agents/writer.md", WRITER)
    line.write("facts.txt", "It rains.")
    settings = line.home / "state" / "config" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"network": {"allow_hosts": [site.url.removeprefix("http://")]}}))
    assert line.run("trust", "--yes").code == 0
    return line


ROOT = Path(__file__).parents[3]
TOKEN = "token-canary-51c9d2"
TEST = "tests/news/news.test.yaml"
RECORDING = "tests/news/news.recording.jsonl"


def record(line: CommandLine, *more: str) -> None:
    ended = line.run("run", "news.yaml", "--record", "--yes", "-i", "who=Ada", *more, UNDERSTUDY_SECRET_TOKEN=TOKEN)
    assert ended.code == 0, ended.stderr
    assert f"recorded: {RECORDING} (5 calls, no secrets)" in ended.stderr


def test_a_recorded_run_plays_with_the_world_gone(project: CommandLine, site: Site) -> None:
    record(project)
    assert site.came == [f"Bearer {TOKEN}"]
    path = project.cwd / RECORDING
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not {TOKEN, "cookie-canary-7f3a"} & set(path.read_text().replace('"', " ").replace(";", " ").split())
    for gone in ("out.md", "facts.txt"):
        (project.cwd / gone).unlink()
    (project.home / "state" / "config" / "settings.yaml").unlink()
    before = sorted(each for each in project.cwd.rglob("*"))
    ended = project.run("test")
    assert ended.code == 0, ended.stdout + ended.stderr
    assert "✓ news › news: 4 steps replayed from " in ended.stdout
    assert "1 test: 1 passed. All replayed: no model and no tool was called." in ended.stderr
    assert len(site.came) == 1, "nobody was asked again"
    assert sorted(each for each in project.cwd.rglob("*")) == before, "nothing was written"
    assert len(project.run("runs", "--json").document["runs"]) == 1, "a replay is no part of the history"


def test_a_changed_prompt_shows_what_changed_word_by_word(project: CommandLine) -> None:
    record(project)
    project.write(".understudy/agents/writer.md", WRITER.replace("Be brief.", "Be very brief."))
    ended = project.run("test", FORCE_COLOR="1")
    assert ended.code == 1
    assert "words/turn1 asks for something else than when it was recorded:" in ended.stdout
    assert re.search("Be\x1b\\[32m very\x1b\\[0m brief|Be \x1b\\[32mvery \x1b\\[0mbrief", ended.stdout)
    plain = project.run("test")
    assert "      -Be brief.\n      +Be very brief.\n" in plain.stdout
    assert f"next: if it is meant, record it anew: understudy test --update {TEST}" in plain.stdout
    document = project.run("test", "--json").document
    (test,) = document["tests"]
    assert (document["replayed"], document["exit_code"], test["verdict"]) == (True, 1, "failed")
    (difference,) = test["differences"]
    assert (difference["step"], difference["call"], difference["why"]) == ("words", "turn1", "differs")
    assert difference["recorded"]["told"]["instructions"].startswith("You write news.\nBe brief.")


def test_a_changed_input_shows_too(project: CommandLine) -> None:
    record(project)
    text = (project.cwd / "news.yaml").read_text()
    project.write("news.yaml", text.replace("Tell ${{", "Inform ${{"))
    ended = project.run("test", TEST)
    assert ended.code == 1
    assert "request.heard: Tell Ada: rain → Inform Ada: rain" in ended.stdout


EXPECTS = """\
workflow: ../../news.yaml
recording: news.recording.jsonl
EXPECT
"""


def test_what_a_test_can_expect_holds(replayed: CommandLine) -> None:
    expect = """expect:
  status: succeeded
  outputs: {text: {contains: well, lacks: lost, matches: "^All.*[.]$", schema: {type: string}}, file: out.md}
  steps: {words: succeeded, fetch: {status: succeeded, attempts: 1, output: {contains: body}}}
  cost: {at_most: 0}
  calls: {used: [http, writer, file.read], order: [http, file.read, "file.*"], never: [git.*, notification]}
  files: {written: [out.md], never: ["*.py"]}
"""
    replayed.write(TEST, EXPECTS.replace("EXPECT", expect))
    ended = replayed.run("test", "tests", "--junit", "reports/j.xml")
    assert ended.code == 0, ended.stdout
    suites = ElementTree.parse(replayed.cwd / "reports" / "j.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("1", "0")
    assert [case.get("name") for case in suites.iter("testcase")] == ["news"]


def test_a_no_at_the_gate_is_a_test_too(replayed: CommandLine) -> None:
    text = "answers: {keep: deny}\nexpect: {status: failed, files: {never: ['*']}}"
    replayed.write(TEST, EXPECTS.replace("EXPECT", text))
    ended = replayed.run("test", TEST)
    assert ended.code == 0, ended.stdout
    assert "note: recorded and not called: keep/call" in ended.stdout


def test_what_is_wrong_in_a_test_has_its_place(replayed: CommandLine) -> None:
    replayed.write(TEST, EXPECTS.replace("EXPECT", "expect:\n  stauts: failed\n  calls: {usde: [x]}"))
    ended = replayed.run("test", TEST)
    assert ended.code == 2
    assert "news.test.yaml:4:3: error: there is no 'stauts' in expect" in ended.stdout
    assert "did you mean 'status'?" in ended.stdout
    assert "there is no 'usde' in calls" in ended.stdout
    broken = replayed.run("test", TEST, "--junit", "j.xml", "--json")
    assert (broken.code, broken.document["tests"][0]["verdict"]) == (2, "broken")
    assert ElementTree.parse(replayed.cwd / "j.xml").getroot().get("errors") == "1"
    gone = replayed.run("test", "nowhere")
    assert (gone.code, "There is no file, folder or workflow of yours called nowhere" in gone.stderr) == (2, True)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """One recording, for tests of what is expected of it. The site is gone."""
    base = tmp_path_factory.mktemp("replayed")
    for name in ("work", "home"):
        (base / name).mkdir()
    with serving() as site:
        line = prepared(CommandLine(base / "work", base / "home"), site)
        record(line)
    return line


def test_a_run_of_the_history_is_recorded_without_running_again(project: CommandLine, site: Site) -> None:
    ended = project.run("run", "news.yaml", "--yes", "-i", "who=Ada", UNDERSTUDY_SECRET_TOKEN=TOKEN)
    assert ended.code == 0, ended.stderr
    document = project.run("record", "last", "--name", "first", "--json").document
    assert (document["calls"], document["test"]) == (5, "tests/news/first.test.yaml")
    assert len(site.came) == 1
    assert project.run("test", "news.yaml").code == 0, "a workflow stands for its tests"
    assert project.run("test", "tests/news/first.recording.jsonl").code == 0


def test_update_says_what_it_costs_and_asks_and_records_anew(project: CommandLine, site: Site) -> None:
    record(project)
    site.says = {"news": "sun"}
    before = (project.cwd / RECORDING).read_text()
    asked = project.run("test", "--update", UNDERSTUDY_SECRET_TOKEN=TOKEN)
    assert asked.code == 3
    assert "news is run for real: no model is asked, so it costs nothing." in asked.stderr
    assert (project.cwd / RECORDING).read_text() == before
    waiting = project.run("test", "--update", "--yes", UNDERSTUDY_SECRET_TOKEN=TOKEN)
    assert waiting.code == 3, "a gate is never passed by itself"
    command = next(line for line in waiting.stderr.splitlines() if line.strip().startswith("understudy record"))
    run = command.split()[2]
    assert project.run("answer", run, "keep:1", "approve", UNDERSTUDY_SECRET_TOKEN=TOKEN).code == 0
    assert project.run(*command.split()[1:]).code == 0
    assert '"rain"' not in (project.cwd / RECORDING).read_text()
    assert project.run("test").code == 0


def test_what_the_page_shows_works(line: CommandLine) -> None:
    blocks = re.findall("```yaml\n(.*?)```", (ROOT / "docs" / "testing.md").read_text(), re.DOTALL)
    line.write("hello.yaml", blocks[0])
    line.write("name.txt", "Ada")
    recorded = line.run("run", "hello.yaml", "--record", "--yes")
    assert recorded.code == 0, recorded.stderr
    assert line.run("test").code == 0
    assert "said: Hello Ada!" in (line.cwd / "tests/hello/hello.test.yaml").read_text().replace('"', "")
    assert line.run("test", "--update", "--yes").code == 0
    case = read_case(line.write("tests/hello/page.test.yaml", blocks[1]))
    assert (case.expect.files.written, case.answers["deploy"]) == (("hello.txt",), (Reply("retry"), Reply("skip")))


def test_a_workflow_is_tested_by_the_name_that_it_is_run_by(line: CommandLine) -> None:
    line.write(".understudy/workflows/hi.yaml", "name: Hi\nsteps: [{id: a, type: transform, value: 1}]\n")
    line.run("trust", "--yes")
    recorded = line.run("run", "hi", "--record")
    assert "understudy test .understudy/workflows/tests/hi/hi.test.yaml" in recorded.stderr.replace(f"{line.cwd}/", "")
    assert line.run("test", "hi").code == 0
    again = line.run("test", "hi", "--update", "--yes")
    assert "tests/hi/hi.test.yaml" in again.stderr.rpartition("play it")[2]


def test_a_link_in_a_project_sends_no_recording_elsewhere(line: CommandLine) -> None:
    line.write("hello.yaml", "name: Hello\nsteps: [{id: a, type: transform, value: 1}]\noutputs: {a: 1}\n")
    elsewhere = line.home / "elsewhere"
    elsewhere.mkdir(parents=True)
    (line.cwd / "tests").mkdir()
    (line.cwd / "tests/hello").symlink_to(elsewhere)
    ended = line.run("run", "hello.yaml", "--record", "--yes")
    assert "leads elsewhere through a link" in ended.stderr
    (line.cwd / "tests/hello").unlink()
    (line.cwd / "tests/hello").mkdir()
    (line.cwd / "tests/hello/hello.test.yaml").symlink_to(elsewhere / "new.yaml")
    assert "recorded" in line.run("record", "last").stderr
    assert not list(elsewhere.iterdir())
