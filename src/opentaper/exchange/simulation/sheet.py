"""A forecast as a table for a spreadsheet: a line a day, every line saying that it is modelled."""

from __future__ import annotations

import csv
import io

from opentaper.exchange.simulation.assumed import state_of
from opentaper.exchange.simulation.forecast import Forecast
from opentaper.exchange.simulation.series import Series, courses, days_of, doses_of, withdrawal
from opentaper.exchange.simulation.words import short_state

NAMES = {"effect": "effect_percent", "adapted": "adaptation_percent", "withdrawal": "withdrawal_percent"}


def simulation_sheet(forecast: Forecast) -> str:
    """Write a forecast as CSV: ISO dates, decimal points, per cent of the effect of the present dose, levels in ng/mL.

    `_low` and `_high` are the edges between which nine of ten people lie, empty where no people were drawn.
    """
    columns = _columns(forecast)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _columns(forecast: Forecast) -> dict[str, tuple[str, ...]]:
    planned = forecast.planned
    days = days_of(planned)
    columns = {"on": days}
    columns |= {f"{drug}_mg": each for drug, each in doses_of(planned).items()}
    for name, each in courses(planned).items():
        columns |= _edges(NAMES.get(name, f"{name.removeprefix('level-')}_ng_per_ml"), each, len(days))
    columns |= {
        f"withdrawal_percent_by_{key.replace('-', '_')}": withdrawal(each) for key, each in planned.rivals.items()
    }
    stopped = courses(forecast.abrupt)["withdrawal"].middle[: len(days)]
    columns["withdrawal_percent_after_a_sudden_stop"] = stopped + ("",) * (len(days) - len(stopped))
    models = " ".join(
        [*(model.key for model in planned.kinetics.values()), planned.effect.key, forecast.known.adaptation.key]
    )
    columns["models"] = (models,) * len(days)
    columns["state"] = (f"modelled, {short_state(state_of(forecast.assumed))}",) * len(days)
    return columns


def _edges(name: str, each: Series, count: int) -> dict[str, tuple[str, ...]]:
    empty = ("",) * count
    return {name: each.middle, f"{name}_low": each.low or empty, f"{name}_high": each.high or empty}
