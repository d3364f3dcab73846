"""The same in every language."""

from opentaper.clinic.formats import *  # noqa: F403
