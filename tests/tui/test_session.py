"""The program as people start it: its first frame, its end, and an end that nobody wanted."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stage import on_stage

ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"
LIMIT = 120.0


class Terminal:
    """A program in a pseudo-terminal of 100x30."""

    def __init__(self, code: str, environ: dict[str, str], cwd: Path) -> None:
        main, other = pty.openpty()
        import fcntl
        import struct
        import termios

        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=other,
            stdout=other,
            stderr=other,
            env=environ,
            cwd=cwd,
            start_new_session=True,
        )
        os.close(other)
        self.main = main
        self.said = b""

    def until(self, text: bytes) -> None:
        """Read until the program has written this."""
        end = time.monotonic() + LIMIT
        while text not in self.said:
            assert time.monotonic() < end, self.said[-2000:]
            if not self._read():
                assert text in self.said, self.said[-2000:]

    def _read(self) -> bool:
        if not select.select([self.main], [], [], 1.0)[0]:
            return True
        try:
            data = os.read(self.main, 65536)
        except OSError:
            return False
        self.said += data
        return bool(data)

    def press(self, keys: bytes) -> None:
        os.write(self.main, keys)

    def end(self) -> int:
        while self._read():
            if self.process.poll() is not None and not select.select([self.main], [], [], 5.0)[0]:
                break
        return self.process.wait(LIMIT)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "UNDERSTUDY_HOME": str(tmp_path / "home"),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OLLAMA_API_BASE": "http://127.0.0.1:1",
    }


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    started: list[Terminal] = []
    yield started
    for terminal in started:
        if terminal.process.poll() is None:
            terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.main)


START = "from app.tui.session import run_tui; raise SystemExit(run_tui(person='ada'))"


def test_it_starts_is_left_with_q_and_gives_the_terminal_back(
    tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]
) -> None:
    terminal = Terminal(START, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"No runs yet")
    assert ALTERNATE in terminal.said
    assert b"\x1b]0;understudy\x07" in terminal.said
    terminal.press(b"q")
    assert terminal.end() == 0
    assert terminal.said.rindex(BACK) > terminal.said.rindex(ALTERNATE)
    assert b"Traceback" not in terminal.said


def test_a_signal_ends_it_in_good_order(tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]) -> None:
    terminal = Terminal(START, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"No runs yet")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 143
    assert BACK in terminal.said


def test_ctrl_z_stops_nothing_where_no_shell_could_let_it_go_on(
    tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]
) -> None:
    terminal = Terminal(START, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"No runs yet")
    terminal.press(b"\x1a")
    terminal.until(b"No shell waits")
    terminal.press(b"q")
    assert terminal.end() == 0


FAULTY = """
from app.tui.screens.home import HomeScreen
def do_new(self):
    secret = "sk-local-value"
    raise RuntimeError("the scenery fell over")
HomeScreen.do_new = do_new
from app.tui.session import run_tui
raise SystemExit(run_tui(person='ada'))
"""


def test_a_fault_is_told_in_words_and_the_terminal_is_given_back(
    tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]
) -> None:
    terminal = Terminal(FAULTY, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"No runs yet")
    terminal.press(b"n")
    assert terminal.end() == 1
    after = terminal.said[terminal.said.rindex(BACK) :]
    assert b"Understudy has a fault: RuntimeError: the scenery fell over" in after
    assert b"Traceback" not in terminal.said
    assert b"sk-local-value" not in terminal.said
    log = (tmp_path / "home" / "log" / "understudy.log").read_text(encoding="utf-8")
    assert "Traceback" in log


EARLY = """
from app.tui.app import UnderstudyApp
UnderstudyApp.CSS_PATH = ["nowhere.tcss"]
from app.tui.session import run_tui
raise SystemExit(run_tui(person='ada'))
"""


def test_a_fault_before_the_first_frame_ends_it_too(
    tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]
) -> None:
    terminal = Terminal(EARLY, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"Understudy has a fault: StylesheetError")
    assert terminal.end() == 1


def test_a_broken_setting_is_said_on_the_screen(
    tmp_path: Path, environ: dict[str, str], terminals: list[Terminal]
) -> None:
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "settings.yaml").write_text("modle: x\n", encoding="utf-8")
    terminal = Terminal(START, environ, tmp_path)
    terminals.append(terminal)
    terminal.until(b"modle")
    terminal.press(b"q")
    assert terminal.end() == 0


FIRST_FRAME = """
import asyncio, sys
from pathlib import Path
from app.paths import Paths
from app.tui.app import UnderstudyApp
async def main():
    here = Path.cwd()
    app = UnderstudyApp(Paths(here, here, here, here), person="ada")
    async with app.run_test() as pilot:
        await app.first_frame.wait()
        heavy = ("litellm", "mcp", "openai", "workflows.journal.sqlite.store")
        print(sorted(name for name in heavy if name in sys.modules))
asyncio.run(main())
"""


def test_the_first_frame_needs_neither_models_nor_the_journal(tmp_path: Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", FIRST_FRAME], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_commands_do_not_load_the_screens(tmp_path: Path, environ: dict[str, str]) -> None:
    modules = "app.cli.main, app.demo.tour, app.tui.demo"
    code = f"import sys, {modules}; print([name for name in ('textual', 'litellm') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_one_ring_for_each_thing_that_waits_and_a_title_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.tui.app import UnderstudyApp
    from tests.support.scripts import at_gate, failed

    rings: list[str] = []
    titles: list[str] = []
    monkeypatch.setattr(UnderstudyApp, "bell", lambda self: rings.append("ring"))
    monkeypatch.setattr(UnderstudyApp, "write_title", lambda self, text: titles.append(text))
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.until(lambda: len(rings) == 1)
        assert titles[-1] == "\x1b]0;‖ understudy: approve publish\x07"
        for _ in range(3):
            await house.app._look()
        assert len(rings) == 1
        await failed(house)
        await house.until(lambda: len(rings) == 2)
        assert titles[-1] == "\x1b]0;‖ understudy: approve publish (+1)\x07"
        driver.cancel()
        await house.until(lambda: titles[-1] == "\x1b]0;‖ understudy: look at check_links\x07")
