"""Which published number is held against which number of the model, and of which the model says nothing, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log

from docs.validation import courses, levels

from opentaper import Knowledge
from opentaper.knowledge import Observation

TABLET, SOLUTION, GREENBLATT = "clonazepam-tablet", "clonazepam-kruizinga-2022", "clonazepam-greenblatt-2005"
USED = "used"
FREE = "free"
CODE = "code"
ORIGINS = {
    USED: "the model was set by this number, or by one it follows from: agreement is no evidence",
    FREE: "nobody used it to set the model",
    CODE: "computed from the same published model: checks the code, not the model",
}
PRINTED_SHARE = (0.8, 1.25)
"""Around a single printed figure, as for bioequivalence."""
PEAK_TIME_SHARE = (0.5, 2.0)
"""Around a printed time of a peak, which depends on when somebody sampled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What counts as agreement, set beforehand and for a reason."""

    low: float
    high: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A published figure: an observation of the base, or a claim about a drug."""

    id: str
    label: str
    says: str
    prints: str
    low: float | None
    high: float | None
    sd: float | None
    unit: str
    source: str
    at: str
    confidence: str
    kind: str

    @property
    def middle(self) -> float | None:
        """The middle of what is printed, to divide by; None for words and for a bound of one side."""
        return None if self.low is None or self.high is None else (self.low + self.high) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One comparison.

    Args:
        of: the observation's id, or that of a claim.
        model: the kinetic model, or what else speaks.
        number: what it says, in the unit that is printed.
        origin: whether the number was used to set the model.
        how: what is compared with what, where that is not plain.
        band: what counts as agreement, where the usual rule does not.
        rivals: the same under another model of the effect, by its key; None where effects play no part.
        part: which of several comparisons with one figure and model this is.
        unit: of the number, where it is not what is printed; both cannot be divided then.
    """

    of: str
    model: str
    number: Callable[[Knowledge], float]
    origin: str
    how: str = ""
    band: Band | None = None
    rivals: Callable[[Knowledge, str], float] | None = None
    part: str = ""
    unit: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Which check it is."""
        return self.of, self.model, self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A check that was made."""

    check: Check
    printed: Printed
    found: float
    band: Band
    rivals: tuple[float, float] | None

    @property
    def agrees(self) -> bool:
        return self.band.low <= self.found <= self.band.high

    @property
    def ratio(self) -> float | None:
        """The model's number over the middle of what is printed."""
        middle = self.printed.middle if self.check.unit is None else None
        return None if not middle else self.found / middle

    @property
    def unit(self) -> str:
        return self.printed.unit if self.check.unit is None else self.check.unit


def _band(printed: Printed) -> Band:
    """This function will return what usually counts as agreement with a figure that is printed so."""
    low, high = printed.low, printed.high
    if printed.kind == "model-derived" and low is not None:
        last = 0.5 * 10.0 ** -_places(printed.prints)
        return Band(low=low - last, high=low + last, why="to the last printed digit")
    if low is None and high is not None:
        return Band(low=0.0, high=high, why="at most what is printed")
    if high is None or low is None:
        raise ValueError(f"{printed.id} prints words, so its check needs a band of its own")
    if low != high:
        return Band(low=low, high=high, why="inside the printed range")
    if printed.sd is not None:
        return Band(low=low - printed.sd, high=low + printed.sd, why="within one SD of the printed mean")
    shares = PEAK_TIME_SHARE if "tmax" in printed.says else PRINTED_SHARE
    return Band(
        low=low * shares[0], high=low * shares[1], why=f"{shares[0]:g} to {shares[1]:g} times the printed figure"
    )


def _places(prints: str) -> int:
    """This function will return decimal places; the review computed all its levels to three, and zeros were dropped."""
    return max(3, len(prints.split(maxsplit=1)[0].partition(".")[2]))


def printed(known: Knowledge, key: str) -> Printed:
    """Return a published figure by its key: an observation's, or "drug/claim"."""
    if "/" in key:
        drug, _, name = key.partition("/")
        claim = next(each for each in known.drugs[drug].claims if each.id == name)
        return Printed(
            id=key, label=f"Encyclopaedia: {claim.about} of a single dose", says=claim.says, prints=f"{_plain(claim.low)}-{_plain(claim.high)} {claim.unit}",
            low=_number(claim.low), high=_number(claim.high), sd=None, unit=claim.unit or "", source=claim.source,
            at=claim.at, confidence=claim.confidence, kind="claim",
        )  # fmt: skip
    each: Observation = known.observations[key]
    return Printed(
        id=each.id, label=_label(known, each), says=each.says, prints=each.prints, low=_number(each.low), high=_number(each.high),
        sd=_number(each.sd), unit=each.unit, source=each.source, at=each.at, confidence=each.confidence, kind=each.kind,
    )  # fmt: skip


def _label(known: Knowledge, each: Observation) -> str:
    """This function will return the shortest name that no other observation has."""
    what = f"{each.study}: {each.quantity}"
    parts = _parts(each)
    others = [other for other in known.observations.values() if other.id != each.id and f"{other.study}: {other.quantity}" == what]  # fmt: skip
    told = [parts[place] for place in range(len(parts)) if others and any(_parts(other)[place] != parts[place] for other in others)]  # fmt: skip
    return ", ".join([what, *(part for part in told if part)])


def _parts(each: Observation) -> tuple[str | None, ...]:
    return each.population, f"{_plain(each.dose_mg)} mg" if each.dose_mg else None, each.route, each.regimen, each.arm


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _plain(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):g}"


def compared(known: Knowledge, check: Check) -> Compared:
    """Make a check."""
    said = printed(known, check.of)
    rivals = None
    if check.rivals is not None:
        each = [check.rivals(known, effect) for effect in known.effects]
        rivals = (min(each), max(each))
    return Compared(
        check=check, printed=said, found=float(check.number(known)), band=check.band or _band(said), rivals=rivals
    )


def all_compared(known: Knowledge) -> tuple[Compared, ...]:
    """Make every check."""
    return tuple(compared(known, check) for check in CHECKS)


REVIEW = "the evidence review's own band (section 9)"


TROUGH = Band(low=45.0, high=65.0, why="narrower than the evidence review's 45-70")


def _review(low: float, high: float) -> Band:
    return Band(low=low, high=high, why=REVIEW)


def _of(model: str, mg: float, what: str, **more: float) -> Callable[[Knowledge], float]:
    """This function will return a reading of a single dose's level: cmax, tmax_h, half_life_h."""
    return lambda known: float(getattr(levels.single(known, model, mg, **more), what))  # type: ignore[arg-type]


def _area(model: str, mg: float, until_h: float = float("inf")) -> Callable[[Knowledge], float]:
    return lambda known: levels.single(known, model, mg).area(until_h)


def _figure(model: str, name: str, times: float = 1.0) -> Callable[[Knowledge], float]:
    return lambda known: times * levels.figure(known, model, name)


ML_MIN = 1000.0 / 60.0
"""mL/min in one L/h."""
KG = 70.0


def _clonazepam() -> list[Check]:
    dose = 2.0
    band = _review
    return [
        Check(of="czp-crev-po-cmax", model=TABLET, number=_of(TABLET, dose, "cmax"), origin=USED, band=band(12, 18)),
        Check(of="czp-crev-po-tmax", model=TABLET, number=_of(TABLET, dose, "tmax_h"), origin=USED, band=band(1, 3)),
        Check(of="czp-crev-po-auc0-inf", model=TABLET, number=_area(TABLET, dose), origin=USED, band=band(500, 570)),
        Check(of="czp-crev-po-half-life", model=TABLET, number=_of(TABLET, dose, "half_life_h"), origin=USED, band=band(38, 43)),
        Check(of="czp-crev-iv-half-life", model=TABLET, number=_of(TABLET, dose, "half_life_h"), origin=USED, how="the last phase is the same by every route"),
        Check(of="czp-crev-iv-clearance", model=TABLET, number=_figure(TABLET, "clearance", 0.9 * ML_MIN), origin=USED, how="CL/F times the printed bioavailability of 0.90"),
        Check(of="czp-crev-iv-vz", model=TABLET, number=lambda known: 0.9 * levels.vz(known, TABLET), origin=USED, how="Vz/F times the printed bioavailability of 0.90"),
        Check(of="czp-green05-po-absorption-half-life", model=TABLET, number=lambda known: 60.0 * log(2.0) / levels.figure(known, TABLET, "absorption-rate"), origin=USED),
        Check(of="czp-green05-po-half-life", model=TABLET, number=_of(TABLET, 0.5, "half_life_h"), origin=USED),
        Check(of="czp-green05-po-apparent-clearance", model=TABLET, number=_figure(TABLET, "clearance", ML_MIN), origin=USED),
        Check(of="czp-green05-po-accumulation-ratio-day7-day1", model=TABLET, number=lambda known: levels.accumulation(known, TABLET, 8.0, day=7), origin=FREE, how="area of day 7 over that of day 1; the abstract does not say how it was defined"),
        Check(of="czp-berlin-sd-half-life", model=TABLET, number=_of(TABLET, dose, "half_life_h"), origin=FREE),
        Check(of="czp-berlin-sd-vd-beta", model=TABLET, number=lambda known: 0.9 * levels.vz(known, TABLET) / KG, origin=FREE, how="Vz/F times 0.90, in 70 kg"),
        Check(of="czp-berlin-sd-tmax", model=TABLET, number=_of(TABLET, dose, "tmax_h"), origin=FREE),
        Check(of="czp-kor-cmax", model=TABLET, number=_of(TABLET, 6.0, "cmax"), origin=FREE),
        Check(of="czp-kor-tmax", model=TABLET, number=_of(TABLET, 6.0, "tmax_h"), origin=FREE),
        Check(of="czp-kor-auc", model=TABLET, number=_area(TABLET, 6.0), origin=FREE, how="the study could not measure below 5 ng/mL, which cuts its tail off; the model's area is the whole one"),
        Check(of="czp-kor-half-life", model=TABLET, number=_of(TABLET, 6.0, "half_life_h"), origin=FREE, how="as before: a cut tail looks steeper"),
        Check(of="czp-ch-ss-cmin-ss-pre-dose", model=TABLET, number=lambda known: levels.steady_trough(known, TABLET, 2.0, (8.0, 16.0, 23.999)), origin=USED, band=TROUGH),
        Check(of="czp-ch-ss-accumulation-ratio-to-single-dose", model=TABLET, number=lambda known: levels.accumulation(known, TABLET, 24.0), origin=FREE, how="area of a steady day over that of the first day"),
        Check(of="czp-yukawa-css", model=TABLET, number=lambda known: levels.single(known, TABLET, 0.0336 * 31.3, weight_kg=31.3).area() / 24.0, origin=FREE, how="average level of 33.6 µg/kg a day in 31.3 kg, clearance scaled by weight to the 0.75; these were children and young adults"),
        Check(of="czp-kaplan-cmax", model=TABLET, number=_of(TABLET, dose, "cmax"), origin=FREE),
        Check(of="czp-kaplan-ss-css", model=TABLET, number=lambda known: 6.0 / 24.0 / levels.figure(known, TABLET, "clearance") * 1000.0, origin=FREE, how="average level of 6 mg a day"),
        Check(of="czp-lai-half-life-control", model=TABLET, number=_of(TABLET, 1.0, "half_life_h"), origin=FREE),
        Check(of="czp-lai-half-life-on-carbamazepine", model=TABLET, number=lambda known: levels.induced_half_life(known, TABLET, "carbamazepine"), origin=FREE, how="with the study's own ratio of levels, 0.72, turned into one of clearances"),
        Check(of="czp-lai-time-to-steady-state", model=TABLET, number=lambda known: levels.days_to(known, TABLET, 0.95), origin=FREE, how="days of 1 mg a day until the trough is 95 % of its steady value"),
        Check(of="czp-lai-css-ratio-after-carbamazepine-200-mg-day", model=TABLET, number=lambda known: levels.trough_ratio(known, TABLET, "carbamazepine", after_days=15), origin=USED, how="trough 15 days after carbamazepine began (on the eighth day), over the same day without it; the ratio is the study's own, only the time is not"),
        Check(of="czp-khoo-cl-ratio-phenytoin", model="interactions", number=lambda known: levels.other_clearance(known, "clonazepam", "phenytoin"), origin=USED, how="the figure that a simulation takes"),
        Check(of="czp-khoo-cl-ratio-phenobarbital", model="interactions", number=lambda known: levels.other_clearance(known, "clonazepam", "phenobarbital"), origin=USED, how="the figure that a simulation takes"),
        *_of_the_solution(),
    ]  # fmt: skip


def _of_the_solution() -> list[Check]:
    """This function will return the regression cases of the published model, and what both other models say of tablets."""
    single = {hour: f"czp-kruiz-ref-level-{hour:g}-h" for hour in (0.5, 1, 2, 4, 6, 8, 12, 24, 48, 72)}
    steady = {hour: f"czp-kruiz-ss-level-{hour}-h" for hour in (324, 325, 326, 328, 332)}
    found = [
        Check(of=key, model=SOLUTION, number=lambda known, hour=hour: float(levels.single(known, SOLUTION, 1.0).at([hour])[0]), origin=CODE)
        for hour, key in single.items()
    ] + [
        Check(of=key, model=SOLUTION, number=lambda known, hour=hour: levels.repeated(known, SOLUTION, 0.5, 12.0, hour), origin=CODE)
        for hour, key in steady.items()
    ]  # fmt: skip
    for model in (SOLUTION, GREENBLATT):
        used = USED if model == GREENBLATT else FREE
        found += [
            Check(of="czp-crev-po-cmax", model=model, number=_of(model, 2.0, "cmax"), origin=FREE, band=_review(12, 18)),
            Check(of="czp-crev-po-auc0-inf", model=model, number=_area(model, 2.0), origin=FREE, band=_review(500, 570)),
            Check(of="czp-crev-po-half-life", model=model, number=_of(model, 2.0, "half_life_h"), origin=FREE, band=_review(38, 43)),
            Check(of="czp-green05-po-half-life", model=model, number=_of(model, 0.5, "half_life_h"), origin=used),
            Check(of="czp-green05-po-apparent-clearance", model=model, number=_figure(model, "clearance", ML_MIN), origin=used),
            Check(of="czp-green05-po-accumulation-ratio-day7-day1", model=model, number=lambda known, model=model: levels.accumulation(known, model, 8.0, day=7), origin=FREE, how="area of day 7 over that of day 1"),
            Check(of="czp-kaplan-cmax", model=model, number=_of(model, 2.0, "cmax"), origin=FREE),
            Check(of="czp-ch-ss-cmin-ss-pre-dose", model=model, number=lambda known, model=model: levels.steady_trough(known, model, 2.0, (8.0, 16.0, 23.999)), origin=FREE, band=TROUGH),
        ]  # fmt: skip
    return found


def _others() -> list[Check]:
    dzp, nor, lzp = "diazepam-oral", "clorazepate-oral", "lorazepam-oral"
    whole = 0.95
    own_half_life = lambda known: log(2.0) * levels.figure(known, nor, "central-volume") / levels.figure(known, nor, "clearance")  # fmt: skip  # noqa: E731
    return [
        Check(of="dzp-herman-iv-half-life-young-men-20-30", model=dzp, number=_of(dzp, 10.0, "half_life_h"), origin=FREE),
        Check(of="dzp-herman-iv-volume-young-men-20-30", model=dzp, number=lambda known: whole * levels.vz(known, dzp) / KG, origin=FREE, how="Vz/F times 0.95, in 70 kg"),
        Check(of="dzp-herman-iv-clearance-young-men-20-30", model=dzp, number=lambda known: whole * levels.per_kg_min(levels.cleared(known, dzp)), origin=FREE, how="CL/F times 0.95, in 70 kg"),
        Check(of="dzp-herman-iv-half-life-elderly-men-60-75", model=dzp, number=_of(dzp, 10.0, "half_life_h", years=68), origin=USED, how="at 68 years; its volume in old age was set by the same study"),
        Check(of="dzp-herman-iv-volume-elderly-men-60-75", model=dzp, number=lambda known: whole * levels.vz(known, dzp, years=68) / KG, origin=USED, how="at 68 years: the young volume times the study's own ratio, so that what is wrong of the young is wrong of the old"),
        Check(of="dzp-herman-iv-clearance-elderly-men-60-75", model=dzp, number=lambda known: whole * levels.per_kg_min(levels.cleared(known, dzp, years=68)), origin=FREE, how="at 68 years"),
        Check(of="dzp-green21-half-life-diazepam-young-21-33", model=dzp, number=_of(dzp, 2.5, "half_life_h"), origin=FREE),
        Check(of="dzp-green21-half-life-nordazepam-young-21-33", model=dzp, number=lambda known: levels.own_half_life(known, dzp, 1), origin=FREE),
        Check(of="dzp-green21-half-life-diazepam-elderly-61-78", model=dzp, number=_of(dzp, 2.5, "half_life_h", years=70), origin=FREE, how="at 70 years"),
        Check(of="dzp-green21-half-life-nordazepam-elderly-61-78", model=dzp, number=lambda known: levels.own_half_life(known, dzp, 1, years=70), origin=USED, how="at 70 years: the young half-life times the study's own ratio"),
        Check(of="dzp-green21-css-ratio", model=dzp, number=lambda known: levels.cleared(known, dzp) / levels.cleared(known, dzp, years=70), origin=FREE, part="diazepam", how="at 70 years over a young adult; printed as not significant"),
        Check(of="dzp-green21-css-ratio", model=dzp, number=lambda known: levels.cleared(known, dzp, analyte=1) / levels.cleared(known, dzp, analyte=1, years=70), origin=USED, part="nordazepam", how="at 70 years over a young adult; printed as not significant"),
        Check(of="dmdz-clz-iv-volume", model=nor, number=_figure(nor, "central-volume", 1.0 / KG), origin=USED),
        Check(of="dmdz-clz-iv-half-life", model=nor, number=own_half_life, origin=FREE, how="follows from the printed clearance and volume, which do not give the printed half-life"),
        Check(of="dmdz-clz-iv-clearance", model=nor, number=lambda known: levels.per_kg_min(levels.figure(known, nor, "clearance")), origin=USED),
        Check(of="dmdz-clz-po-cmax", model=nor, number=_of(nor, 20.0, "cmax"), origin=FREE, how="one compartment understates the first hours"),
        Check(of="dmdz-clz-po-tmax", model=nor, number=_of(nor, 20.0, "tmax_h"), origin=USED),
        *[
            check
            for mg in (2, 4)
            for check in (
                Check(of=f"lzp-green79-iv-volume-{mg}-mg", model=lzp, number=lambda known: levels.vz(known, lzp) / KG, origin=FREE, how="Vz; the paper does not say which volume"),
                Check(of=f"lzp-green79-iv-half-life-{mg}-mg", model=lzp, number=_of(lzp, float(mg), "half_life_h"), origin=FREE),
                Check(of=f"lzp-green79-iv-clearance-{mg}-mg", model=lzp, number=lambda known: levels.per_kg_min(levels.figure(known, lzp, "clearance")), origin=FREE),
                Check(of=f"lzp-green79-po-lag-time-{mg}-mg", model=lzp, number=_figure(lzp, "lag", 60.0), origin=USED),
                Check(of=f"lzp-green79-po-absorption-half-life-{mg}-mg", model=lzp, number=lambda known: 60.0 * log(2.0) / levels.figure(known, lzp, "absorption-rate"), origin=USED, how="one rate for both doses, the geometric mean of both: so it meets neither"),
                Check(of=f"lzp-green79-po-bioavailability-{mg}-mg", model=lzp, number=_figure(lzp, "bioavailability"), origin=USED),
            )
        ],
        Check(of="lzp-dk83-iv-half-life", model=lzp, number=_of(lzp, 2.0, "half_life_h"), origin=USED),
        Check(of="lzp-dk83-iv-alpha-half-life", model=lzp, number=lambda known: _alpha(known, lzp), origin=USED),
        Check(of="lzp-dk83-iv-vd-beta", model=lzp, number=lambda known: levels.vz(known, lzp) / KG, origin=USED),
        Check(of="lzp-dk83-iv-clearance", model=lzp, number=_figure(lzp, "clearance", 1000.0 / KG), origin=USED),
        Check(of="lzp-dk83-iv-vc", model=lzp, number=_figure(lzp, "central-volume", 1.0 / KG), origin=USED),
    ]  # fmt: skip


def _alpha(known: Knowledge, model: str) -> float:
    """This function will return the half-life of the first phase [h], from the compartments and not from the code's modes."""
    clearance, central, between, aside = (
        levels.figure(known, model, name) for name in ("clearance", "central-volume", "between-clearance", "peripheral-volume")
    )  # fmt: skip
    total, product = clearance / central + between / central + between / aside, clearance / central * between / aside
    return log(2.0) / ((total + (total * total - 4.0 * product) ** 0.5) / 2.0)


def _peak_day(drug: str) -> tuple[Callable[[Knowledge], float], Callable[[Knowledge, str], float]]:
    return (
        lambda known: courses.abrupt(known, drug).peak_day,
        lambda known, effect: courses.abrupt(known, drug, effect).peak_day,
    )


def _withdrawal() -> list[Check]:
    found: list[Check] = []
    a_day = Band(low=1.0, high=3.0, why="to a day: symptoms were rated by the day")
    for drug in ("alprazolam", "lorazepam"):
        number, rivals = _peak_day(drug)
        found.append(Check(of="w-rick90-day-of-peak-withdrawal-severity-short-half-life-bzd", model=drug, number=number, rivals=rivals, origin=USED, band=a_day, how=f"abrupt stop of {drug} after years"))  # fmt: skip
    for drug in ("clorazepate", "diazepam"):
        number, rivals = _peak_day(drug)
        found.append(Check(of="w-rick90-day-of-peak-withdrawal-severity-long-half-life-bzd", model=drug, number=number, rivals=rivals, origin=USED, how=f"abrupt stop of {drug} after years"))  # fmt: skip
    for drug in ("lorazepam", "diazepam"):
        gone = "day from which withdrawal stays below 5 % of the effect of the dose"
        found += [
            Check(of="w-busto-time-to-disappearance-of-symptoms", model=drug, origin=USED,
                  number=lambda known, drug=drug: courses.abrupt(known, drug).last_day_above(courses.GONE),
                  rivals=lambda known, effect, drug=drug: courses.abrupt(known, drug, effect).last_day_above(courses.GONE),
                  band=Band(low=21, high=35, why="to a week: symptoms were followed by the week"), how=f"{drug}: {gone}"),
            Check(of="w-petur-onset-of-rebound", model=drug, origin=FREE,
                  number=lambda known, drug=drug: float(-(-_onset(known, drug) // 1.0)),
                  rivals=lambda known, effect, drug=drug: float(-(-_onset(known, drug, effect) // 1.0)),
                  how=f"{drug}: the day, counted from 1, on which withdrawal reaches half of its peak"),
            Check(of="w-petur-duration-of-full-withdrawal-syndrome", model=drug, origin=USED,
                  number=lambda known, drug=drug: _above_half(known, drug),
                  rivals=lambda known, effect, drug=drug: _above_half(known, drug, effect),
                  how=f"{drug}: how long withdrawal is above half of its peak"),
            Check(of="w-brenner-abstinence-phenomena-largely-gone", model=drug, origin=USED,
                  number=lambda known, drug=drug: courses.brenner(known, drug),
                  rivals=lambda known, effect, drug=drug: courses.brenner(known, drug, effect),
                  band=Band(low=0.0, high=10.0, why="by then, or sooner"),
                  how=f"{drug}, halved every five days, five times: days after the end from which withdrawal is below a tenth of the effect of the dose"),
        ]  # fmt: skip
    return [
        *found,
        Check(of="w-nardi-withdrawal-severity", model=TABLET, number=courses.nardi_peak, rivals=courses.nardi_peak, origin=FREE,
              band=Band(low=0.0, high=0.5, why="mild: the peak is at most half of that of an abrupt stop"),
              unit="", how="peak on Nardi's schedule from 2.5 mg a day, over the peak after an abrupt stop"),
        Check(of="w-moroz-withdrawal-syndrome", model=TABLET, number=courses.moroz_peak, rivals=courses.moroz_peak, origin=USED,
              band=Band(low=0.0, high=0.1, why="none suggestive: at most a tenth of the effect of the dose"),
              unit="", how="peak of withdrawal on a taper of seven equal weekly steps from 4 mg after six weeks of it"),
        Check(of="w-busto-symptoms-severity-dropout", model="diazepam-oral", number=courses.busto_ratio, rivals=courses.busto_ratio, origin=FREE,
              band=Band(low=0.0, high=0.8, why="placebo > taper: a peak at least a fifth lower"),
              unit="", how="peak on eight weeks' taper of diazepam, over the peak after an abrupt stop"),
        Check(of="w-trz87-duration-of-rebound", model="triazolam-oral", number=courses.rebound_nights, rivals=lambda known, effect: courses.rebound_nights(known, effect=effect), origin=USED,
              how="nights after 8 nights of 0.5 mg on which withdrawal is at least half of that of the first"),
        Check(of="w-gillin-carry-over-benefit-then-mild-rebound", model="flurazepam-oral", origin=FREE,
              number=lambda known: courses.flurazepam(known).peak_day,
              rivals=lambda known, effect: courses.flurazepam(known, effect).peak_day,
              band=Band(low=4.0, high=10.0, why="rebound from the fourth to the tenth night"),
              part="rebound", unit="nights", how="night on which withdrawal peaks after 33 nights of 30 mg"),
        Check(of="w-gillin-carry-over-benefit-then-mild-rebound", model="flurazepam-oral", origin=FREE,
              number=courses.carry_over_nights, rivals=courses.carry_over_nights,
              band=Band(low=2.0, high=3.0, why="benefit for two or three nights"),
              part="benefit", unit="nights", how="how long the effect is still more than what people are used to"),
        Check(of="t-fujita-receptor-occupancy", model="alprazolam-oral", number=courses.occupancy_fujita, origin=USED,
              how="average share of sites filled on the third day of 2 mg a day; the potency was calculated from this very number"),
        Check(of="w-protr-protracted-post-withdrawal-syndrome", model="adaptation", number=courses.protracted_percent, origin=USED,
              how="in how many people of 8192 that are drawn a slow process lasts for months"),
        Check(of="clonazepam/onset-single-dose", model=TABLET, number=lambda known: _felt(known, 0.5)[0], rivals=lambda known, effect: _felt(known, 0.5, effect)[0], origin=FREE,
              how="0.5 mg: felt is an effect of at least half of its own peak; from when"),
        Check(of="clonazepam/duration-6-12", model=TABLET, number=lambda known: _felt(known, 0.5)[1], rivals=lambda known, effect: _felt(known, 0.5, effect)[1], origin=FREE,
              part="0.5 mg", how="0.5 mg: felt as before; for how long"),
        Check(of="clonazepam/duration-6-12", model=TABLET, number=lambda known: _felt(known, 2.0)[1], rivals=lambda known, effect: _felt(known, 2.0, effect)[1], origin=FREE,
              part="2 mg", how="2 mg: felt as before; for how long"),
    ]  # fmt: skip


def _onset(known: Knowledge, drug: str, effect: str = "occupancy") -> float:
    found = courses.abrupt(known, drug, effect)
    return found.first_day_above(found.peak / 2.0)


def _above_half(known: Knowledge, drug: str, effect: str = "occupancy") -> float:
    found = courses.abrupt(known, drug, effect)
    return found.last_day_above(found.peak / 2.0) - found.first_day_above(found.peak / 2.0)


def _felt(known: Knowledge, mg: float, effect: str = "occupancy") -> tuple[float, float]:
    from opentaper.pharmacology.tolerance import single

    found = single(levels.people(known, TABLET, effect=effect), {"clonazepam": mg})
    return float(found.begins_h[0]), float(found.lasts_h[0])


CHECKS: tuple[Check, ...] = (*_clonazepam(), *_others(), *_withdrawal())

BY_MOUTH = "the models are of drugs taken by mouth; this was given by another route"
INSIDE = "the apparent values of the model contain it, so it cannot be read from them"
DECISIONS = (
    "whether people stop, stay off or go back is a decision; the model follows a body that does what the plan says"
)
SLEEP = "the model has one effect, and no minutes of sleep or awakenings"
KINDS = "the model has one effect, and cannot tell sedation, anxiety, seizures or memory apart"

NOT_MODELLED: Mapping[str, str] = {
    "czp-crev-po-bioavailability": INSIDE,
    "czp-crev-im-cmax": BY_MOUTH,
    "czp-crev-im-tmax": BY_MOUTH,
    "czp-crev-im-half-life": f"{BY_MOUTH}, and slow absorption from muscle may set the half-life",
    "czp-crev-im-bioavailability": BY_MOUTH,
    "czp-green05-sc-cmax": BY_MOUTH,
    "czp-green05-sc-tmax": BY_MOUTH,
    "czp-green05-sc-relative-bioavailability-vs-oral": BY_MOUTH,
    "czp-berlin-md-prediction-error-of-cmin-ss-from-single-dose-constants": "the model is linear, so that steady levels follow from one dose exactly: an assumption that this figure supports, and no prediction",
    "czp-schols-in-cmax": BY_MOUTH,
    "czp-schols-in-second-peak": BY_MOUTH,
    "czp-schols-buc-cmax": BY_MOUTH,
    "czp-schols-iv-level-at-2-min": f"{BY_MOUTH}; put straight into its central volume the tablet model would give about 6 ng/mL, a quarter: it has no compartment for the first minutes",
    "czp-ch-range-anticonvulsant-range": "a range to aim at, not what a dose gives",
    "dmdz-clz-po-bioavailability-as-nordazepam": "taken as 1 in the model: an input",
    "w-nardi-medication-free-on-protocol": f"{DECISIONS}; for a virtual cohort",
    "w-nardi-medication-free-after-3-more-months": f"{DECISIONS}; for a virtual cohort",
    "w-rosenb-worsening": "the illness itself, which may come back, is not modelled",
    "w-rick90-returned-to-bzd-within-5-weeks-short-half-life-bzd": DECISIONS,
    "w-rick90-returned-to-bzd-within-5-weeks-long-half-life-bzd": DECISIONS,
    "w-rick91-bzd-free": DECISIONS,
    "w-vosh03-discontinued-taper-alone": DECISIONS,
    "w-vosh03-discontinued-taper-group-cbt": DECISIONS,
    "w-vosh03-discontinued-usual-care": DECISIONS,
    "w-bail-blood-confirmed-discontinuation-taper-cbt-i-end-of-8-weeks": DECISIONS,
    "w-bail-blood-confirmed-discontinuation-taper-cbt-i-12-months": DECISIONS,
    "w-bail-blood-confirmed-discontinuation-taper-alone-end-of-8-weeks": DECISIONS,
    "w-bail-blood-confirmed-discontinuation-taper-alone-12-months": DECISIONS,
    "w-morin-drug-free-taper-cbt": DECISIONS,
    "w-morin-drug-free-taper-alone": DECISIONS,
    "w-morin-drug-free-cbt-alone": DECISIONS,
    "w-morin-drug-free-all": DECISIONS,
    "w-vicens-discontinued-sif-12-months": DECISIONS,
    "w-vicens-discontinued-sif-36-months": DECISIONS,
    "w-vicens-discontinued-siw-12-months": DECISIONS,
    "w-vicens-discontinued-siw-36-months": DECISIONS,
    "w-vicens-discontinued-control-12-months": DECISIONS,
    "w-vicens-discontinued-control-36-months": DECISIONS,
    "w-vicens-still-abstinent": DECISIONS,
    "w-empower-discontinued-education-booklet": DECISIONS,
    "w-empower-dose-reduced-education-booklet": DECISIONS,
    "w-empower-discontinued-wait-list": DECISIONS,
    "w-empower-dose-reduced-wait-list": DECISIONS,
    "w-empowered-cessation-or": DECISIONS,
    "w-gould-or-of-not-using-supervised-withdrawal-psychotherapy": DECISIONS,
    "w-gould-or-of-not-using-withdrawal-prescribing-interventions": DECISIONS,
    "w-gould-or-of-not-using-multifaceted-prescribing-interventions": DECISIONS,
    "w-vosh06-or-success-minimal-intervention-vs-usual": DECISIONS,
    "w-vosh06-or-success-systematic-discontinuation-vs-usual": DECISIONS,
    "w-bashir-reduction-recorded": DECISIONS,
    "w-cormack-no-prescriptions": DECISIONS,
    "w-trz87-sleep-latency-vs-baseline": SLEEP,
    "w-trz87-sleep-duration-vs-baseline": SLEEP,
    "w-trz87-awakenings-vs-baseline": SLEEP,
    "w-manf-total-wake-time-vs-baseline-triazolam": SLEEP,
    "w-manf-total-wake-time-vs-baseline-temazepam": SLEEP,
    "w-gillin-studies-with-disturbed-sleep": f"{SLEEP}, nor how many studies find them",
    "w-esz-clinically-relevant-withdrawal-bhwss-7": "nothing ties withdrawal in the model to the points of a questionnaire, so no share of people can be read off",
    "t-fujita-unoccupied-receptor-level-vs-day-3": "getting used is one number, and not a number of receptors",
    "t-seidel-tolerance-to-daytime-sedation": f"{KINDS}; and against it stands that diazepam brought none in the same seven days, where the model gives every drug the same",
    "t-ellin-acute-tolerance-clockwise": "nothing in the model is faster than a day, so that tolerance within hours is missing",
    "t-lzp00-tolerance-of-eeg-effect": KINDS,
    "t-nath-tolerance-development": "drugs differ in the model by their kinetics and potency alone",
    "t-vink-tolerance-by-effect": KINDS,
    "g-asam-recommended-pace": "what a guideline asks for is a limit of the planner, and nothing to predict",
}


def silent(known: Knowledge) -> Sequence[str]:
    """Return the observations that are in neither table."""
    checked = {check.of for check in CHECKS}
    return [key for key in known.observations if key not in checked and key not in NOT_MODELLED]
