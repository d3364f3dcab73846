"""With two benzodiazepines or Z-drugs, one is reduced at a time."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

from opentaper.review.finding import Finding, Subject, Verdict
from opentaper.review.switch import dose_changes

RULE = "two-benzodiazepines"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Count the benzodiazepines and Z-drugs that are taken now, and look whether their cuts keep to the chosen order.

    Cuts of two drugs within one interval are a caution here and, as steps too soon, blocked by the rule on intervals.

    Source: us-clonazepam-label, general prescribing practice.
    """
    taken = [taking.drug for taking in subject.case.taking if subject.known.tapered_drug(taking.drug or "")]
    drugs = ", ".join(map(str, taken))
    if len(taken) < 2:
        return [subject.by_ask(RULE, Verdict.PASS, where="medicines", observed=drugs)]
    if problem := _interleaved(subject) or _out_of_order(subject):
        ask = "interleaved-cuts"
        return [subject.by_ask(ask, subject.effect(ask), where="the order", observed=problem)]
    goal = subject.case.goal
    if goal.then:
        order = ", then ".join((goal.of, *(then.of for then in goal.then)))
        return [subject.by_ask("chosen-order", subject.effect("chosen-order"), where="the order", observed=order)]
    return [subject.by_ask(RULE, subject.effect(RULE), where="medicines", observed=drugs)]


def _cuts(subject: Subject) -> dict[str, list[dt.date]]:
    """This function will return the days on which each drug falls, without those on which another one rises instead."""
    changes = {drug: dose_changes(subject, drug) for drug in subject.regimen.drugs}
    rises = {day for each in changes.values() for day, before, after in each if after > before}
    return {
        drug: [day for day, before, after in each if after < before and day not in rises]
        for drug, each in changes.items()
    }


def _interleaved(subject: Subject) -> str:
    interval = subject.known.limit("step-interval").value
    for (one, days), (other, others) in combinations(_cuts(subject).items(), 2):
        for day in days:
            near = [each for each in others if abs((each - day).days) < interval]
            if near:
                return f"{one} falls on {day} and {other} on {near[0]}"
    return ""


def _out_of_order(subject: Subject) -> str:
    goal, cuts = subject.case.goal, _cuts(subject)
    order = [cuts.get(drug, []) for drug in (goal.of, *(then.of for then in goal.then))]
    names = [goal.of, *(then.of for then in goal.then)]
    for (earlier, days), (later, others) in combinations(zip(names, order, strict=True), 2):
        if others and (not days or others[0] < days[-1]):
            until = f"done on {days[-1]}" if days else "reduced at all"
            return f"{later} falls on {others[0]}, before {earlier} is {until}"
    return ""
