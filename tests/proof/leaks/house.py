"""A user whose secrets are known, at a terminal of their own in this process, and all that is left of what they did."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import signal
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.main import run
from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from app.tui.app import UnderstudyApp
from tests.proof.leaks.channels import SERVER, TELL, Channel, channels
from tests.proof.leaks.sites import ALL, RAW, SECRETS, Sites
from tests.support.command_line import Ended
from tests.support.stage import lines_of
from tests.support.stillness import resting
from workflows.clock import SystemClock

ENVIRONMENT = {
    "OPENAI_API_KEY": "CANARY_7",
    "GITHUB_TOKEN": "CANARY_10",
    "AWS_SECRET_ACCESS_KEY": "CANARY_5",
    "MAIL_PASSWORD": "CANARY_13",
    "DATABASE_CREDENTIALS": "CANARY_24",
}
"""Secrets that only the environment has, under names that say so. The others have names of their own, but for one."""

KEPT = {"OPENROUTER_API_KEY": "CANARY_8"}
"""A key of a model that was given to `understudy keys`."""


@dataclass
class House:
    base: Path
    sites: Sites
    printed: dict[str, Ended] = field(default_factory=dict)
    screens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root, self.state = self.base / "work", self.base / "home" / "state"
        self.named = [name for name in SECRETS if name not in {*ENVIRONMENT.values(), *KEPT.values()}]
        self.in_file = {name: SECRETS[name] for name in self.named[1::2]}
        self.environ = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "home"),
            "UNDERSTUDY_HOME": str(self.state),
            "OPENAI_BASE_URL": self.sites.models,
            "OLLAMA_API_BASE": "http://127.0.0.1:1",
            "NOTE": SECRETS[self.named[0]],
            **{variable: SECRETS[name] for variable, name in ENVIRONMENT.items()},
            **{f"UNDERSTUDY_SECRET_{name}": SECRETS[name] for name in self.named[::2]},
        }
        told = self.base / "told"
        self.channels = channels(self.sites, told, self.named)
        for path, text in {
            told: f"{RAW}\n{ALL}",
            self.base / "tell.py": TELL,
            self.base / "server.py": SERVER.format(told=str(told)),
            self.state / "config" / "secrets.json": json.dumps({"version": 1, "secrets": self.in_file}),
            self.state / "config" / "credentials": json.dumps(
                {"version": 1, "secrets": {key: SECRETS[name] for key, name in KEPT.items()}}
            ),
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(text)
            path.chmod(0o600)

    def furnish(self, channel: Channel) -> None:
        web = self.sites.web.removeprefix("http://")
        settings = (
            f"network: {{allow_hosts: ['{web}', '127.0.0.1:1']}}\npermissions: {{allow: ['file.write(path=out/**)']}}\n"
        )
        (self.state / "config" / "settings.yaml").write_text(settings + channel.settings)
        parameters = "parameters: [{name: token, type: string, required: true}]\n" if channel.inputs else ""
        # The last step looks at the journal while it is written: its -wal is there then.
        argv = f'[cp, -r, "{self.state}/data", "{self.base}/midway"]'
        copy = f"- {{id: midway, type: skill, skill: command, parameters: {{argv: {argv}}}}}"
        flow = "".join(f"  {line}\n" for line in (*channel.flow.splitlines(), copy))
        for path, text in {"flow.yaml": f"name: Flow\n{parameters}steps:\n{flow}", **channel.files}.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self.before = {path: path.read_bytes() for path in self.base.rglob("*") if path.is_file()}

    def typed(self, *arguments: str) -> Ended:
        """Type a command, in this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(arguments)
        said = []
        for stream in (out, err):
            stream.flush()
            stream.seek(0)
            said.append(stream.read())
        ended = Ended(code, *said)
        self.printed[f"{len(self.printed)} {' '.join(arguments)[:60]}"] = ended
        return ended

    def left(self) -> Iterator[tuple[str, str]]:
        """Everything that is there and was not before: files byte for byte, tables, what was printed, shown, sent."""
        for path in sorted(self.base.rglob("*")):
            # Backups of a user's files hold what those held.
            if path.is_file() and "backups" not in path.parts and self.before.get(path) != (data := path.read_bytes()):
                yield str(path.relative_to(self.base)), data.decode("utf-8", "replace")
        for path in (self.state / "data").rglob("*.db"):
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
                    rows = database.execute(f'select * from "{table}"').fetchall()
                    yield f"table {table}", "\n".join(str(cell) for row in rows for cell in row)
        for name, ended in self.printed.items():
            yield f"understudy {name}", ended.stdout + ended.stderr
        for number, screen in enumerate(self.screens):
            yield f"screen {number}", screen
        for number, request in enumerate(self.sites.asked):
            yield f"prompt {number}", json.dumps(request.body, ensure_ascii=False)

    async def look(self, run_id: str) -> None:
        """Show the first screen, then the run and a step of it."""
        paths = find_paths(self.environ, self.root)
        async with open_services(paths, self.environ) as services:
            app = UnderstudyApp(paths, person="ada", clock=SystemClock())
            async with resting(), app.run_test(size=(200, 60), notifications=True) as pilot:
                app.call_later(app.attach, Desk(services))
                while not app.ready:
                    await pilot.pause()
                while services.paths.workspace.is_dir() and not app.workflows:
                    await pilot.pause()
                self.screens.append(lines_of(app))
                await app.open_run(run_id)
                for key in ("", "down", "enter"):
                    if key:
                        await pilot.press(key)
                    await pilot.pause()
                    self.screens.append(lines_of(app))


@contextlib.contextmanager
def at_home(house: House) -> Iterator[House]:
    """This process is in the house's workspace, with its environment, as one that a user has just started."""
    environ, cwd, root = dict(os.environ), Path.cwd(), logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    signals = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    }
    os.environ.clear()
    os.environ.update(house.environ)
    os.chdir(house.root)
    try:
        yield house
    finally:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        for number, handler in signals.items():
            signal.signal(number, handler)
        root.handlers[:], logging.raiseExceptions = handlers, raising
        root.setLevel(level)
        logging.captureWarnings(False)


def entries(document: Mapping[str, object]) -> Sequence[str]:
    """The entries that wait in a run."""
    waiting = document.get("waiting")
    return [each["entry"] for each in waiting] if isinstance(waiting, list) else []
