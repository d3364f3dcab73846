"""A forecast as one JSON document: decimal text with its unit in the key, bands, assumptions and sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from opentaper.exchange.document import knowledge_note
from opentaper.exchange.simulation import words
from opentaper.exchange.simulation.assumed import Assumption
from opentaper.exchange.simulation.figure import Figure, two_digits
from opentaper.exchange.simulation.forecast import Forecast, Outlook, Peak, peak_of
from opentaper.exchange.simulation.series import courses, days_of, doses_of, withdrawal
from opentaper.quantity import Dose, decimal_text
from opentaper.review import Reviewed

SIMULATE_SCHEMA = "opentaper.simulate/1"


def simulate_document(forecast: Forecast, reviewed: Reviewed, name: str, *, on: dt.date) -> dict[str, Any]:
    """Return the JSON document of `opentaper simulate`.

    Args:
        forecast: what is predicted.
        reviewed: what review says of the regimen; a forecast changes nothing of it.
        name: what the regimen is called: an option, a protocol, a file.
        on: the day of the review.
    """
    planned, own = forecast.planned, forecast.planned.effect.key
    stopped = forecast.rivals(forecast.abrupt)
    return {
        "schema": SIMULATE_SCHEMA,
        "modelled": True,
        "says": [words.WHOLE, words.NOT_ADVICE, words.SUDDEN_STOP, words.OVERDOSE],
        "knowledge": knowledge_note(forecast.known),
        "on": on.isoformat(),
        "plan": {
            "name": name,
            "from": forecast.regimen.steps[0].from_.isoformat(),
            "last_change": forecast.regimen.steps[-1].from_.isoformat(),
            "drugs": list(forecast.regimen.drugs),
            "regimen_digest": reviewed.regimen_digest,
            "verdict": reviewed.verdict.value,
            "blocked": reviewed.verdict.blocks,
        },
        "models": {
            "kinetics": {drug: model.key for drug, model in planned.kinetics.items()},
            "effect": own,
            "adaptation": forecast.known.adaptation.key,
            "people": planned.people,
            "seed": planned.seed,
            "band_percent_of_people": ["5", "95"],
        },
        "asked": list(words.asked_says(forecast)),
        "used_days": planned.course.used_days,
        "assumptions": [_assumption(each) for each in forecast.assumed],
        "not_followed": list(forecast.left_out),
        "steps": [_outlook(each) for each in forecast.outlooks],
        "peak": _peak(forecast.peak),
        "as_planned_peak": None if forecast.as_planned is None else _peak(peak_of(forecast.as_planned)),
        "everyday_withdrawal_percent": _figure(forecast.everyday, percent),
        "sudden_stop": {
            "stop_on": forecast.regimen.steps[0].from_.isoformat(),
            "peak": _peak(peak_of(forecast.abrupt)),
        },
        "missed_day": None
        if forecast.missed is None
        else {
            "on": forecast.missed.on.isoformat(),
            "peak": _peak(forecast.missed.without),
            "as_planned_peak": _peak(forecast.missed.as_planned),
        },
        "rivals": [
            {
                "effect": key,
                "says": forecast.known.effects[key].says,
                "against": forecast.known.effects[key].against,
                "source": forecast.known.effects[key].source,
                "used": key == own,
                "peak": _peak(peak),
                "sudden_stop_peak": _peak(stopped[key]),
            }
            for key, peak in forecast.rivals(planned).items()
        ],
        "going_back": [
            {"days_without": days, "strength_percent": _figure(each, percent)}
            for days, each in forecast.resumed.items()
        ],
        "single_dose": None
        if forecast.felt is None
        else {
            "dose_mg": _doses(forecast.felt.doses),
            "begins_h": _figure(forecast.felt.begins, two_digits),
            "peak_h": _figure(forecast.felt.peak, two_digits),
            "lasts_h": _figure(forecast.felt.lasts, two_digits),
        },
        "sentences": [_sentence(each) for each in words.sentences(forecast)],
        "days": _days(forecast),
    }


def percent(share: Fraction) -> str:
    """Print a share as a percentage to whole per cent, or to one place below one."""
    return (
        decimal_text(Fraction(round(share * 100)))
        if share * 100 >= 1
        else decimal_text(Fraction(round(share * 1000), 10))
    )


def _figure(figure: Figure | None, say: Any) -> dict[str, str | None] | None:
    if figure is None:
        return None
    low, high = (None if each is None else say(each) for each in (figure.low, figure.high))
    return {"middle": say(figure.middle), "low": low, "high": high}


def _peak(peak: Peak) -> dict[str, Any]:
    return {"on": peak.on.isoformat(), "withdrawal_percent": _figure(peak.withdrawal, percent)}


def _outlook(each: Outlook) -> dict[str, Any]:
    return {
        "from": each.from_.isoformat(),
        "until": each.until.isoformat() if each.until else None,
        "daily_mg": _doses(each.doses),
        "level_ng_per_ml": {key: _figure(figure, two_digits) for key, figure in each.level.items()},
        "effect_percent": _figure(each.effect, percent),
        "adaptation_percent": _figure(each.adapted, percent),
        "peak": _peak(each.peak),
    }


def _doses(doses: Mapping[str, Dose]) -> dict[str, str]:
    return {drug: dose.decimal for drug, dose in doses.items()}


def _assumption(each: Assumption) -> dict[str, str]:
    return {
        "kind": each.kind, "key": each.key, "says": each.says, "note": each.note, "source": each.source, "at": each.at,
        "confidence": each.confidence, "state": each.state,
    }  # fmt: skip


def _sentence(each: words.Modelled) -> dict[str, Any]:
    return {
        "about": each.about, "modelled": True, "says": each.says, "band": each.band, "assumes": each.assumes,
        "keys": list(each.keys), "state": each.state, "sentence": each.sentence,
    }  # fmt: skip


def _days(forecast: Forecast) -> dict[str, Any]:
    planned = forecast.planned
    found = courses(planned)
    return {
        "on": list(days_of(planned)),
        "dose_mg": {drug: list(each) for drug, each in doses_of(planned).items()},
        "level_ng_per_ml": {
            name.removeprefix("level-"): each.document() for name, each in found.items() if name.startswith("level-")
        },
        "effect_percent": found["effect"].document(),
        "adaptation_percent": found["adapted"].document(),
        "withdrawal_percent": found["withdrawal"].document(),
        "rival_withdrawal_percent": {key: list(withdrawal(each)) for key, each in planned.rivals.items()},
        "sudden_stop": {
            "on": list(days_of(forecast.abrupt)),
            "withdrawal_percent": courses(forecast.abrupt)["withdrawal"].document(),
        },
    }
