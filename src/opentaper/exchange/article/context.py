"""What the rest of the base says of a drug: products, interactions, limits, protocols, equivalences, risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opentaper.exchange.article.fact import Fact, number
from opentaper.exchange.article.facts import facts
from opentaper.exchange.article.passage import Block, Citations, Said, capital, listed, texts
from opentaper.knowledge import MEASURES, Drug, Knowledge, verified

COUNTRY_NAMES = {
    "US": "United States", "UK": "United Kingdom", "CA": "Canada", "AU": "Australia", "CH": "Switzerland",
    "DE": "Germany", "FR": "France", "NL": "Netherlands", "ES": "Spain", "IT": "Italy",
    "compounded": "Compounded by a pharmacy",
}  # fmt: skip
EXPOSURES = {
    "lower": "lower level",
    "higher": "higher level",
    "none": "no change of level",
    "opposes": "works against it",
    "additive": "adds to its effect",
}


class Context:
    """Writes the blocks of an article that come from elsewhere than the file of its drug."""

    def __init__(self, known: Knowledge, drug: Drug, cite: Citations) -> None:
        self.known, self.drug, self.cite = known, drug, cite

    def products(self) -> Iterator[Block]:
        """Set out the products country by country; a note on supply that they all share stands above them."""
        every = self.known.products_of(self.drug.key)
        for country in dict.fromkeys(product.country for product in every):
            lines = [
                {fact.part: fact for fact in facts(self.known, product.key) if fact.kind == "product"}
                for product in every
                if product.country == country
            ]
            names = [product.name for product in every if product.country == country]
            first = lines[0]["product"]
            supply = [parts.get("supply") for parts in lines]
            shared = supply[0] if len({fact and fact.says for fact in supply}) == 1 else None
            yield Block(
                title=COUNTRY_NAMES.get(country, country),
                intro=(self.cite.value(f"Supply: {shared.says}.", shared),) if shared else (),
                file=first.file,
                state=first.state,
                head=("Product", "Score", "Price"),
                rows=tuple(
                    self._product(name, parts, None if shared else parts.get("supply"))
                    for name, parts in zip(names, lines, strict=True)
                ),
            )

    def _product(self, name: str, parts: dict[str, Fact], supply: Fact | None) -> tuple[Said, ...]:
        drop = parts.get("drop")
        small = texts(
            name, f"one drop holds {drop.amount} {drop.unit}" if drop else None, supply.says if supply else None
        )
        called = parts["product"].says.split(f", {name}, ")[0]
        return (
            self.cite.value(called, parts["product"], *small),
            self._score(parts.get("score")),
            self._price(parts.get("price")),
        )

    def _score(self, fact: Fact | None) -> Said:
        if fact is None:
            return Said(text="a liquid has none")
        smallest = f"smallest piece {fact.amount} {fact.unit}" if fact.amount else ""
        return self.cite.value(fact.says.removeprefix("score: "), fact, smallest)

    def _price(self, fact: Fact | None) -> Said:
        if fact is None:
            return Said(text="not recorded")
        return self.cite.value(f"{fact.amount} {fact.unit}", fact, fact.says.removeprefix("price "))

    def interactions(self) -> Iterator[Block]:
        by_file: dict[str, list[tuple[Said, ...]]] = {}
        for full, each in self.known.interactions.items():
            every = "all" in each.victims
            if self.drug.key in (*each.victims, *each.others) or (every and self.drug.tapered):
                fact = next(fact for fact in facts(self.known, full) if fact.kind == "interaction")
                row = (
                    Said(text=self._with(each.others, each.because_of, each.victims), small=texts(each.dose)),
                    self.cite.value(fact.says, fact, EXPOSURES[each.exposure], at=""),
                    self._printed(fact, each.prints),
                    Said(text=capital(each.mechanism), small=texts("assumed" if each.assumed else each.kind)),
                )
                by_file.setdefault(fact.file, []).append(row)
        for file, rows in by_file.items():
            of = "every benzodiazepine and Z-drug" if file.endswith("/all.toml") else self._affected(file)
            yield Block(
                title=f"What changes {of}", file=file, state=self.cite.state(file),
                head=("With", "What happens", "Figure", "Mechanism"), rows=tuple(rows),
            )  # fmt: skip

    def _printed(self, fact: Fact, prints: str | None) -> Said:
        if not prints:
            return Said(text="no figure", but=fact.but)
        return Said(text=fact.amount, but=fact.but, mark=self.cite.mark(fact, at=""))

    def _affected(self, file: str) -> str:
        key = file.rsplit("/", 1)[-1].removesuffix(".toml")
        return self.known.drugs[key].name if key in self.known.drugs else key

    def _with(self, others: Iterable[str], because_of: str | None, victims: Iterable[str]) -> str:
        """This function will name the other side of an interaction, seen from this drug."""
        if because_of:
            return capital(because_of)
        if self.drug.key not in others:
            return capital(listed([self._name(key) for key in others]))
        rest = [key for key in (*others, *victims) if key not in (self.drug.key, "all")]
        named = [self._name(key) for key in dict.fromkeys(rest)]
        return capital(listed([*named, *(["any benzodiazepine or Z-drug"] if "all" in victims else [])]))

    def _name(self, key: str) -> str:
        return (self.known.drugs.get(key) or self.known.medicines[key]).name

    def dose_band(self) -> Iterator[Block]:
        risk = self.known.risk
        if risk.printed(self.drug.key) is None:
            return
        band = next(
            fact
            for fact in facts(self.known, risk.key)
            if fact.kind == "dose band" and _about(fact.says, self.drug.key)
        )
        low, _, high = band.amount.partition(" to ")
        yield Block(
            title="Dose bands of the table of withdrawal risk", file=band.file, state=band.state,
            rows=((self.cite.value(f"A daily dose up to {low} {band.unit} counts as low, above {high or low} {band.unit} as high.", band),),),
        )  # fmt: skip

    def coming_off(self) -> Iterator[Block]:
        if not self.drug.tapered:
            return
        yield from self._asks()
        yield from self._limits()
        yield from self._protocols()
        yield from self._equivalences()

    def _asks(self) -> Iterator[Block]:
        asks = [ask for ask in self.known.asks.values() if ask.strength != "house"]
        for file in dict.fromkeys(self.known.homes[f"ask:{ask.id}"] for ask in asks):
            rows = []
            for ask in asks:
                if self.known.homes[f"ask:{ask.id}"] == file:
                    fact = next(fact for fact in facts(self.known, ask.id) if fact.kind == "ask")
                    rows.append((self.cite.value(ask.says, fact), Said(text=capital(ask.who))))
            yield Block(
                title=f"Who must be asked: {self._authority(file)}", file=file, state=self.cite.state(file),
                head=("What", "Who is asked"), rows=tuple(rows),
            )  # fmt: skip

    def _limits(self) -> Iterator[Block]:
        for file in dict.fromkeys(self.known.homes[f"limit:{limit.id}"] for limit in self.known.limits):
            rows = []
            for limit in self.known.limits:
                if self.known.homes[f"limit:{limit.id}"] == file:
                    fact = next(fact for fact in facts(self.known, limit.id) if fact.kind == "limit")
                    grade = f"{limit.effect}; {limit.strength}, {limit.certainty}"
                    rows.append(
                        (
                            self.cite.value(limit.says, fact),
                            Said(text=capital(fact.amount), small=(MEASURES[limit.measures],)),
                            Said(text=grade),
                        )
                    )
            yield Block(
                title=f"Limits that bound a plan: {self._authority(file)}", file=file, state=self.cite.state(file),
                head=("Limit", "Bound", "Effect and grade"), rows=tuple(rows),
            )  # fmt: skip

    def _authority(self, file: str) -> str:
        sources = {limit.source for limit in self.known.limits if self.known.homes[f"limit:{limit.id}"] == file}
        sources |= {ask.source for ask in self.known.asks.values() if self.known.homes[f"ask:{ask.id}"] == file}
        return listed([self.known.sources[key].by for key in sorted(sources)])

    def _protocols(self) -> Iterator[Block]:
        for protocol in self.known.protocols.values():
            if self.drug.key in protocol.drugs or "all" in protocol.drugs:
                found = [fact for fact in facts(self.known, protocol.key) if fact.kind == "protocol"]
                why = f"Kept as a case that must be rejected. {protocol.rejected}"
                intro = (self.cite.value(why, found[0]),) if protocol.rejected else ()
                yield Block(
                    title=f"Protocol: {protocol.name}", intro=intro, file=found[0].file, state=found[0].state,
                    rows=tuple(
                        (self.cite.value(fact.says.removeprefix(f"{protocol.name}. "), fact),)
                        for fact in found
                        if fact.says != protocol.rejected
                    ),
                )  # fmt: skip

    def _equivalences(self) -> Iterator[Block]:
        """This function will set every published equivalence side by side, and give their range, never one number."""
        for equal in (True, False):
            rows: list[tuple[str, Fact]] = []
            for table in self.known.equivalences.values():
                if table.equivalence is equal and table.reference_drug != self.drug.key:
                    found = [
                        fact for fact in facts(self.known, table.key) if fact.key == f"{table.key}/{self.drug.key}"
                    ]
                    rows += [(f"{table.reference_dose} of {table.reference_drug}", fact) for fact in found]
            if rows:
                title = "What published tables call equal doses" if equal else "Not an equivalence"
                yield Block(
                    title=title, intro=(Said(text=self._range() if equal else rows[0][1].but),), head=("Table", "Set against", "Dose"),
                    rows=tuple(
                        (
                            Said(text=fact.at, small=texts(fact.note, f"{fact.file}: {fact.state}")),
                            Said(text=reference),
                            Said(text=f"{fact.amount} {fact.unit}", mark=self.cite.mark(fact, at="")),
                        )
                        for reference, fact in rows
                    ),
                )  # fmt: skip

    def _range(self) -> str:
        says = []
        tables = [table for table in self.known.equivalences.values() if table.equivalence]
        for drug, dose in dict.fromkeys((table.reference_drug, table.reference_dose) for table in tables):
            rows = [
                row
                for table in tables
                if (table.reference_drug, table.reference_dose) == (drug, dose)
                for row in table.rows
                if row.drug == self.drug.key
            ]
            read = [row for row in rows if verified(row.confidence)]
            if rows:
                whole = number(min(row.low.mg for row in rows), max(row.high.mg for row in rows))
                sure = number(min(row.low.mg for row in read), max(row.high.mg for row in read)) if read else ""
                of = f"{len(read)} of {len(rows)} rows were read in a source"
                says.append(
                    f"From {whole} mg for {dose} of {drug}, over the {len(rows)} tables below; {of}"
                    + (f", and those run from {sure} mg." if read else ", so the range is unverified.")
                )
        return " ".join([*says, "No single number stands for them."]).replace("From", "The range is", 1)


def _about(says: str, drug: str) -> bool:
    return says.startswith(f"{drug}:")
