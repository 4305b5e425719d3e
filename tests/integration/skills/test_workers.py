"""Users' skills: in a worker of one version, ended with everything it started, honest about what is unknown."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from skills.discover import workspace_folder
from skills.invoke import Invoker
from skills.process import environment
from skills.registry import Registry
from tests.support.clocks import leap
from tests.support.processes import Mark
from tests.support.skill_calls import Caller, make_context, workspace_registry, write_skill
from workflows.errors import CallFailed, OutcomeUnknown

SOURCE = '''
"""Skills of a test."""
import asyncio, os, subprocess, sys, threading
from pathlib import Path
from typing import Any
from skills import Context, Preview, SkillError, skill

COUNT = 0

class Mishap(Exception): ...

@skill(effect="pure")
def greet(context: Context, name: str, times: int = 1) -> str:
    """Greet."""
    global COUNT
    COUNT += 1
    print("printed")
    print("to stderr", file=sys.stderr)
    os.write(1, b"raw\\n")
    context.emit("emitted")
    return f"hello {name} " * times + str(COUNT)

@skill
async def meet(gate: Path | None = None) -> list:
    await asyncio.sleep(0)
    if gate:
        gate.read_text()
    return ["met"]

@skill
def look(context: Context) -> dict:
    return {
        "pid": os.getpid(), "cwd": os.getcwd(), "root": str(context.root), "key": context.key,
        "environ": sorted(os.environ), "same": dict(context.environ).items() <= dict(os.environ).items(),
        "path": sys.path, "backups": str(context.backups), "session": os.getsid(0) == os.getpid(),
    }

@skill
def path_of(path: Path, others: list[Path] = []) -> list:
    return [type(path).__name__, str(path), *map(str, others)]

@skill
def give(what: str) -> Any:
    return {
        "set": {1}, "nan": float("nan"), "big": "x" * 1_100_000, "fits": "x" * 900_000, "key": {1: 2},
        "escapes": {"a\\x1b[2J": ["b\\x1b]0;t\\x07", "c\\r\\n"]}, "tuple": (1, None), "surrogate": "\\ud800",
    }[what]

@skill
def fail(how: str) -> None:
    if how == "said":
        raise SkillError("no \\x1b[2Jluck", "try again", "transient", tries=3)
    if how == "raised":
        raise KeyError("oops")
    if how == "own":
        raise Mishap("it slipped")
    if how == "exit":
        sys.exit(3)
    if how == "abort":
        os.abort()
    if how == "leave":
        os._exit(3)
    if how == "garbage":
        for number in range(3, 64):
            try: os.write(number, b"not json\\n")
            except OSError: pass
        os._exit(0)

@skill
def start(context: Context, own_session: bool = False) -> None:
    child = subprocess.Popen(["sleep", "1000"], start_new_session=own_session)
    context.emit("ready")
    child.wait()

@skill
def leave_behind(context: Context) -> int:
    threading.Thread(target=lambda: __import__("time").sleep(1000)).start()
    return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid

@skill
def fork() -> dict:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
    return {"pid": pid}

def _socket() -> int:
    return next(n for n in range(3, 64) if os.path.exists(f"/proc/self/fd/{n}")
                and os.readlink(f"/proc/self/fd/{n}").startswith("socket:"))

@skill
def forge(line: str) -> str:
    os.write(_socket(), line.encode())
    return "true"

@skill
def forge_later(path: Path) -> str:
    number = _socket()
    def work() -> None:
        path.read_text()
        os.write(number, b'{"result": "forged", "id": ""}\\n')
        path.with_name("done").read_text()
    threading.Thread(target=work, daemon=True).start()
    return "true"

@skill
def flood() -> None:
    while True:
        os.write(1, b"x" * 65536)

@skill
def shown(text: str) -> str:
    raise AssertionError("not to be called")

@shown.preview
def show(context: Context, text: str) -> Preview:
    return Preview(f"Say {text}", "the body\\x1b[2J", {"root": str(context.root)}, {"sha": "1"})

@skill
def badly_shown() -> None: ...

@badly_shown.preview
def show_badly() -> Preview:
    return "text"
'''


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    root = tmp_path / "ws"
    write_skill(root, "mine", SOURCE)
    caller = Caller(root)
    yield caller
    await caller.invoker.aclose()


async def test_a_call_returns_and_its_output_is_seen(call: Caller) -> None:
    assert await call("greet", name="Ada", times=2) == "hello Ada hello Ada 1"
    assert "".join(call.emitted) == "printed\nto stderr\nraw\nemitted"
    assert await call("meet") == ["met"]


async def test_a_worker_is_used_again_and_calls_side_by_side_have_their_own(call: Caller) -> None:
    assert await call("greet", name="a") == "hello a 1"
    assert await call("greet", name="b") == "hello b 2"
    pids = await asyncio.gather(*(call("look") for _ in range(3)))
    assert len({entry["pid"] for entry in pids}) == 3


async def test_what_a_call_is_given(call: Caller, tmp_path: Path) -> None:
    seen = await call("look", key="key-7")
    root = str(tmp_path / "ws")
    assert (seen["cwd"], seen["root"], seen["key"]) == (root, root, "key-7")
    assert seen["same"]
    assert seen["session"]
    allowed = {"PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "UNDERSTUDY_CALL"}
    assert {name for name in seen["environ"] if not name.startswith("LC_")} <= allowed
    assert root not in seen["path"]
    assert "" not in seen["path"]


async def test_variables_of_one_call_are_not_seen_by_the_next(call: Caller) -> None:
    secret = make_context(call.root, environ={"TOKEN": "1"})
    skill = call.registry.get("look")
    assert "TOKEN" in (await call.invoker.invoke(skill, {}, secret))["environ"]
    assert "TOKEN" not in (await call("look"))["environ"]


async def test_paths_are_checked_and_made_absolute(call: Caller) -> None:
    root = call.root
    assert await call("path_of", path="a/../b", others=["c"]) == ["PosixPath", f"{root}/b", f"{root}/c"]
    for arguments in ({"path": "../x"}, {"path": "x", "others": ["/etc"]}):
        failure = await call.failure("path_of", **arguments)
        assert failure.kind == "denied"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({}, "greet needs 'name'", "its parameters are name, times"),
        ({"name": 1}, "greet: 'name' must be a string, not an integer (1)", "its parameters are name, times"),
        ({"name": "a", "times": "b"}, "greet: 'times' must be an integer, not a string ('b')", "its parameters"),
        ({"name": "a", "tiems": 1}, "greet has no parameter 'tiems'", "did you mean 'times'?"),
        ({"name": "a", "\x1b[2J": 1}, "greet has no parameter '\ufffd'", "its parameters are name, times"),
    ],
)
async def test_wrong_arguments_name_the_parameter(
    call: Caller, arguments: dict[str, object], message: str, hint: str
) -> None:
    failure = await call.failure("greet", **arguments)
    assert (failure.kind, failure.message) == ("validation", message)
    assert failure.hint.startswith(hint)
    for wrong in ("text", None, [1]):
        with pytest.raises(CallFailed, match="greet takes an object of parameters"):
            await call.invoker.invoke(call.registry.get("greet"), wrong, call.context)


async def test_results_are_json_cleaned_and_bounded(call: Caller) -> None:
    assert await call("give", what="tuple") == [1, None]
    assert await call("give", what="escapes") == {"a\ufffd": ["b\ufffd", "c\n"]}
    assert await call("give", what="surrogate") == "\ufffd"
    assert len(await call("give", what="fits")) == 900_000
    for what, kind, message in [
        ("set", "validation", "give returned what is not JSON data: set is not JSON data"),
        ("nan", "validation", "give returned what is not JSON data: nan is not a JSON number"),
        ("key", "validation", "give returned what is not JSON data: a JSON object has text keys, not int"),
        ("big", "resource", "give returned 1.0 MB; a result has at most 1 MB"),
    ]:
        failure = await call.failure("give", what=what)
        assert (failure.kind, failure.message) == (kind, message)


async def test_failures_say_what_and_where(call: Caller) -> None:
    said = await call.failure("fail", how="said")
    assert (said.kind, said.message, said.hint) == ("transient", "no \ufffdluck", "try again")
    assert said.detail == {"tries": 3}
    line = SOURCE.splitlines().index('        raise KeyError("oops")') + 1
    path = workspace_folder(call.root).path / "mine.py"
    raised = await call.failure("fail", how="raised")
    assert (raised.kind, raised.message, raised.hint) == (
        "unknown",
        "fail failed: KeyError: 'oops'",
        f"see {path}:{line}",
    )
    own = await call.failure("fail", how="own")
    assert (own.message, own.name) == ("fail failed: Mishap: it slipped", "Mishap")
    assert (await call.failure("fail", how="exit")).message == "fail failed: SystemExit: 3"
    assert await call("greet", name="still there") == "hello still there 1"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("abort", "the worker of mine.py was killed by signal 6 before it answered"),
        ("leave", "the worker of mine.py ended with exit code 3 before it answered"),
        ("garbage", "the worker of mine.py sent what cannot be read"),
    ],
)
async def test_a_worker_that_dies_in_mid_call_leaves_the_outcome_unknown(call: Caller, how: str, message: str) -> None:
    failure = await call.unknown("fail", how=how)
    assert failure.kind == "unknown"
    assert failure.message.startswith(message)
    assert await call("greet", name="anew") == "hello anew 1"


async def test_a_worker_killed_from_outside_in_mid_call(call: Caller) -> None:
    pid = (await call("look"))["pid"]
    task = asyncio.ensure_future(call("start"))
    while "ready" not in "".join(call.emitted):
        await asyncio.sleep(0.005)
    os.kill(pid, 9)
    with pytest.raises(OutcomeUnknown) as caught:
        await task
    assert caught.value.failure.message == "the worker of mine.py was killed by signal 9 before it answered"


async def test_a_forked_child_never_answers(call: Caller) -> None:
    for _ in range(2):
        assert (await call("fork"))["pid"] > 0
        assert await call("meet") == ["met"]


@pytest.mark.parametrize(
    "line", ['{"result": "forged"}\n', '{"result": "forged", "id": "0"}\n', "no end", "no json\n", "[]\n"]
)
async def test_what_the_code_writes_to_our_socket_is_no_answer(call: Caller, line: str) -> None:
    before = (await call("look"))["pid"]
    failure = await call.unknown("forge", line=line)
    assert failure.message.startswith("the worker of mine.py sent what ")
    assert await call("meet") == ["met"]
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_worker_that_sends_more_after_its_answer_gets_no_further_call(call: Caller) -> None:
    before = (await call("look"))["pid"]
    for name in ("gate", "done"):
        os.mkfifo(call.root / name)
    assert await call("forge_later", path="gate") == "true"
    (call.root / "gate").write_text("go on")
    # The other end of this one opens after the forged line was sent.
    await asyncio.to_thread(os.close, await asyncio.to_thread(os.open, call.root / "done", os.O_WRONLY))
    assert await call("meet") == ["met"]
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


@pytest.mark.parametrize("own_session", [False, True])
@pytest.mark.parametrize("how", ["timeout", "cancel", "close"])
async def test_a_call_that_is_ended_leaves_no_process(tmp_path: Path, how: str, own_session: bool) -> None:
    mark = Mark()
    root = tmp_path / "ws"
    write_skill(root, "mine", SOURCE)
    registry = workspace_registry(root)
    ready = asyncio.Event()
    invoker = Invoker(environment(os.environ, mark.environ), registry)
    context = make_context(root, environ=mark.environ, emit=lambda text: ready.set())
    call = invoker.invoke(registry.get("start"), {"own_session": own_session}, context, timeout=500)
    task = asyncio.ensure_future(call)
    await asyncio.wait([task, asyncio.ensure_future(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    while not any("sleep 1000" in line for line in mark.alive()):
        assert not task.done()
        await asyncio.sleep(0.005)
    if how == "timeout":
        leap(500)
    if how == "cancel":
        task.cancel()
    if how == "close":
        await invoker.aclose()
    await asyncio.wait([task])
    assert mark.alive() == []
    if how == "cancel":
        assert task.cancelled()
    else:
        assert isinstance(task.exception(), OutcomeUnknown)
    await invoker.aclose()


async def test_nothing_is_left_after_closing(tmp_path: Path) -> None:
    mark = Mark()
    root = tmp_path / "ws"
    write_skill(root, "mine", SOURCE)
    registry = workspace_registry(root)
    invoker = Invoker(environment(os.environ, mark.environ), registry)
    before = set(os.listdir("/proc/self/fd"))
    context = make_context(root, environ=mark.environ)
    assert await invoker.invoke(registry.get("leave_behind"), {}, context)
    assert mark.alive()
    await invoker.aclose()
    assert mark.alive() == []
    await asyncio.sleep(0)
    assert set(os.listdir("/proc/self/fd")) == before
    with pytest.raises(CallFailed, match="shutting down"):
        await invoker.invoke(registry.get("look"), {}, context)


async def test_a_flood_of_output_ends_the_worker(call: Caller) -> None:
    failure = await call.unknown("flood")
    assert (failure.kind, failure.message) == (
        "resource",
        "the worker of mine.py wrote more than 50 MB before it answered",
    )


async def test_a_timeout_while_loading_is_definite(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    write_skill(root, "slow", "import time\nfrom skills import skill\ntime.sleep(1000)\n@skill\ndef slow(): ...\n")
    call = Caller(root)
    assert (await call.failure("slow", deadline=0.5)).kind == "timeout"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("import no_such_module", "loading bad.py failed: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit", "loading bad.py failed: SystemExit"),
        ("1 / 0", "loading bad.py failed: ZeroDivisionError: division by zero"),
    ],
)
async def test_a_file_that_cannot_be_loaded_is_a_definite_failure_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    path = write_skill(tmp_path / "ws", "bad", f"from skills import skill\n\n{line}\n\n@skill\ndef bad(): ...\n")
    failure = await Caller(tmp_path / "ws").failure("bad")
    assert (failure.message, failure.hint) == (message, f"see {path}:3")


async def test_what_runs_is_what_was_read(tmp_path: Path) -> None:
    """A file that gives the name to something else while it runs is not obeyed."""
    source = "from skills import skill\n@skill\ndef mine(): ...\n@skill(name='x')\ndef x(): ...\n"
    trick = "mine = skill(name='mine')(lambda anything=1: None)\n"
    write_skill(tmp_path / "ws", "mine", source + trick)
    call = Caller(tmp_path / "ws")
    assert (await call.failure("mine")).message == "mine is not what its source says"
    await call.invoker.aclose()


async def test_a_worker_takes_only_the_digest_it_was_asked_for(call: Caller) -> None:
    skill = replace(call.registry.get("look"), source=SOURCE.encode() + b"# more")
    assert hashlib.sha256(skill.source).hexdigest() != skill.digest
    with pytest.raises(CallFailed, match="is not the version that was asked for"):
        await call.invoker.invoke(skill, {}, call.context)


async def test_two_versions_side_by_side(call: Caller) -> None:
    """An attempt that started with the old version ends with it; the next one gets the new."""
    old = call.registry.get("meet")
    gate = call.root / "gate"
    os.mkfifo(gate)
    running = asyncio.ensure_future(call("meet", gate="gate"))
    before = (await call("look"))["pid"]
    write_skill(call.root, "mine", SOURCE.replace('["met"]', '["met anew"]'))
    call.registry.reload()
    new = call.registry.get("meet")
    assert old.digest != new.digest
    assert await call("meet") == ["met anew"]
    assert await call.invoker.invoke(old, {}, call.context) == ["met"]
    assert not running.done()
    gate.write_text("go on")
    assert await running == ["met"]
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)  # the idle worker of the old version has ended


async def test_the_last_good_version_runs_while_the_file_is_broken(call: Caller) -> None:
    path = write_skill(call.root, "mine", SOURCE + "\ndef broken(:\n")
    call.registry.reload()
    assert call.registry.snapshot.problems
    path.write_text("import nothing at all")
    assert await call("meet") == ["met"]


async def test_untrusted_skills_never_run(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    trace = tmp_path / "ran"
    write_skill(root, "mine", f"open({str(trace)!r}, 'w')\nfrom skills import skill\n@skill\ndef mine(): ...\n")
    registry = workspace_registry(root, trusted=False)
    call = Caller(root, registry=registry)
    failure = await call.failure("mine")
    assert (failure.kind, failure.retryable) == ("denied", False)
    assert "understudy trust" in failure.hint
    with pytest.raises(CallFailed, match="not trusted"):
        await call.preview("mine")
    assert not trace.exists()


async def test_previews(call: Caller) -> None:
    preview = await call.preview("shown", text="hi")
    assert (preview.title, preview.body, preview.binds) == ("Say hi", "the body\ufffd", {"sha": "1"})
    assert preview.facts == {"root": str(call.root)}
    plain = await call.preview("greet", name="\x1b[2JAda")
    assert (plain.title, plain.body) == ("greet", '{\n  "name": "\\u001b[2JAda"\n}')
    with pytest.raises(CallFailed, match="returned str and not a Preview"):
        await call.preview("badly_shown")
    with pytest.raises(CallFailed, match="no parameter"):
        await call.preview("greet", nmae="x")


async def test_a_registry_is_not_needed(tmp_path: Path) -> None:
    write_skill(tmp_path, "mine", SOURCE)
    skill = Registry([workspace_folder(tmp_path)], lambda _: True).get("meet")
    invoker = Invoker(environment(os.environ))
    assert await invoker.invoke(skill, {}, make_context(tmp_path)) == ["met"]
    await invoker.aclose()


async def test_packages_of_the_workspace_with_our_names_are_not_ours(call: Caller) -> None:
    for name in ("skills", "workflows", "json"):
        (call.root / name).mkdir()
        (call.root / name / "__init__.py").write_text("raise SystemExit('taken for ours')\n")
    assert await call("meet") == ["met"]
    assert (await call("text.template", template="x"))["text"] == "x"
