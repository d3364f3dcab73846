"""What is written to the log: when, how bad, which path, where in the code. Never a value that came from a person."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path


class Plain(logging.Formatter):
    """One line a record. Messages of exceptions and arguments are left out: both can quote what somebody typed."""

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        path = getattr(request, "path", "")
        status = getattr(record, "status_code", "")
        # Only a message without arguments is a sentence of the program; a filled-in one may quote a request.
        said = record.msg if isinstance(record.msg, str) and not record.args else record.name
        parts = [self.formatTime(record), record.levelname, said.split("\n", 1)[0], str(status), path]
        line = " ".join(part for part in parts if part)
        return f"{line} {self._where(record)}".rstrip()

    def _where(self, record: logging.LogRecord) -> str:
        if not record.exc_info or record.exc_info[0] is None:
            return ""
        kind, _, trace = record.exc_info
        frames = traceback.extract_tb(trace)[-5:]
        return f"{kind.__name__} at " + " < ".join(
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
        )
