"""The virtual environment of each peer, made once from the versions that `peers/*.txt` pin."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import platformdirs

HERE = Path(__file__).parent


class NotInstalled(Exception):
    """A peer's packages cannot be installed here. The message is what the installer said last."""


def cache_folder() -> Path:
    """Where environments and everything that is measured lie, outside of the repository."""
    return Path(platformdirs.user_cache_dir("understudy-bench", appauthor=False))


def environment(name: str, cache: Path, pins: Path | None = None) -> Path:
    """The interpreter of a peer's environment, which is made where it is not there as pinned. Raises NotInstalled."""
    pins = pins or HERE / "peers" / f"{name}.txt"
    folder = cache / "environments" / name
    stamp = folder / "made-from"
    wanted = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()
    python = folder / "bin" / "python"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=False, symlinks=True)
        uv = Path(sys.executable).parent / "uv"
        install = [str(uv), "pip", "install", "--compile-bytecode", "--no-deps", "--python", str(python)]
        done = subprocess.run([*install, "-r", str(pins)], capture_output=True, text=True)
        if done.returncode:
            said = [line.strip(" ×╰─▶") for line in done.stderr.splitlines() if not line.startswith("Using Python")]
            raise NotInstalled(" ".join(said[-3:]))
        stamp.write_text(wanted)
    return python
