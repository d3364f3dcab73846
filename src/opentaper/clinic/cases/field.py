"""The fields of the form about a person: what each asks, which answers there are, what was typed and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opentaper.clinic.cases.typed import NONE, Typed
from opentaper.clinic.language import drug as called
from opentaper.clinic.language import of_base, product, said
from opentaper.knowledge.facts import Drug, Medicine
from opentaper.patient import TIMES, UNKNOWN
from opentaper.patient.person import SEXES

SEXES_SAID = {"female": gettext_lazy("female"), "male": gettext_lazy("male"), "other": gettext_lazy("other")}
TIMES_SAID = {
    "morning": gettext_lazy("Morning"), "midday": gettext_lazy("Midday"), "afternoon": gettext_lazy("Afternoon"), "evening": gettext_lazy("Evening"),
    "night": gettext_lazy("Night"),
}  # fmt: skip
TEXT, DATE, SELECT, RADIO, CHECKS, LINES = "text", "date", "select", "radio", "checks", "lines"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that may be chosen."""

    value: str
    says: str
    chosen: bool = False
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field as the page shows it.

    Args:
        name: as it is sent, and its id on the page.
        label: what it asks.
        kind: how it is answered.
        value: what was typed.
        choices: the answers of a closed list; groups of them have a heading.
        help: what is worth knowing before one answers.
        problem: what is wrong with the answer.
        dose: whether a dose is typed, which is echoed.
    """

    name: str
    label: str
    kind: str = TEXT
    value: str = ""
    choices: Sequence[Choice] = ()
    groups: Sequence[tuple[str, Sequence[Choice]]] = ()
    help: str = ""
    problem: str = ""
    dose: bool = False
    mode: str = ""
    rest_says: str = ""
    """What opens all but the first answer, where there are many."""

    @property
    def few(self) -> Sequence[Choice]:
        """The answers that are always seen, where the others are opened."""
        return self.choices[:1] if self.rest_says else ()

    @property
    def rest(self) -> Sequence[Choice]:
        return self.choices[1:]

    @property
    def opened(self) -> bool:
        return any(each.chosen for each in self.rest) or bool(self.problem)

    @property
    def described(self) -> str:
        """The ids of what describes it, for a screen reader."""
        parts = [f"{self.name}-help"] * bool(self.help) + [f"{self.name}-problem"] * bool(self.problem)
        return " ".join(parts)

    @property
    def at(self) -> str:
        """Where a link from the summary goes: the field, or its first answer."""
        return f"{self.name}-0" if self.kind in (RADIO, CHECKS) else self.name


@dataclass(frozen=True, kw_only=True)
class MedicineFields:
    """The fields of one medicine."""

    number: int
    fields: Sequence[Field]
    doses: Sequence[Field]
    rarely: Sequence[Field]
    open: bool = False


@dataclass(kw_only=True)
class Form:
    """Every field of the form, in groups."""

    typed: Typed
    _all: list[Field] = field(default_factory=list)

    def ask(self, name: str, label: str, kind: str = TEXT, **how: Any) -> Field:
        made = Field(
            name=name,
            label=label,
            kind=kind,
            value=self.typed.one(name),
            problem=self.typed.problems.get(name, ""),
            **how,
        )
        self._all.append(made)
        return made

    def choose(
        self, name: str, label: str, answers: Iterable[tuple[str, str]], kind: str = SELECT, **how: Any
    ) -> Field:
        told = self.typed.many(name)
        choices = [Choice(value=value, says=says, chosen=value in told) for value, says in answers]
        return self.ask(name, label, kind, choices=choices, **how)

    @property
    def problems(self) -> list[Field]:
        """The fields with something wrong, in the order of the page."""
        return [each for each in self._all if each.problem]

    @property
    def unplaced(self) -> list[str]:
        """What is wrong and belongs to no field."""
        names = {each.name for each in self._all}
        return [says for name, says in self.typed.problems.items() if name not in names]

    def context(self) -> dict[str, Any]:
        """Return the groups for a template."""
        groups = {
            "whom": self._person(),
            "medicines": [self._medicine(row) for row in range(self.typed.rows)],
            "screening": self._screening(),
            "stock": self._stock(),
            "goal": self._goal(),
            "pace": self._pace(),
        }
        return {**groups, "rows": self.typed.rows, "problems": self.problems, "unplaced": self.unplaced}

    def _person(self) -> dict[str, Any]:
        known = self.typed.known
        sexes = [("", _("not said")), *((each, str(SEXES_SAID[each])) for each in SEXES)]
        conditions = sorted(
            ((each.key, said(each.name)) for each in known.conditions.values()), key=lambda each: each[1]
        )
        return {
            "first": [
                self.ask("name", _("Name")),
                self.ask("born", _("Born"), DATE),
                self.choose("indication", _("Why the drug was started"), [("", _("not said")), *conditions]),
            ],
            "conditions": self.choose(
                "conditions", _("Conditions that the person has"), [(NONE, _("None of these")), *conditions], CHECKS,
                help=_("If nothing is ticked, nobody knows; and what nobody knows, blocks."), rest_says=_("Name the conditions"),
            ),
            "more": [
                self.ask("other", _("Other conditions, one a line"), LINES),
                self.choose("sex", _("Sex"), sexes),
                self.ask("weight_kg", _("Weight in kg"), mode="decimal"),
            ],
        }  # fmt: skip

    def _medicine(self, row: int) -> MedicineFields:
        known, at = self.typed.known, f"taking-{row}"
        tapered = [(key, _called(drug)) for key, drug in known.drugs.items() if known.tapered_drug(key)]
        other = [(key, _called(each)) for key, each in known.medicines.items()]
        doses = [self.ask(f"{at}-{time}", str(TIMES_SAID[time]), dose=True, help="") for time in TIMES]
        if row == 0:
            drug = self.choose(f"{at}-drug", _("Drug"), [("", _("choose")), *tapered])
            fields = [drug]
        else:
            told = self.typed.many(f"{at}-drug")
            groups = [
                (title, [Choice(value=value, says=says, chosen=value in told) for value, says in listed])
                for title, listed in (
                    (_("Benzodiazepines and Z-drugs"), tapered),
                    (_("Medicines with known interactions"), other),
                )
            ]
            first = [Choice(value="", says=_("choose"), chosen=not told)]
            fields = [
                self.ask(f"{at}-drug", _("Medicine"), SELECT, choices=first, groups=groups),
                self.ask(f"{at}-other", _("or any other, by name")),
            ]
        days = [("", _("not said")), ("7", _("every day")), *((str(each), str(each)) for each in range(6, 0, -1))]
        fields += [
            self.ask(f"{at}-since", _("Taken since"), DATE),
            self.choose(f"{at}-days_per_week", _("On how many days a week"), days),
        ]
        rarely = [
            self.ask(f"{at}-dose_since", _("This dose since, if it was another one before"), DATE),
            *([self.ask(f"{at}-until", _("Until, if it ends by itself"), DATE)] if row else []),
        ]
        return MedicineFields(
            number=row + 1,
            fields=fields,
            doses=doses,
            rarely=rarely,
            open=any(each.value or each.problem for each in rarely),
        )

    def _screening(self) -> list[Field]:
        answers = (("yes", _("yes")), ("no", _("no")), (UNKNOWN, _("unknown")))
        found = []
        for key, question in self.typed.known.questions.items():
            name = f"screening-{key}"
            told = self.typed.one(name) or UNKNOWN
            choices = [Choice(value=value, says=says, chosen=value == told) for value, says in answers]
            found.append(self.ask(name, of_base(question.asks), RADIO, choices=choices, help=of_base(question.because)))
        return found

    def _stock(self) -> dict[str, Any]:
        typed, known = self.typed, self.typed.known
        drugs = [typed.one(f"taking-{row}-drug") for row in range(typed.rows)]
        kept = typed.before.supply.country if typed.before else None
        country = kept or typed.country
        told = typed.many("products")
        listed = [
            product
            for drug in drugs
            if known.tapered_drug(drug)
            for product in known.products_of(drug)
            if product.country in (country, "compounded")
        ]
        choices = [
            Choice(
                value=each.key,
                says=f"{called(each.drug)} {product(each)}" if len({one.drug for one in listed}) > 1 else product(each),
                chosen=each.key in told,
                more="; ".join(
                    [
                        *([each.name] if each.name != "generic" else []),
                        *([] if known.stocked(each) else [str(_("not in the clinic's formulary"))]),
                    ]
                ),
            )
            for each in listed
        ]
        parts = [("whole", _("whole pieces only")), ("half", _("halves")), ("quarter", _("quarters"))]
        usual = {"pieces": known.convention("pieces").value, "step": known.convention("liquid-step-ml").value}
        told_part = typed.one("pieces") or usual["pieces"]
        return {
            "country": country,
            "products": self.ask(
                "products", _("What the pharmacy has"), CHECKS, choices=choices,
                help=_("If nothing is ticked, a plan may use every everyday product of the country."),
            ),
            "how": [
                self.ask(
                    "pieces", _("Smallest piece of a tablet"), SELECT,
                    choices=[Choice(value=value, says=says, chosen=value == told_part) for value, says in parts],
                    help=_("Never smaller than the tablet's own score allows."),
                ),
                self.ask(
                    "liquid_step_ml", _("Smallest step of a liquid, in mL"), mode="decimal",
                    help=_("If empty: %(step)s mL.") % {"step": usual["step"]},
                ),
            ],
        }  # fmt: skip

    def _goal(self) -> dict[str, Any]:
        ways = (("lower", _("to a lower dose, and to stay on it")), ("stop", _("to nothing: 0 mg a day")))
        return {
            "way": self.choose("goal", _("Where the taper goes"), ways, RADIO),
            "daily": self.ask("goal-daily", _("The lower dose a day"), dose=True),
            "first": [
                self.ask("starts_on", _("First day of the plan"), DATE),
                self.ask(
                    "baseline_days", _("Days on the present dose first"), mode="numeric", help=_("If empty: none.")
                ),
            ],
        }

    def _pace(self) -> dict[str, Any]:
        pace = self.typed.known.protocols["jcpg-2025"]
        assert pace.share and pace.every_low
        wholes = (("current", _("of the dose of the day before")), ("original", _("of the present dose")))
        told = self.typed.one("percent_of") or "current"
        fields = [
            self.ask(
                "share", _("Share to take away each time"),
                help=_("Such as 10 %%. If empty: %(share)s, as in the joint guideline.") % {"share": pace.share},
            ),
            self.ask(
                "percent_of", _("A share of what"), SELECT,
                choices=[Choice(value=value, says=says, chosen=value == told) for value, says in wholes],
            ),
            self.ask(
                "every_days", _("Every so many days"), mode="numeric",
                help=_("If empty: %(days)s days.") % {"days": pace.every_low.days},
            ),
            self.ask(
                "finish_by", _("A wish to be done by"), DATE,
                help=_("A wish never makes a plan quicker than the limits."),
            ),
        ]  # fmt: skip
        return {"fields": fields, "open": any(each.problem or (each.value and each.kind != SELECT) for each in fields)}


def _called(each: Drug | Medicine) -> str:
    return called(each.key) if isinstance(each, Drug) else said(each.name)
