"""Published schedules and rules of pace, as data: what they print, not what we think of it."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import Dose, Share, Span

KINDS = ("proportional", "bands", "parts", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Between two doses: by how many mg, and how often, the protocol reduces."""

    above: Dose
    step_low: Dose
    step_high: Dose
    every_low: Span
    every_high: Span

    @classmethod
    def read(cls, table: Table) -> Band:
        band = cls(
            above=table.milligrams("above_mg"),
            step_low=table.milligrams("step_low_mg"),
            step_high=table.milligrams("step_high_mg"),
            every_low=table.span("every_days_low", least=1),
            every_high=table.span("every_days_high", least=1),
        )
        table.done()
        if not band.step_low or band.step_low > band.step_high or band.every_low > band.every_high:
            raise table.fail("step_low_mg", "a range runs from low to high")
        return band


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolIntake:
    """One intake of a printed row: when, of what, how much."""

    time: str
    drug: str
    dose: Dose

    @classmethod
    def read(cls, table: Table) -> ProtocolIntake:
        intake = cls(time=table.key("time"), drug=table.key("drug"), dose=table.dose("dose"))
        table.done()
        return intake


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRow:
    """One printed row: these intakes, for this long."""

    days: Span
    intakes: tuple[ProtocolIntake, ...]

    @classmethod
    def read(cls, table: Table) -> ProtocolRow:
        row = cls(
            days=table.span("days", least=1),
            intakes=tuple(ProtocolIntake.read(each) for each in table.tables("intakes")),
        )
        table.done()
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A column of a published or computed table that the protocol must reproduce to the last row."""

    of: str
    start: Dose
    daily_mg: tuple[Fraction, ...]
    on_day: tuple[int, ...]
    stated_weeks: str | None

    @classmethod
    def read(cls, table: Table) -> Golden:
        days = table.take("on_day")
        if not isinstance(days, list) or not all(type(day) is int for day in days):
            raise table.fail("on_day", "expected a list of whole numbers")
        golden = cls(
            of=table.text("of"),
            start=table.milligrams("start_mg"),
            daily_mg=tuple(Fraction(each) for each in table.take("daily_mg")),
            on_day=tuple(days),
            stated_weeks=table.maybe(table.text, "stated_weeks"),
        )
        table.done()
        if len(golden.daily_mg) != len(golden.on_day):
            raise table.fail("on_day", "there are not as many days as doses")
        return golden


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A published way to taper.

    kind "proportional" takes a share of the current or original dose every so many days; "bands" takes mg by
    dose band; "parts" prints the part of the original dose that is left after each interval; "table" prints
    rows with drug and time of day.
    """

    key: str
    name: str
    kind: str
    says: str
    source: str
    at: str
    confidence: str
    drugs: tuple[str, ...]
    rejected: str | None
    cut_first: str | None
    share: Share | None
    percent_of: str | None
    every_low: Span | None
    every_high: Span | None
    bands: tuple[Band, ...]
    parts_left: tuple[Fraction, ...]
    start: tuple[ProtocolIntake, ...]
    rows: tuple[ProtocolRow, ...]
    golden: tuple[Golden, ...]
    note: str | None

    @classmethod
    def read(cls, table: Table) -> Protocol:
        kind = table.choice("kind", KINDS)
        paced = kind in ("proportional", "parts")
        protocol = cls(
            key=table.key("key"),
            name=table.text("name"),
            kind=kind,
            says=table.text("says"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            drugs=table.texts("drugs"),
            rejected=table.maybe(table.text, "rejected"),
            cut_first=table.maybe(table.key, "cut_first"),
            share=table.share("share") if kind == "proportional" else None,
            percent_of=table.choice("percent_of", ("current", "original")) if kind == "proportional" else None,
            every_low=table.span("every_days_low", least=1) if paced else None,
            every_high=table.span("every_days_high", least=1) if paced else None,
            bands=tuple(Band.read(each) for each in table.tables("band")) if kind == "bands" else (),
            parts_left=tuple(Fraction(each) for each in table.texts("parts_left")) if kind == "parts" else (),
            start=tuple(ProtocolIntake.read(each) for each in table.tables("start")) if kind == "table" else (),
            rows=tuple(ProtocolRow.read(each) for each in table.tables("row")) if kind == "table" else (),
            golden=tuple(Golden.read(each) for each in table.maybe_tables("golden")),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if protocol.bands != tuple(sorted(protocol.bands, key=lambda band: band.above, reverse=True)):
            raise table.fail("band", "bands run from the highest dose down")
        return protocol
