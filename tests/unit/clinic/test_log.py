"""What the log may say."""

from __future__ import annotations

import logging
import sys

from django.test import RequestFactory

from opentaper.clinic.log import Plain

CANARY = "clonazepam for Ada Example"


def test_a_line_has_the_path_and_the_place_in_the_code_and_nothing_that_somebody_typed() -> None:
    request = RequestFactory().post(f"/people/add/?name={CANARY}", {"name": CANARY})
    try:
        raise ValueError(CANARY)
    except ValueError:
        trouble = sys.exc_info()
    record = logging.LogRecord("django.request", logging.ERROR, "x", 1, "%s: %s", ("Internal", CANARY), trouble)
    record.request, record.status_code = request, 500
    line = Plain().format(record)
    assert "500 /people/add/" in line
    assert "ValueError at test_log.py:" in line
    assert "?" not in line
    assert "Ada" not in line
    assert "\n" not in line
