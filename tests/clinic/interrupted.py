"""A database that is encrypted, and killed or held up on the way, as a process of its own.

    python -m tests.clinic.interrupted before|after|pause STEP encrypt|rekey KEYFILE

STEP is a function of `upkeep.encrypt` that is called on the way, or `replace`. With `pause` it says so before the step, and
goes on when a line comes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "opentaper.clinic.settings"


def main(when: str, step: str, *command: str) -> int:
    from opentaper.cli import main as opentaper

    def spoilt(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            if when == "pause":
                print("here", flush=True)
                sys.stdin.readline()
            done = real(*arguments)
            if when == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return call

    if step == "replace":
        Path.replace = spoilt(Path.replace)  # type: ignore[method-assign]
    else:
        # Settings are read when this is imported, as `opentaper encrypt` has them read.
        named = os.environ.pop("OPENTAPER_DATABASE_KEY", "") if command[0] == "encrypt" else ""
        import django

        django.setup()
        from opentaper.clinic.upkeep import encrypt

        setattr(encrypt, step, spoilt(getattr(encrypt, step)))
        if named:
            os.environ["OPENTAPER_DATABASE_KEY"] = named
    return opentaper(list(command))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
