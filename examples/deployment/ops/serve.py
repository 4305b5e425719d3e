"""Keeps the server of one environment running: `python serve.py ENVIRONMENT-FOLDER RELEASE-LINK`.

It listens itself and hands the socket on, so the address stays while versions change, and callers wait instead of
being refused. SIGHUP: end the server and start what RELEASE-LINK leads to now, nothing where it is not there. SIGTERM:
end all. A server that ends by itself is started again. What it does stands in `server.json`; as long as it lives it
holds the lock on `server.lock`.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

GRACE = 5.0
LONGEST_PAUSE = 5.0


class Keeper:
    def __init__(self, folder: Path, link: Path, wanted: set[int], woken: int) -> None:
        """`wanted` has the signals that came; `woken` can be read when one did."""
        self.folder, self.link, self.wanted, self.woken = folder, link, wanted, woken
        try:
            before = json.loads((folder / "server.json").read_text())
        except (OSError, ValueError):
            before = {}
        self.serial = int(before.get("serial", 0))
        self.listening = self.listen(int(before.get("port", 0)))
        self.port = self.listening.getsockname()[1]
        self.server: subprocess.Popen[bytes] | None = None
        self.release: str | None = None
        self.ends = 0
        """How often the server ended by itself since the last change."""
        self.change()

    def listen(self, port: int) -> socket.socket:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            return socket.create_server(("127.0.0.1", 0))  # another has it by now

    def keep(self) -> None:
        pause = 0.05
        while signal.SIGTERM not in self.wanted:
            if signal.SIGHUP in self.wanted:
                self.wanted.discard(signal.SIGHUP)
                self.change()
                pause = 0.05
            elif self.server is not None and self.server.poll() is not None:
                print(f"the server ended with {self.server.returncode}, and is started again", flush=True)
                self.ends += 1
                self.tell()
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                self.start()
            if not self.wanted and select.select([self.woken], [], [], 1.0)[0]:
                os.read(self.woken, 4096)
        self.end()
        self.release = None
        self.tell()

    def change(self) -> None:
        self.end()
        self.start()
        self.serial += 1
        self.ends = 0
        self.tell()

    def start(self) -> None:
        self.server = self.release = None
        if not self.link.exists():
            return
        release, listen = self.link.resolve(), self.listening.fileno()
        self.release = release.name
        argv = ["-m", "teashop.server", "--database", str(self.folder / "shop.db"), "--listen", str(listen)]
        self.server = subprocess.Popen(
            [sys.executable, "-P", "-B", *argv],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(release)},
            pass_fds=(listen,),
        )

    def end(self) -> None:
        if self.server is not None:
            self.server.terminate()
            try:
                self.server.wait(GRACE)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
            self.server = None

    def tell(self) -> None:
        told = {"serial": self.serial, "port": self.port, "pid": os.getpid()}
        told |= {"release": self.release, "ends": self.ends}
        new = self.folder / "server.json.new"
        new.write_text(json.dumps(told))
        os.replace(new, self.folder / "server.json")


def main() -> None:
    folder, link = (Path(word) for word in sys.argv[1:3])
    wanted: set[int] = set()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda got, _: wanted.add(got))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with open(folder / "server.lock", "w") as lock:
        for _ in range(50):  # who looks whether it is held, holds it for a moment
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
        else:
            sys.exit("another keeps this environment's server")
        Keeper(folder, link, wanted, woken).keep()


if __name__ == "__main__":
    main()
