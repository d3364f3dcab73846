"""A high present dose, by the range of published equivalences, belongs with a specialist."""

from __future__ import annotations

from opentaper.patient import diazepam_equivalent
from opentaper.quantity import NO_DOSE, Dose
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "daily-diazepam-equivalent"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the present daily dose of all benzodiazepines and Z-drugs, in mg of diazepam, with the limit.

    The answer is a range over the published tables, never one number and never an average.

    Source: nhs-lanarkshire-2022, benzodiazepine dependence.
    """
    limit = subject.known.limit(RULE)
    low, high = NO_DOSE, NO_DOSE
    for taking in subject.case.taking:
        if taking.drug is None or not subject.known.tapered_drug(taking.drug):
            continue
        band = diazepam_equivalent(taking.drug, taking.daily, subject.known)
        if band is None:
            return [
                by_limit(
                    limit,
                    Verdict.UNKNOWN,
                    where=f"{taking.daily} of {taking.drug}",
                    observed="no table knows this drug",
                )
            ]
        low, high = low + band[0], high + band[1]
    size = _rounded(low) if low == high else f"{_rounded(low)} to {_rounded(high)}"
    observed = f"{size} of diazepam a day by the published tables"
    verdict = Verdict(limit.effect) if high.mg > limit.value else Verdict.PASS
    return [by_limit(limit, verdict, where="the present dose", observed=observed)]


def _rounded(dose: Dose) -> str:
    """Round to a whole mg, aloud: a range of tables is no more exact than that."""
    whole = round(dose.mg)
    return f"{whole} mg" if dose.mg == whole else f"about {whole} mg"
