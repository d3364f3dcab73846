"""The command line: `opentaper plan`, `opentaper review`, `opentaper facts`."""

from opentaper.cli.main import main

__all__ = ["main"]
