"""Programs from npm, installed once in the user's cache from the versions that a `package-lock.json` pins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.environments import NotInstalled


def node_programs(name: str, cache: Path, pins: Path) -> Path:
    """The folder of the programs of an environment, which is made where it is not there as pinned in the folder `pins`.

    Raises NotInstalled.
    """
    folder = cache / "environments" / name
    if shutil.which("npm") is None:
        raise NotInstalled("there is no npm here")
    lock = (pins / "package-lock.json").read_bytes()
    if not (folder / "made-from").is_file() or (folder / "made-from").read_bytes() != lock:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(pins / file, folder)
        done = subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise NotInstalled(" ".join(done.stderr.split()[-40:]) or "npm ci failed")
        (folder / "made-from").write_bytes(lock)
    return folder / "node_modules" / ".bin"
