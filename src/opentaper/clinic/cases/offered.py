"""The options of a case as pages show them: found once a case and base, reviewed for the day, measured side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from opentaper.care import plan_of
from opentaper.clinic.cases.recent import Recent
from opentaper.clinic.language import of_page
from opentaper.exchange import Chart, Comparison, Ease, compare, dose_over_time, ease, ease_chart, followed_chart
from opentaper.knowledge import Knowledge, digest
from opentaper.patient import Case, Regimen
from opentaper.plan import Infeasible, Options, Plan, propose
from opentaper.record import History
from opentaper.review import Reviewed, review

NARROW = (330, 240)
"""The size of a chart on a phone [px]."""

# All of it together is about twenty megabytes: most options are of 70 kB, a picture of 160.
_options: Recent[Options] = Recent(64)
_eases: Recent[Ease | Infeasible] = Recent(32)
_pictures: Recent[str] = Recent(8_000_000, weigh=len)
_followed: Recent[Chart] = Recent(64)
_plans: Recent[Plan] = Recent(64)
_pen = Lock()


def options_of(case: Case, known: Knowledge, protocol: str | None = None) -> Options:
    """Return the options of a case, or those of a published protocol."""
    return _options.get((digest(case.plain()), known.digest, protocol), lambda: propose(case, known, protocol=protocol))


@dataclass(frozen=True, kw_only=True)
class Offers:
    """Options with their reviews and measures."""

    options: Options
    judged: Sequence[Reviewed]
    compared: Sequence[Comparison]

    def named(self, name: str) -> tuple[Plan, Reviewed] | None:
        """Return an option by its name, with its review."""
        pairs = zip(self.options.plans, self.judged, strict=True)
        return next(((plan, judged) for plan, judged in pairs if plan.name == name), None)


def offers_of(case: Case, known: Knowledge, on: dt.date, protocol: str | None = None) -> Offers:
    """Return the options of a case with what review says of them on a day."""
    options = options_of(case, known, protocol)
    judged = [review(plan.regimen, case, known, on=on) for plan in options.plans]
    return Offers(options=options, judged=judged, compared=compare(options, judged, case, known))


def plan_behind(now: History, mark: str, known: Knowledge) -> Plan:
    """Return the plan behind a version, with the reason for every row."""
    return _plans.get((mark, known.digest), lambda: plan_of(now, mark, known))


def length_buys(case: Case, known: Knowledge, on: dt.date) -> tuple[Ease | Infeasible, Offers]:
    """Return what a model predicts that length buys, with the standing options beside it. It takes seconds."""
    offers = offers_of(case, known, on)
    key = (digest(case.plain()), known.digest, on)
    return _eases.get(key, lambda: ease(offers.compared, case, known)), offers


def dose_picture(regimen: Regimen, case: Case, known: Knowledge, *, draft: bool, dark: bool, narrow: bool) -> str:
    """Return the doses of a regimen over time as SVG."""
    lang = of_page()
    key = ("dose", digest(regimen.plain()), digest(case.plain()), known.digest, draft, dark, narrow, lang)
    return _pictures.get(key, lambda: _drawn(dose_over_time(regimen, case, known, lang, draft=draft), dark, narrow))


def ease_picture(case: Case, known: Knowledge, on: dt.date, *, dark: bool, narrow: bool) -> str | None:
    """Return what length buys as SVG; None where nothing can be predicted."""
    found, _ = length_buys(case, known, on)
    if isinstance(found, Infeasible):
        return None
    key = ("ease", digest(case.plain()), known.digest, on, dark, narrow)
    return _pictures.get(key, lambda: _drawn(ease_chart(found, case, known), dark, narrow))


def followed(now: History, today: dt.date, *, narrow: bool = False) -> Chart | None:
    """Return the chart of the plan in force with what was observed beside it; None where no plan is in force."""
    if now.in_force is None:
        return None
    printed, observed = now.in_force.version.printed, tuple(now.observed.values())
    lang = of_page()
    key = (now.in_force.version.digest, observed, today, narrow, lang)
    return _followed.get(key, lambda: followed_chart(printed, observed, today, lang, narrow=narrow))


def picture(chart: Chart, *, dark: bool) -> str:
    """Return a chart as SVG."""
    return _pictures.get((chart.name, chart.says, str(chart.spec), dark), lambda: _drawn(chart, dark, False))


def _drawn(chart: Chart, dark: bool, narrow: bool) -> str:
    if narrow:
        chart = chart.within(*NARROW)
    with _pen:  # one at a time: what draws is large
        return (chart.dark if dark else chart).picture()
