"""An article about a drug, made of the base's own claims: every figure with its source, confidence and review state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict

from opentaper.exchange.article.context import Context
from opentaper.exchange.article.fact import Fact
from opentaper.exchange.article.facts import facts
from opentaper.exchange.article.passage import Block, Citations, FileNote, Reference, Said, Section, capital, listed
from opentaper.exchange.article.structure import Structure, structure
from opentaper.frozen import dataclass
from opentaper.knowledge import Claim, Drug, Knowledge

SECTIONS = (
    ("what-it-is", "What it is", ("class", "identity")),
    ("how-it-works", "How it works", ("mechanism",)),
    ("onset-and-duration", "Onset and duration", ("onset", "duration")),
    ("in-the-body", "Half-life, and how the body handles it", ("half-life", "pharmacokinetics", "metabolism")),
    ("uses", "What it is used for", ("indication",)),
    ("forms-and-prices", "Forms and prices", ("form", "price")),
    ("interactions", "Interactions", ("interaction",)),
    ("harms", "Adverse effects and warnings", ("warning", "adverse-effect")),
    ("groups", "Pregnancy and special groups", ("pregnancy", "special-population")),
    ("dependence", "Dependence and withdrawal", ("dependence", "withdrawal")),
    ("coming-off", "How to come off it", ("tapering",)),
    ("testing", "Testing", ("testing",)),
    ("contested", "What is contested", ("contested",)),
    ("history", "History and use", ("history", "use")),
)
"""Anchor, title and topics of every section of claims, in reading order."""

ONLY_WHERE_TAPERED = ("uses", "forms-and-prices", "dependence", "coming-off")
"""Sections that make no sense for a metabolite or an antagonist unless the base says something there."""

TOPIC_TITLES = {
    "class": "Class", "identity": "Names and codes that mislead", "onset": "Onset", "duration": "Duration",
    "half-life": "Half-life", "pharmacokinetics": "In the blood", "metabolism": "Metabolism",
    "form": "Forms and rules of supply", "price": "Prices, as they were printed", "warning": "Warnings",
    "adverse-effect": "Adverse effects", "pregnancy": "Pregnancy", "special-population": "Special groups",
    "interaction": "Interactions", "tapering": "Tapering", "indication": "Uses", "testing": "Testing",
    "mechanism": "How it works", "dependence": "Dependence", "withdrawal": "Withdrawal", "history": "History", "use": "How much it is used",
}  # fmt: skip
LEGEND = (
    "How to read this page: a number in brackets leads to the source; then comes the place in it and how sure the "
    "reading is. High: read in the source. Medium: read in part, in a second source, or derived. Unverified: recalled "
    "or assumed; nobody has read the figure in a source.",
    "It informs; it decides nothing for one person. A dose is changed together with whoever prescribes it.",
)
HEAD_SYSTEMS = (
    "molecular formula", "molecular weight", "ATC", "CAS", "UNII", "RxNorm IN", "PubChem CID", "DrugBank", "ChEMBL",
    "InChIKey", "SMILES",
)  # fmt: skip
"""Identifiers that stand beside the structure; the codes of products and tests stand in a table of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Everything that the page and the typeset pages show, in their order."""

    key: str
    title: str
    kind: str
    also: str
    on: str
    digest: str
    reviewed: bool
    banner: str
    banner_says: str
    alert: Said | None
    structure: Structure | None
    structure_says: str
    identifiers: tuple[tuple[Said, ...], ...]
    identifiers_file: str
    identifiers_state: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    files: tuple[FileNote, ...]
    how_to: tuple[str, ...]
    command: str
    legend: tuple[str, ...] = LEGEND

    def plain(self) -> dict[str, object]:
        """Return it as JSON has it, for the typesetter."""
        return asdict(self)


def article(known: Knowledge, key: str) -> Article:
    """Write the article about a drug, from what the base says and from nothing else.

    Args:
        known: the base.
        key: a drug of the base, tapered or not.

    Raises:
        KeyError: no drug has this key.
        ValueError: its SMILES is not a molecule.
    """
    return _Writer(known, known.drugs[key]).article()


class _Writer:
    """Gathers the sections, numbering each source where it is first used."""

    def __init__(self, known: Knowledge, drug: Drug) -> None:
        self.known, self.drug = known, drug
        self.cite = Citations(known)
        self.context = Context(known, drug, self.cite)
        self.groups = _groups(drug.claims)
        self.home = known.homes[f"drug:{drug.key}"]
        self.facts = facts(known, drug.key)

    def article(self) -> Article:
        drug = self.drug
        identifiers = [fact for fact in self.facts if fact.kind == "identity" and fact.key == drug.key]
        alert = self._alert()
        head = tuple(self._identifier(fact) for fact in _in_order(identifiers))
        drawing, drawing_says = self._structure()
        sections = tuple(section for section in map(self._section, SECTIONS) if section)
        references = tuple(self.cite.reference(key, place) for place, key in enumerate(self.cite.uses, 1))
        files = tuple(self.cite.file(name) for name in sorted({*self.cite.files, self.home}))
        reviewed = all(file.reviewed for file in files)
        return Article(
            key=drug.key,
            title=capital(drug.name),
            kind=self._kind(),
            also=", ".join(drug.also),
            on=self.known.as_of.isoformat(),
            digest=self.known.digest[:12],
            reviewed=reviewed,
            banner="Reviewed" if reviewed else "Pending review: contribute",
            banner_says=self._banner(files),
            alert=alert,
            structure=drawing,
            structure_says=drawing_says,
            identifiers=head,
            identifiers_file=self.home if head else "",
            identifiers_state=self.cite.state(self.home),
            sections=sections,
            references=references,
            files=files,
            how_to=self._how_to(),
            command=f"opentaper facts {drug.key} --format json",
        )

    # What stands at the head

    def _kind(self) -> str:
        words = {"z-drug": "Z-drug", "antagonist": "benzodiazepine antagonist"}
        kind = words.get(self.drug.drug_class, self.drug.drug_class)
        parents = [self.known.drugs[key].name if key in self.known.drugs else key for key in self.drug.metabolite_of]
        return f"{kind} of {listed(parents)}" if parents else kind

    def _alert(self) -> Said | None:
        """This function will return the base's warning against stopping abruptly, for a drug that people take."""
        if not self.drug.tapered or "abrupt-stop" not in self.known.asks:
            return None
        (fact,) = (fact for fact in facts(self.known, "abrupt-stop") if fact.kind == "ask")
        return Said(text=self.known.asks["abrupt-stop"].says, mark=self.cite.mark(fact))

    def _structure(self) -> tuple[Structure | None, str]:
        values = {each.system: each.value for each in self.drug.identifiers}
        smiles, formula = values.get("SMILES"), values.get("molecular formula", "")
        if smiles is None:
            return None, f"No structure is recorded here yet: a SMILES in {self.home} would draw it."
        drawn = structure(smiles)
        says = f"Structure of {self.drug.name}, {drawn.formula}, drawn from the SMILES in the base."
        if formula and formula != drawn.formula:
            says += f" The base gives the formula as {formula}: one of the two is wrong."
        return drawn, says

    def _identifier(self, fact: Fact) -> tuple[Said, ...]:
        unit = " g/mol" if fact.says.endswith(" g/mol") else ""
        name = fact.says.removesuffix(" g/mol")
        return Said(text=capital(name)), self.cite.value(f"{fact.amount}{unit}", fact)

    def _banner(self, files: tuple[FileNote, ...]) -> str:
        signed = sum(file.reviewed for file in files)
        own = self.cite.state(self.home)
        if signed == len(files):
            return f"A named person has signed every file that this page stands on ({len(files)})."
        many = "none" if not signed else str(signed)
        return f"Of the {len(files)} files that this page stands on, {many} {'is' if signed == 1 else 'are'} signed. {self.home}: {own}."

    def _how_to(self) -> tuple[str, ...]:
        return (
            f"Anybody may contribute. What is said of {self.drug.name} stands in {self.home}: open the source, add or "
            "correct a claim with its number, unit, source and place, and say how it was read. Two sources that "
            "disagree are both kept. One page tells how: src/opentaper/knowledge/README.md.",
            "A clinician who has checked a file against its sources, top to bottom, signs it: the command below names "
            "this one with its digest (those of the others stand at the end), and an entry in data/signoffs.toml with that digest, a name, a role and a day "
            "changes this notice by itself. One number edited later takes it back.",
        )

    # Sections

    def _section(self, of: tuple[str, str, tuple[str, ...]]) -> Section | None:
        anchor, title, topics = of
        more: Mapping[str, Callable[[], Iterable[Block]]] = {
            "what-it-is": lambda: (*self._traits(), *self._codes()),
            "forms-and-prices": self.context.products,
            "interactions": self.context.interactions,
            "dependence": self.context.dose_band,
            "coming-off": self.context.coming_off,
            "contested": self._contested,
        }
        blocks = [*self._claims(topics), *more.get(anchor, lambda: iter(()))()]
        if anchor == "coming-off" and not self.drug.tapered:
            title = "In tapering"
        if not blocks:
            if anchor in ONLY_WHERE_TAPERED and not self.drug.tapered:
                return None
            about = " or ".join(f'"{topic}"' for topic in topics)
            nothing = f"Nothing is recorded here yet. To contribute, add a claim about {about} with its source to {self.home}."
            blocks = [Block(intro=(Said(text=nothing),))]
        return Section(anchor=anchor, title=title, blocks=tuple(blocks))

    def _claims(self, topics: Iterable[str]) -> Iterator[Block]:
        several = len([topic for topic in topics if any(claim.about == topic for claim in self.drug.claims)]) > 1
        for topic in topics:
            claims = [claim for claim in self.drug.claims if claim.about == topic]
            if topic == "contested":
                claims = [claim for claim in claims if claim.id not in self.groups]
            if claims:
                yield Block(
                    title=TOPIC_TITLES.get(topic, "") if several else "",
                    file=self.home,
                    state=self.cite.state(self.home),
                    rows=tuple((self._said(claim),) for claim in claims),
                )

    def _said(self, claim: Claim, *, link: bool = True) -> Said:
        fact = next(each for each in self.facts if each.key == f"{self.drug.key}/{claim.id}")
        group = self.groups.get(claim.id)
        return Said(
            text=claim.says,
            figure=_figure_beside(claim.says, fact),
            but=claim.half_right or "",
            mark=self.cite.mark(fact),
            to=f"contested-{group}" if link and group and claim.disputes else "",
        )

    def _traits(self) -> Iterator[Block]:
        """This function will say what a switch reads of the drug: that it stays long, or that only glucuronidation ends it."""
        found = [fact for fact in self.facts if fact.kind == "trait"]
        if found:
            yield Block(
                title="For a switch", file=self.home, state=self.cite.state(self.home),
                rows=tuple((Said(text=capital(fact.says), mark=self.cite.mark(fact)),) for fact in found),
            )  # fmt: skip

    def _codes(self) -> Iterator[Block]:
        found = [
            fact
            for fact in self.facts
            if fact.kind == "identity" and fact.key == self.drug.key and not _in_head(fact.says)
        ]
        if found:
            yield Block(
                title="Codes of products and tests", file=self.home, state=self.cite.state(self.home),
                head=("Code list", "Code"),
                rows=tuple((Said(text=fact.says), self.cite.value(fact.amount, fact)) for fact in found),
            )  # fmt: skip

    def _contested(self) -> Iterator[Block]:
        for group in dict.fromkeys(self.groups.values()):
            claims = [claim for claim in self.drug.claims if self.groups.get(claim.id) == group]
            letters = {claim.id: _letter(place) for place, claim in enumerate(claims)}
            rows = []
            for claim in claims:
                against = [
                    letters[other.id] for other in claims if other.id in claim.disputes or claim.id in other.disputes
                ]
                says = f"Disagrees with {listed(sorted(against))}." if against else ""
                rows.append(
                    (
                        Said(text=letters[claim.id]),
                        self._said(claim, link=False),
                        Said(text=says, but=claim.half_right or ""),
                    )
                )
            topics = list(dict.fromkeys(claim.about for claim in claims if claim.about != "contested"))
            about = listed([TOPIC_TITLES.get(topic, capital(topic)).lower() for topic in topics]) if topics else ""
            what = f"{len(claims)} claims that disagree" if len(claims) > 1 else "only half right"
            yield Block(
                title=capital(f"{about}: {what}" if about else what), anchor=f"contested-{group}", file=self.home,
                state=self.cite.state(self.home), head=("", "What is said", "What stands against it"),
                rows=tuple((row[0], _without_but(row[1]), row[2]) for row in rows),
            )  # fmt: skip


def _groups(claims: tuple[Claim, ...]) -> dict[str, int]:
    """This function will number the claims that dispute one another, directly or through a third, and the half right."""
    near: dict[str, set[str]] = {claim.id: set(claim.disputes) for claim in claims}
    for claim in claims:
        for other in claim.disputes:
            near[other].add(claim.id)
    groups: dict[str, int] = {}
    for claim in claims:
        if claim.id in groups or not (near[claim.id] or claim.half_right):
            continue
        reached, group = [claim.id], len(set(groups.values())) + 1
        while reached:
            each = reached.pop()
            if each not in groups:
                groups[each] = group
                reached += near[each]
    return groups


def _figure_beside(sentence: str, fact: Fact) -> str:
    """This function will return the figure of a claim where its sentence does not print all of it already."""
    printed = {_bare(each) for each in re.findall(r"\d[\d,]*(?:\.\d+)?", sentence)}
    if not fact.amount or all(_bare(each) in printed for each in re.findall(r"[\d.]+", fact.amount)):
        return ""
    amount = re.sub(r"(?<![\d.])\d{5,}(?![\d.])", lambda match: f"{int(match[0]):,}", fact.amount)
    return f"{amount} {fact.unit}".strip()


def _bare(printed: str) -> str:
    whole, _, rest = printed.replace(",", "").partition(".")
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")


def _in_order(identifiers: Iterable[Fact]) -> list[Fact]:
    found = [fact for fact in identifiers if _in_head(fact.says)]
    return sorted(found, key=lambda fact: HEAD_SYSTEMS.index(fact.says.removesuffix(" g/mol")))


def _in_head(says: str) -> bool:
    return says.removesuffix(" g/mol") in HEAD_SYSTEMS


def _without_but(said: Said) -> Said:
    return Said(text=said.text, figure=said.figure, small=said.small, mark=said.mark)


def _letter(place: int) -> str:
    return chr(ord("a") + place)
