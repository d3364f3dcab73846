"""`python -m opentaper` is `opentaper`."""

from opentaper.cli.main import run

run()
