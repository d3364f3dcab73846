"""The clinic's settings for tests: its own, with a database of its own and cheap hashes; refused on any other database."""

import os
import tempfile
from pathlib import Path


def refuse_what_is_no_test(named: str) -> None:
    """Stop the tests when they are pointed at a database that is not called a test."""
    if named and "test" not in named.rsplit("/", 1)[-1].lower():
        raise SystemExit(f"tests run on a database whose name says test, and OPENTAPER_DATABASE names another: {named}")


refuse_what_is_no_test(os.environ.get("OPENTAPER_DATABASE", ""))
os.environ.setdefault("OPENTAPER_DATA", str(Path(tempfile.gettempdir()) / "opentaper-tests"))
os.environ["OPENTAPER_SECRET"] = "this key signs nothing but what tests make, and everybody knows it"
os.environ["OPENTAPER_HOSTS"] = "testserver,clinic.example"

from opentaper.clinic.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["tests.clinic.hasher.Cheap"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if "owner" in DATABASES:  # noqa: F405
    # Tests look into the rows of every clinic; what a page does it does as the application's role (`Browser`).
    DATABASES["default"]["USER"] = "tester"  # noqa: F405
    del DATABASES["owner"]  # noqa: F405
    DATABASES.pop("backup", None)  # noqa: F405
    MIGRATES = READS_ALL = "default"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  (whitenoise warns where there is none)
