"""A shell with one job, on the terminal it is started with. Run as a script; used by `tests.support.terminals`.

It does what a shell does for a job and no more: the job has a process group of its own and the terminal, and when it is
stopped the terminal is taken back. Other shells also mend the terminal's modes; this one leaves them as the job did.

It writes a line to its report for each thing that happens: `pid N`, `stopped`, `ended CODE` (minus the signal where one
killed it). A line on its control means `fg`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios


def main() -> None:
    report, control = int(sys.argv[1]), int(sys.argv[2])
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTOU):
            signal.signal(number, signal.SIG_DFL)
        for number in (report, control):
            os.close(number)
        os.execv(sys.argv[3], sys.argv[3:])

    def hang_up(*_: object) -> None:
        for number in (signal.SIGHUP, signal.SIGCONT):
            try:
                os.killpg(job, number)
            except ProcessLookupError:
                return  # it saw for itself that the terminal is gone, and has ended

    signal.signal(signal.SIGHUP, hang_up)
    os.write(report, f"pid {job}\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os.write(report, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
            return
        _give_terminal(os.getpgrp())
        os.write(report, b"stopped\n")
        os.read(control, 1)
        _give_terminal(job)
        os.killpg(job, signal.SIGCONT)


def _give_terminal(group: int) -> None:
    try:
        os.tcsetpgrp(0, group)
    except OSError:
        pass  # it was closed


if __name__ == "__main__":
    main()
