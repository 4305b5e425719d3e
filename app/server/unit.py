"""The server as a systemd unit of the user's: shown first, then written, and begun with the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.paths import Paths
from workflows.errors import UnderstudyError, fail
from workflows.journal.files import make_folder, open_private

if TYPE_CHECKING:
    from app.cli.output import Output
    from app.server.address import Address

NAME = "understudy.service"
PATIENCE = 60
"""Seconds that systemd has for what it is asked."""

KEPT = ("UNDERSTUDY_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "PATH", "LANG")
"""Variables of this terminal that the server needs too. No key and no secret is written into a unit."""


def unit_text(address: Address, paths: Paths, program: str) -> str:
    """The unit. What is in it comes from this terminal, and is quoted as systemd reads it."""
    words = [program, "serve", "--json", "--host", address.host, "--port", str(address.port)]
    words += [word for name in address.names for word in ("--name", name)]
    words += [word for origin in address.origins for word in ("--origin", origin)]
    words += ["--exposed"] if address.exposed else []
    known = [f"{name}={os.environ[name]}" for name in KEPT if os.environ.get(name)]
    environment = [f"Environment={_quoted(each)}" for each in known]
    return "\n".join(
        [
            "[Unit]",
            "Description=Understudy: workflows that run unattended",
            "After=network-online.target",
            "Wants=network-online.target",
            "",
            "[Service]",
            "Type=exec",
            f"WorkingDirectory={_path(str(paths.root))}",
            *environment,
            f"ExecStart={' '.join(_quoted(word).replace('$', '$$') for word in words)}",
            "Restart=on-failure",
            "RestartSec=5",
            "SuccessExitStatus=143",
            "TimeoutStopSec=60",
            "KillMode=mixed",
            "UMask=0077",
            "NoNewPrivileges=yes",
            "",
            "[Install]",
            "WantedBy=default.target",
            "",
        ]
    )


def installed(address: Address, paths: Paths, yes: bool, out: Output) -> int:
    """Show the unit; on a yes write it, and have it begin now and with the machine."""
    program = shutil.which("understudy") or str(Path(sys.executable).parent / "understudy")
    text, path = unit_text(address, paths, program), unit_path()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        out.say(f"{path} is just so already.")
    else:
        out.print(text)
        out.say(f"It would be written to {path}, and begin now and whenever you log in.")
        if not _agreed("Write it? [y/N]", yes, out):
            return 0
        make_folder(path.parent)
        with os.fdopen(open_private(path, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as file:
            file.write(text)
        out.say(f"{path} is written.")
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", NAME)
    out.say(f"It runs: systemctl --user status {NAME}; what it says: journalctl --user -u {NAME}")
    out.say("To have it run while you are logged out too: loginctl enable-linger")
    return 0


def uninstalled(yes: bool, out: Output) -> int:
    """Stop the unit and take its file away, on a yes."""
    path = unit_path()
    if not path.exists():
        out.say(f"There is no {path}: nothing is installed.")
        return 0
    out.say(f"The server would be stopped, and {path} taken away. Its history and its runs stay.")
    if not _agreed("Take it away? [y/N]", yes, out):
        return 0
    _systemctl("disable", "--now", NAME)
    path.unlink()
    _systemctl("daemon-reload")
    out.say("It is taken away.")
    return 0


def unit_path() -> Path:
    """Where systemd looks for units of this user."""
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "systemd" / "user" / NAME


def _agreed(question: str, yes: bool, out: Output) -> bool:
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        out.say("Nothing was changed: nobody is here to say yes. With --yes it is done.")
        return False
    out.say(question)
    agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        out.say("Nothing was changed.")
    return agreed


def _systemctl(*words: str) -> None:
    program = shutil.which("systemctl")
    hint = "`understudy serve` runs without it; any other supervisor can start that."
    if program is None:
        raise fail("dependency", "There is no systemctl here, so nothing was started.", hint)
    try:
        done = subprocess.run(  # noqa: S603  # systemd's own program, with words of ours
            [program, "--user", *words], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnderstudyError(f"systemctl --user {words[0]} did not come to an end: {error}.", hint) from error
    if done.returncode:
        said = (done.stderr.strip() or "nothing was said").splitlines()[0]
        raise UnderstudyError(f"systemctl --user {' '.join(words)} failed: {said}", hint)


def _quoted(word: str) -> str:
    """A word as systemd reads it: `%` stands for nothing else, and no line ends in it."""
    if any(not letter.isprintable() for letter in word):
        raise UnderstudyError(f"{word!r} cannot stand in a unit.", "Start the server from a folder of a plain name.")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _path(path: str) -> str:
    if any(not letter.isprintable() for letter in path):
        raise UnderstudyError(f"{path!r} cannot stand in a unit.", "Start the server from a folder of a plain name.")
    return path.replace("%", "%%")
