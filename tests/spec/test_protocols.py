"""Every protocol reproduces its golden tables to the last row."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case

from opentaper import Dose, Knowledge, Regimen, load, propose, review
from opentaper.knowledge import Protocol
from opentaper.knowledge.protocols import Golden
from opentaper.patient import Intake, Step
from opentaper.plan import Plan
from opentaper.plan.search import AskedPace
from opentaper.review import Verdict

KNOWN = load(TODAY)
GOLDEN = [(protocol, golden) for protocol in KNOWN.protocols.values() for golden in protocol.golden]
STARTS = {
    "nhs-scotland-lorazepam": ("lorazepam", {"morning": "1 mg", "night": "1 mg"}, "UK"),
    "va-lorazepam-8mg": ("lorazepam", {"morning": "4 mg", "night": "4 mg"}, "US"),
    "us-6-month": ("diazepam", {"night": "15 mg"}, "US"),
    "nice-cks-diazepam": ("diazepam", None, "UK"),
    "nardi-2010": ("clonazepam", None, "US"),
    "deprescribing-org": ("clonazepam", None, "US"),
    "us-label-clonazepam": ("clonazepam", None, "US"),
    "end-rule": ("clonazepam", None, "US"),
}
LORAZEPAM_AS_DIAZEPAM = {"nhs-scotland-lorazepam": Fraction(10), "va-lorazepam-8mg": Fraction(5)}


def the_plan(protocol: Protocol, golden: Golden) -> Plan:
    drug, intakes, country = STARTS[protocol.key]
    supply = {"pieces_per_intake": 8, "liquid_step_ml": "0.05"}
    case = a_case(KNOWN, drug, intakes or {"night": str(golden.start)}, country=country, supply=supply)
    plans = propose(case, KNOWN, protocol=protocol.key).plans
    assert plans, propose(case, KNOWN, protocol=protocol.key).infeasible
    return plans[0]


def test_every_protocol_has_a_golden_table() -> None:
    assert {protocol.key for protocol in KNOWN.protocols.values() if protocol.golden} == set(KNOWN.protocols)


@pytest.mark.parametrize(
    ("protocol", "golden"),
    [pair for pair in GOLDEN if pair[0].key in STARTS],
    ids=lambda each: each.key if isinstance(each, Protocol) else each.of,
)
def test_a_protocol_comes_out_to_the_last_row(protocol: Protocol, golden: Golden) -> None:
    plan = the_plan(protocol, golden)
    factor = LORAZEPAM_AS_DIAZEPAM.get(protocol.key, Fraction(1))
    days: dict[int, Fraction] = {}
    for row in plan.rows:
        on = (row.step.from_ - plan.starts_on).days
        worth = row.step.daily.mg * (factor if row.step.drug == "lorazepam" else 1)
        days[on] = days.get(on, Fraction(0)) + worth
    assert tuple(days.values()) == golden.daily_mg
    assert tuple(days) == golden.on_day


def test_the_proportional_pace_is_ten_per_cent_of_what_is_left() -> None:
    golden = KNOWN.protocols["jcpg-2025"].golden[0]
    share = KNOWN.protocols["jcpg-2025"].share
    assert share is not None
    curve = AskedPace(share=share.of, of="current", every=14).doses(int(golden.start.mg))
    for printed, on, (day, asked) in zip(golden.daily_mg, golden.on_day, curve, strict=False):
        assert day == on
        assert abs(asked - printed) <= Fraction(1, 2000)


def test_ten_per_cent_of_two_milligrams_reaches_an_eighth_after_27_steps() -> None:
    curve = AskedPace(share=Fraction(1, 10), of="current", every=14).doses(2)
    assert next(count for count, (_, asked) in enumerate(curve, start=1) if asked <= Fraction(1, 8)) == 27


def test_ten_per_cent_of_the_original_takes_ten_equal_steps(known: Knowledge) -> None:
    case = a_case(
        known, "clonazepam", {"night": "2 mg"}, products=["compounded-clonazepam-suspension-0.1mg-per-ml"],
        percent_of="original",
    )  # fmt: skip
    usual = next(plan for plan in propose(case, known).plans if plan.name == "usual")
    assert [float(row.step.daily.mg) for row in usual.rows[:6]] == [1.8, 1.6, 1.4, 1.2, 1.0, 0.8]


def test_the_label_taper_is_rejected_by_name_with_the_limit_and_its_source(known: Knowledge) -> None:
    """0.25 mg a day less every 3 days from 1 mg: done in 12 days."""
    case = a_case(known, "clonazepam", {"morning": "0.5 mg", "night": "0.5 mg"})
    steps = []
    for index, (morning, night) in enumerate([("0.25", "0.5"), ("0.25", "0.25"), (None, "0.25"), (None, None)]):
        since = dt.date(2026, 12, 1) + dt.timedelta(3 * index)
        intakes = [(time, dose) for time, dose in (("morning", morning), ("night", night)) if dose]
        until = since + dt.timedelta(3) if intakes else None
        made = tuple(Intake(time=time, dose=Dose.read(f"{dose} mg")) for time, dose in intakes)
        steps.append(Step(drug="clonazepam", from_=since, until=until, intakes=made))
    judged = review(Regimen(steps=tuple(steps)), case, known, on=TODAY)
    assert judged.verdict is Verdict.BLOCK
    blocks = {finding.rule: finding.source for finding in judged.findings if finding.verdict is Verdict.BLOCK}
    assert blocks == {"step-reduction": "jcpg-2025", "rolling-reduction": "jcpg-2025", "step-interval": "jcpg-2025"}
    offered = propose(case, known, protocol="us-label-clonazepam")
    assert [plan.name for plan in offered.plans] == ["us-label-clonazepam"], "it gets no held variant"


@pytest.mark.parametrize(
    ("key", "beyond"),
    [
        ("nhs-scotland-lorazepam", ["≈33.3 %", "50 %", "100 %"]),
        ("nice-cks-diazepam", ["≈33.3 %", "50 %", "100 %"]),
        ("us-6-month", ["≈26.7 %", "≈29.4 %", "≈26.3 %", "≈28.6 %", "≈33.3 %", "≈33.3 %", "50 %", "100 %"]),
    ],
)
def test_where_a_published_schedule_leaves_the_limit_is_known_row_by_row(key: str, beyond: list[str]) -> None:
    protocol = KNOWN.protocols[key]
    rows = the_plan(protocol, protocol.golden[0]).rows
    diazepam = [row for row in rows if row.step.drug == "diazepam"]
    assert [str(row.achieved) for row in diazepam if row.achieved.of > Fraction(1, 4)] == beyond


def test_a_table_for_another_start_is_refused_with_its_own_start(known: Knowledge) -> None:
    found = propose(
        a_case(known, "lorazepam", {"night": "3 mg"}, country="UK"), known, protocol="nhs-scotland-lorazepam"
    )
    assert not found.plans
    assert "lorazepam 1 mg in the morning, lorazepam 1 mg in the night" in found.infeasible[0].says


def test_a_protocol_dose_that_cannot_be_made_is_refused_with_the_nearest(known: Knowledge) -> None:
    case = a_case(known, "clonazepam", {"night": "2 mg"}, products=["us-clonazepam-tablet-1mg"])
    found = propose(case, known, protocol="nardi-2010")
    assert not found.plans
    assert [str(dose) for dose in found.infeasible[0].nearest] == ["0.5 mg", "1 mg"]


def test_a_printed_table_waits_for_the_baseline_and_for_planned_holds(known: Knowledge) -> None:
    hold = {"from": dt.date(2026, 12, 20), "until": dt.date(2027, 1, 20)}
    case = a_case(known, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, country="UK", baseline_days=7, hold=[hold])
    plan = propose(case, known, protocol="nhs-scotland-lorazepam").plans[0]
    assert plan.baseline is not None
    assert plan.baseline.until == plan.starts_on == dt.date(2026, 12, 8)
    changes = sorted({row.step.from_ for row in plan.rows})
    assert changes[:3] == [dt.date(2026, 12, 8), dt.date(2027, 1, 22), dt.date(2027, 2, 5)]
    assert not [day for day in changes if hold["from"] <= day < hold["until"]]
    assert {item.product.drug for item in plan.supply[0].items} == {"lorazepam", "diazepam"}


@pytest.mark.parametrize("key", ["nardi-2010", "deprescribing-org", "nice-cks-diazepam", "nhs-scotland-lorazepam"])
def test_what_is_held_to_the_limits_is_not_blocked(key: str) -> None:
    drug, intakes, country = STARTS[key]
    start = "20 mg" if drug == "diazepam" else "2 mg"
    case = a_case(KNOWN, drug, intakes or {"night": start}, country=country, supply={"pieces_per_intake": 6})
    published, held = propose(case, KNOWN, protocol=key).plans
    assert review(published.regimen, case, KNOWN, on=TODAY).verdict is Verdict.BLOCK
    assert not review(held.regimen, case, KNOWN, on=TODAY).verdict.blocks
