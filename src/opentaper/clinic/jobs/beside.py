"""Keep one worker running beside the web application: start it again when it dies, end it when the application is gone.

It loads nothing of the clinic, so that there is little that could end it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Event

LOOK_S = 0.5
LONGEST_WAIT_S = 60.0


def worker(parent: int) -> list[str]:
    """Return the command of a worker that ends when its parent is gone."""
    return [sys.executable, "-m", "opentaper", "clinic", "work", "--while-child-of", str(parent)]


def start() -> None:
    """Start what keeps a worker running, for as long as this process lives."""
    subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())], stdin=subprocess.DEVNULL)


def keep(parent: int, command: list[str], stop: Event) -> None:
    """Keep a command running while a process is our parent."""
    wait_s = 1.0
    while os.getppid() == parent and not stop.is_set():
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while child.poll() is None and os.getppid() == parent and not stop.wait(LOOK_S):
            pass
        if child.poll() is None:
            child.terminate()
            child.wait()
            return
        # One that cannot start at all is not started a hundred times a second.
        stop.wait(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def main() -> None:
    """Keep a worker running while the process that is named is our parent."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep(int(sys.argv[1]), worker(os.getpid()), stop)


if __name__ == "__main__":
    main()
