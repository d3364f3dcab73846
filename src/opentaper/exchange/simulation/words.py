"""A forecast in sentences. Each one says that it is modelled, its band, what it assumes, who says so, and how far that is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opentaper.exchange.simulation.assumed import state_of
from opentaper.exchange.simulation.figure import Figure
from opentaper.exchange.simulation.forecast import Forecast, Peak, peak_of
from opentaper.frozen import dataclass
from opentaper.quantity import Dose

NINE_OF_TEN = "nine of ten people"
NO_BAND = "no people were drawn, so it has no band"
NOT_ADVICE = (
    "Levels and percentages are not advice: nobody should take more or less because of them, and nothing here changes a "
    "limit or a verdict. A small figure does not mean that it will be easy."
)
WHOLE = "100 % is the whole effect of the present dose, averaged over a day. Withdrawal is what is missing of what the body is used to."
SUDDEN_STOP = "Stopping suddenly can cause seizures and death, whatever is predicted here [abrupt-stop]."
OVERDOSE = (
    "Whoever has been without it, or has come down, is no longer used to the old dose: going back to it can sedate too much "
    "and stop breathing, most of all with opioids or alcohol [clonazepam/warning-lost-tolerance, for every drug of its kind]."
)
BASELINE = "read every other figure against it"
OF_THE_PLAN = ("peak", "as planned", "everyday", "sudden stop", "missed day")
"""What sentences of the plan and of what it is compared with are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelled:
    """A modelled sentence that can stand alone.

    Args:
        about: what it is about, in a word or two: peak, everyday, …
        says: the sentence with its number.
        band: between what nine of ten people lie, as a clause; or why there is none.
        assumes: the assumptions it stands on, as a clause.
        keys: what `opentaper facts` shows them under.
        state: how far they have been checked.
    """

    about: str
    says: str
    band: str
    assumes: str
    keys: tuple[str, ...]
    state: str

    @property
    def basis(self) -> str:
        """What it assumes, who says so, and how far that is checked."""
        return f"Assumes {self.assumes} [{', '.join(self.keys)}; {self.state}]."

    @property
    def sentence(self) -> str:
        """Everything in one line."""
        return f"Modelled: {self.says}; {self.band}. {self.basis}"


def sentences(forecast: Forecast) -> tuple[Modelled, ...]:
    """Return every modelled sentence of a forecast, in the order in which they are shown."""
    return (*_peaks(forecast), *_beside(forecast), *_rivals(forecast), *_resumed(forecast), *_felt(forecast))


def asked_says(forecast: Forecast) -> tuple[str, ...]:
    """Say what is to happen otherwise than planned; nothing where nothing is."""
    asked = forecast.asked
    taken = {0: "nothing is taken", 2: "twice the dose is taken"}
    said = [
        f"on {slip.on}{f', {slip.time},' if slip.time else ''} {taken.get(slip.times, f'{slip.times} times the dose is taken')}"
        for slip in asked.slips
    ]
    if asked.stop_on is not None:
        said.append(f"from {asked.stop_on} on nothing is taken")
    said += [f"{other} is begun on {day}" for other, day in asked.begun]
    said += [f"{other} is ended on {day}" for other, day in asked.ended]
    return tuple(said)


def steps_says(forecast: Forecast) -> Modelled:
    """Say what the figures of each step are."""
    says = (
        "level, effect and what the body is used to on the last day of each step, and the most withdrawal in it; levels are "
        "the lowest of the day"
    )
    return _modelled(forecast, "steps", says, f"in brackets, {NINE_OF_TEN}" if forecast.planned.people else NO_BAND)


def rivals_says(forecast: Forecast) -> Modelled:
    """Say what the figures under each rival assumption are."""
    own = forecast.planned.effect.key
    says = "the most withdrawal of one typical person, by each assumption about the effect alone"
    band = f'by "{own}", {_peak_band(forecast.peak)} in this plan' if forecast.planned.people else NO_BAND
    return _modelled(forecast, "rivals", says, band)


def short_state(state: str) -> str:
    """Return a review state in two words or one: pending review, reviewed.

    Example:
        >>> short_state("pending review: nobody has signed it yet")
        'pending review'
    """
    return state.partition(":")[0]


def dose_list(of: Mapping[str, Dose]) -> str:
    """Say doses of one or several drugs."""
    return " and ".join(f"{dose} of {drug}" for drug, dose in of.items())


def present_dose(forecast: Forecast) -> str:
    """Say what is taken now of the drugs of a forecast."""
    taking = [each for each in forecast.case.taking if each.drug in forecast.planned.kinetics]
    return " and ".join(f"{each.daily} of {each.drug}" for each in taking) + " a day"


def _modelled(
    forecast: Forecast, about: str, says: str, band: str, *, effect: str | None = None,
    kinds: tuple[str, ...] = ("kinetics", "effect", "adaptation"),
) -> Modelled:  # fmt: skip
    own = forecast.planned.effect.key
    effect = effect or own
    keys = dict.fromkeys(each.key for each in forecast.assumed if each.kind in kinds)
    used = f'effect by "{effect}"' + (' and getting used to it by "adaptation"' if "adaptation" in kinds else "")
    return Modelled(
        about=about, says=says, band=band, assumes=used, keys=tuple(effect if key == own else key for key in keys),
        state=short_state(state_of(forecast.assumed)),
    )  # fmt: skip


def _peaks(forecast: Forecast) -> Iterator[Modelled]:
    peak = forecast.peak
    asked = " and ".join(asked_says(forecast))
    what = f"withdrawal in this plan, if {asked}," if asked else "withdrawal in this plan"
    yield _modelled(forecast, "peak", f"{what} is at most {_amount(peak)}, on {peak.on}", _peak_band(peak))
    if forecast.as_planned is not None:
        peak = peak_of(forecast.as_planned)
        says = f"as planned, without that, withdrawal would be at most {_amount(peak)}, on {peak.on}"
        yield _modelled(forecast, "as planned", says, _peak_band(peak))


def _beside(forecast: Forecast) -> Iterator[Modelled]:
    if (everyday := forecast.everyday) is not None:
        says = f"on the present dose withdrawal between doses is {everyday.about_percent} every day: {BASELINE}"
        yield _modelled(forecast, "everyday", says, _band(everyday))
    stop, first = peak_of(forecast.abrupt), forecast.regimen.steps[0].from_
    says = f"a sudden stop on {first} would bring {_amount(stop)}, on {stop.on}"
    yield _modelled(forecast, "sudden stop", says, _peak_band(stop))
    if (missed := forecast.missed) is not None:
        says = (
            f"with nothing taken on {missed.on}, the worst of the four weeks from it would be {_amount(missed.without)}, on "
            f"{missed.without.on}, instead of {_amount(missed.as_planned)}"
        )
        yield _modelled(forecast, "missed day", says, _peak_band(missed.without))


def _rivals(forecast: Forecast) -> Iterator[Modelled]:
    own = forecast.planned.effect.key
    stopped = forecast.rivals(forecast.abrupt)
    for key, peak in forecast.rivals(forecast.planned).items():
        says = (
            f'by "{key}", withdrawal in this plan is at most {_amount(peak)}, on {peak.on}, and after a sudden stop '
            f"{_amount(stopped[key])}, on {stopped[key].on}"
        )
        band = _peak_band(forecast.peak)
        band = band if key == own else f"of one typical person (by {own}, {band} in this plan)"
        yield _modelled(forecast, f"rival {key}", says, band, effect=key)


def _resumed(forecast: Forecast) -> Iterator[Modelled]:
    a_day = present_dose(forecast)
    for days, figure in forecast.resumed.items():
        when = (
            f"after {days} days without any, going back to {a_day} would be"
            if days
            else f"today, used to it, {a_day} is"
        )
        says = f"{when} {figure.about_percent} as strong as for somebody who begins with it"
        yield _modelled(forecast, f"back after {days} days" if days else "today", says, _band(figure))


def _felt(forecast: Forecast) -> Iterator[Modelled]:
    if (felt := forecast.felt) is None:
        return
    says = (
        f"somebody who never took any feels a single {dose_list(felt.doses)} (half of its most or above) after "
        f"{felt.begins.about_hours}, most after {felt.peak.about_hours}, and for {felt.lasts.about_hours}; it stays in the "
        "body for longer than it is felt"
    )
    band = f"{NINE_OF_TEN} feel it for {felt.lasts.hours_band}" if felt.lasts.low is not None else NO_BAND
    yield _modelled(forecast, "single dose", says, band, kinds=("kinetics", "effect", "potency"))


def _amount(peak: Peak) -> str:
    return peak.withdrawal.about_percent


def _band(figure: Figure) -> str:
    return NO_BAND if figure.low is None else f"{NINE_OF_TEN} lie between {_and(figure.percent_band)}"


def _peak_band(peak: Peak) -> str:
    return (
        NO_BAND if peak.withdrawal.low is None else f"{NINE_OF_TEN} peak between {_and(peak.withdrawal.percent_band)}"
    )


def _and(band: str) -> str:
    return band.replace(" to ", " and ")
