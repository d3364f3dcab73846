"""The clinic's settings with an SQLite that does not wait for the disk: a plant that the trace must find."""

from opentaper.clinic.settings import *  # noqa: F403

DATABASES["default"]["OPTIONS"]["init_command"] = DATABASES["default"]["OPTIONS"]["init_command"].replace(  # noqa: F405
    "synchronous=FULL", "synchronous=OFF"
)
