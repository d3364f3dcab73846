"""May it be done? One function per rule; every number comes from the base."""

from opentaper.review.finding import Finding, Reviewed, Verdict
from opentaper.review.gate import review

__all__ = ["Finding", "Reviewed", "Verdict", "review"]
