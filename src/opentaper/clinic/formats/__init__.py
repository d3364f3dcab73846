"""How days and numbers are written and read, in every language alike: ISO days, a decimal point, nothing between thousands.

Django would write 1.5 as "1,5" and read 01/02/2026 as another day in Spanish. A dose or a day that changes with the language
of a page can be taken for another one, so no language here has formats of its own.
"""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ""
NUMBER_GROUPING = 0
