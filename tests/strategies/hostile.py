"""What somebody might paste, mistype or forge into a field: none of it may break the clinic."""

from __future__ import annotations

from hypothesis import strategies as st

PASTED = (
    # separators, other scripts' digits, fractions, invisible marks, exponents
    "1,5", "1.5", "1.5.2", "1 000", "1\u00a0000", "1\u202f000", "1'000", "1_000", "1,000.5", "1.000,5", "١٫٥", "١٢", "１４", "१४", "½", "1½", "1/2",
    "1⁄2", "²", "①", "Ⅳ", "1\u200b4", "\u200e14", "14\u202e", "\ufeff14", "1\u00ad4", "−1", "–1", "-1", "+1", "-0", "1e3", "1E-9", "1e999999999",
    "NaN", "inf", "-Infinity", "0x1F", "0b1", "1L", "0", "00", "9" * 19, "9" * 400, "9" * 5000, "-" + "9" * 30, "2147483648",
    "9223372036854775808", "0." + "0" * 4000 + "1",
    # dates
    "2026-02-30", "2026-13-01", "31/12/2026", "12/31/2026", "31.12.26", "2026-12-01T00:00:00Z", "2026-12-01 23:59", "99999-01-01",
    "0000-00-00", "0001-01-01", "9999-12-31", "２０２６-１２-０１", "2026‑12‑01", "20261201", "2026-W01-1", "tomorrow", "1 December 2026",
    # nothing, and what only looks like it
    "", " ", "\t", "\n", "\r\n\r\n", "\u3000", "\u200b", "\u2800", "null", "None", "undefined", "[]", "{}", "true",
    # what belongs elsewhere
    "\x00", "a\x00b", "\x1b[31m", "\x7f", "\ufffe", "\U000e0001", "🦠" * 50, "ﷺ" * 200, "a\u0300" * 500, "<script>alert(1)</script>", "'; DROP TABLE cases_row; --",
    "%s%n%d", "{{ 7*7 }}", "{% load i18n %}", "../../etc/passwd", "//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\x", "=1+1",
    "00000000-0000-4000-8000-000000000000", "{00000000-0000-4000-8000-000000000000}", "0" * 32, "urn:uuid:" + "0" * 32, "g" * 64, "x" * 100_000,
    # case files
    "[patient]", "[[taking]]\ndrug = ", '[patient]\nborn = 2026-99-99', "a = " + "[" * 500 + "]" * 500, "[goal]\ndaily = 1e400", "a.b.c.d = 1\na = 2",
    '[patient]\nborn = 1974-05-02T00:00:00Z\n[[taking]]\ndrug = "clonazepam"\nintakes = [{ time = "night", dose = "1,5 mg" }]\n[goal]\nof = "clonazepam"\ndaily = "0 mg"\nstarts_on = 2026-12-01\n[supply]\ncountry = "US"',
)  # fmt: skip
"""Each of these is tried in every field."""

anything = st.one_of(
    st.sampled_from(PASTED),
    st.text(max_size=60),
    st.text(alphabet=st.characters(whitelist_categories=("Nd", "No", "Nl", "Cf", "Zs", "Pd", "Po")), max_size=12),
    st.integers().map(str),
    st.floats().map(repr),
    st.dates().map(str),
    st.uuids().map(str),
)
