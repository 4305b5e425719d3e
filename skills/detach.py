"""Starts a program that nobody waits for: in a session of its own, and no child of ours. Run as a script, by its path.

It says one line on the descriptor that it is given: `pid N`, or `failed WHY` where the program cannot be run.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    report, has_locale, program, *argv = sys.argv[1:]
    word = int(report)
    if has_locale == "0":
        os.environ.pop("LC_CTYPE", None)  # Python itself sets it where no locale is
    if os.fork():
        os._exit(0)
    os.setsid()
    os.set_inheritable(word, False)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what is ignored stays so after exec
    os.write(word, f"pid {os.getpid()}\n".encode())
    try:
        os.execve(program, argv, dict(os.environ))  # noqa: S606  # no shell is the point
    except OSError as error:
        os.write(word, f"failed {error.strerror}\n".encode())
    os._exit(127)


if __name__ == "__main__":
    main()
