"""Write the page: `python -m docs.validation`, in the root of the repository."""

import datetime as dt

from docs.validation.page import write

from opentaper import load

AS_OF = dt.date(2026, 12, 1)

if __name__ == "__main__":
    write(load(AS_OF))
