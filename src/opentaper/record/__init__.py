"""What was decided, by whom, when? Append-only."""

from opentaper.record.version import Version

__all__ = ["Version"]
