"""Supervised tapers of benzodiazepines: planned, judged and explained from one sourced base of knowledge."""

from opentaper.knowledge import Knowledge, load
from opentaper.patient import Case, Regimen, read_case, read_regimen
from opentaper.plan import Options, propose
from opentaper.quantity import Dose
from opentaper.review import Reviewed, review

__all__ = [
    "Case",
    "Dose",
    "Knowledge",
    "Options",
    "Regimen",
    "Reviewed",
    "load",
    "propose",
    "read_case",
    "read_regimen",
    "review",
]
