"""Anything of the base as plain facts: what is said, how much, who says it, where, and who checked it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from opentaper.exchange.article import modelled
from opentaper.exchange.article.fact import Fact, home_of, number
from opentaper.knowledge import LAYER, Drug, Knowledge, Product, Protocol
from opentaper.quantity import decimal_text

FACTS_SCHEMA = "opentaper.facts/1"


def keys(known: Knowledge) -> list[str]:
    """Return every key that `facts` answers to."""
    found = [home.split(":", 1)[1] for home in known.homes]
    found += [
        f"{drug.key}/{name}"
        for drug in known.drugs.values()
        for claim in drug.claims
        for name in (claim.id, claim.about)
    ]
    return sorted({*found, *known.observations})


def kinds(known: Knowledge) -> dict[str, list[str]]:
    """Return the keys of each kind of thing that the base holds."""
    return {
        "drugs": list(known.drugs),
        "products": list(known.products),
        "equivalences": list(known.equivalences),
        "limits": [limit.id for limit in known.limits],
        "asks": list(known.asks),
        "protocols": list(known.protocols),
        "interactions": list(known.interactions),
        "medicines": list(known.medicines),
        "conditions": list(known.conditions),
        "questions": list(known.questions),
        "conventions": list(known.conventions),
        "kinetics": list(known.kinetics),
        "effects": list(known.effects),
        "potencies": list(known.potencies),
        "adaptations": [known.adaptation.key],
        "observations": list(known.observations),
        "sources": list(known.sources),
    }


def facts(known: Knowledge, key: str) -> list[Fact]:
    """Return everything the base says under a key: a drug, one of its claims or topics, a product, a limit, …"""
    return [fact for source in (*SOURCES, *modelled.SOURCES) for fact in source(known, key)]


def _drugs(known: Knowledge, key: str) -> Iterator[Fact]:
    name, _, claim_id = key.partition("/")
    drug = known.drugs.get(name)
    if drug is None:
        return
    home = home_of(known, f"drug:{drug.key}")
    if not claim_id:
        yield from _identifiers(drug, home)
        yield from _traits(drug, home)
    for claim in drug.claims:
        if claim_id in ("", claim.id, claim.about):
            disputed = f"Disputed by: {', '.join(claim.disputes)}." if claim.disputes else ""
            yield Fact(
                kind=claim.about, key=f"{drug.key}/{claim.id}", says=claim.says,
                amount=number(claim.low, claim.high), unit=claim.unit or "", source=claim.source, at=claim.at,
                confidence=claim.confidence, **home,
                but=" ".join(part for part in (claim.half_right or "", disputed) if part),
            )  # fmt: skip
    if not claim_id:
        for table in known.equivalences.values():
            yield from (fact for fact in _equivalences(known, table.key) if fact.key.endswith(f"/{drug.key}"))


def _identifiers(drug: Drug, home: dict[str, str]) -> Iterator[Fact]:
    for each in drug.identifiers:
        yield Fact(
            kind="identity", key=drug.key, says=f"{each.system} {each.detail or ''}".strip(), amount=each.value, unit="",
            source=each.source, at="code list", confidence=each.confidence, **home, note=each.note or "",
        )  # fmt: skip


def _traits(drug: Drug, home: dict[str, str]) -> Iterator[Fact]:
    for each in drug.traits:
        yield Fact(
            kind="trait", key=drug.key, says=each.says, amount="", unit="", source=each.source, at=each.at,
            confidence=each.confidence, **home,
        )  # fmt: skip


def _products(known: Knowledge, key: str) -> Iterator[Fact]:
    product = known.products.get(key)
    if product is not None:
        yield from _product(product, home_of(known, f"product:{key}"))
        yield from _own(known, product)


def _own(known: Knowledge, product: Product) -> Iterator[Fact]:
    """This function will say what a clinic's layer says of a product: what it costs there, and that it is not had."""
    layer = known.layer
    if layer is None:
        return
    at = {"source": LAYER, "at": f"version {layer.number}, from {layer.from_}", "confidence": "high"}
    home = home_of(known, f"source:{LAYER}")
    if price := layer.prices.get(product.key):
        yield Fact(
            kind="product", key=product.key, says=f"price a piece in {layer.clinic}, on {price.on}",
            amount=number(price.per_unit, price.per_unit), unit=price.currency, **at, **home, part="own price",
        )  # fmt: skip
    if product.drug in layer.stock:
        says = f"{'in' if known.stocked(product) else 'not in'} the formulary of {layer.clinic}"
        yield Fact(kind="product", key=product.key, says=says, amount="", unit="", **at, **home, part="formulary")


def _product(product: Product, home: dict[str, str]) -> Iterator[Fact]:
    def fact(part: str, says: str, amount: str, unit: str, confidence: str, note: str = "") -> Fact:
        return Fact(
            kind="product", key=product.key, says=says, amount=amount, unit=unit, source=product.source,
            at="product list", confidence=confidence, **home, note=note, part=part,
        )  # fmt: skip

    says = f"{product.says}, {product.name}, {product.country}"
    yield fact("product", says, "", "", product.confidence, product.note or "")
    if product.score:
        parts = {"none": "not to be split", "half": "may be halved", "quarter": "may be quartered"}
        says = f"score: {parts.get(product.score, 'unknown, so it is not split')}"
        smallest = product.smallest_piece.decimal if product.smallest_piece else ""
        yield fact("score", says, smallest, "mg" if smallest else "", product.score_confidence or product.confidence)
    if product.mg_per_drop is not None:
        drop = number(product.mg_per_drop, product.mg_per_drop)
        yield fact("drop", "one drop", drop, "mg", product.confidence)
    if product.rxnorm:
        yield fact("code", "RxNorm code", product.rxnorm, "", product.confidence)
    if product.price:
        price = decimal_text(product.price.per_unit)
        yield fact(
            "price",
            f"price a piece, {product.price.on or 'undated'}",
            price,
            product.price.currency,
            product.price.confidence,
        )
    if product.supply_note:
        yield fact("supply", product.supply_note, "", "", product.confidence)


def _equivalences(known: Knowledge, key: str) -> Iterator[Fact]:
    table = known.equivalences.get(key)
    if table is None:
        return
    for row in table.rows:
        yield Fact(
            kind="equivalence" if table.equivalence else "not an equivalence", key=f"{table.key}/{row.drug}",
            says=f"{row.drug} for {table.reference_dose} of {table.reference_drug}, {table.name}",
            amount=number(row.low.mg, row.high.mg), unit="mg", source=table.source, at=table.name,
            confidence=row.confidence, **home_of(known, f"equivalence:{key}"),
            but=table.because or "", note=" ".join(part for part in (table.note or "", row.note or "") if part),
        )  # fmt: skip


def _limits(known: Knowledge, key: str) -> Iterator[Fact]:
    for limit in known.limits:
        if limit.id == key:
            per = f" in {limit.per.days} days" if limit.per else ""
            yield Fact(
                kind="limit", key=key, says=f"{limit.says} ({limit.effect}; {limit.strength}, {limit.certainty})",
                amount=f"{limit.bound} {limit.value}{per}", unit="", source=limit.source, at=limit.at,
                confidence=limit.confidence, **home_of(known, f"limit:{key}"),
            )  # fmt: skip
    if key in known.asks:
        ask = known.asks[key]
        yield Fact(
            kind="ask", key=key, says=f"{ask.says} ({ask.effect}; {ask.strength}, {ask.certainty})",
            amount=f"answered by {ask.who}", unit="", source=ask.source, at=ask.at, confidence=ask.confidence,
            **home_of(known, f"ask:{key}"),
        )  # fmt: skip
    if key in known.conventions:
        convention = known.conventions[key]
        yield Fact(
            kind="convention", key=key, says=convention.says, amount=convention.value, unit="", source="opentaper",
            at="limits/opentaper.toml", confidence="low", **home_of(known, f"convention:{key}"),
            note=convention.because,
        )  # fmt: skip


def _protocols(known: Knowledge, key: str) -> Iterator[Fact]:
    protocol = known.protocols.get(key)
    if protocol is None:
        return
    home = home_of(known, f"protocol:{key}")
    for says, amount in _protocol_lines(protocol):
        yield Fact(
            kind="protocol", key=key, says=says, amount=amount, unit="", source=protocol.source, at=protocol.at,
            confidence=protocol.confidence, **home,
        )  # fmt: skip


def _protocol_lines(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield f"{protocol.name}. {protocol.says}", ""
    for text in (protocol.rejected, protocol.note):
        if text:
            yield text, ""
    for band in protocol.bands:
        step = number(band.step_low.mg, band.step_high.mg)
        days = number(Fraction(band.every_low.days), Fraction(band.every_high.days))
        yield f"above {band.above}: reduce by {step} mg every {days} days", f"{step} mg"
    for row in protocol.rows:
        doses = ", ".join(f"{intake.time} {intake.drug} {intake.dose}" for intake in row.intakes) or "nothing"
        yield f"{doses}, for {row.days.days} days", f"{row.days.days} days"


def _risk(known: Knowledge, key: str) -> Iterator[Fact]:
    if key != known.risk.key:
        return
    home = home_of(known, f"risk:{key}")
    for row in known.risk.rows:
        yield Fact(
            kind="withdrawal risk", key=key, says=row.says, amount=row.risk_class, unit="", source=known.risk.source,
            at=known.risk.at, confidence=row.confidence, **home,
        )  # fmt: skip
    for band in known.risk.dose_bands:
        yield Fact(
            kind="dose band", key=key, says=f"{band.drug}: low up to, high above",
            amount=number(band.low_at_most.mg, band.high_above.mg), unit="mg", source=known.risk.source,
            at=known.risk.at, confidence=band.confidence, **home,
        )  # fmt: skip


def _people(known: Knowledge, key: str) -> Iterator[Fact]:
    if key in known.conditions:
        condition = known.conditions[key]
        yield Fact(
            kind="condition", key=key, says=condition.name, amount=", ".join(condition.groups), unit="",
            source=condition.source, at=condition.at, confidence=condition.confidence,
            **home_of(known, f"condition:{key}"),
        )  # fmt: skip
    if key in known.questions:
        question = known.questions[key]
        yield Fact(
            kind="question", key=key, says=f"{question.asks} {question.because}", amount="", unit="",
            source=question.source, at=question.at, confidence=question.confidence,
            **home_of(known, f"question:{key}"),
        )  # fmt: skip


def _interactions(known: Knowledge, key: str) -> Iterator[Fact]:
    for full, row in known.interactions.items():
        if key == full or key in row.others or (key in row.victims and key in known.drugs):
            figure = f"{row.metric or ''} {row.prints or ''}".strip()
            yield Fact(
                kind="interaction", key=full, says=row.says, amount=figure, unit="", source=row.source,
                at=row.mechanism, confidence=row.confidence, **home_of(known, f"interaction:{full}"),
                but="Assumed, not measured." if row.assumed else "", note=row.note or "",
            )  # fmt: skip


def _sources(known: Knowledge, key: str) -> Iterator[Fact]:
    source = known.sources.get(key)
    if source is not None:
        doi = f" doi:{source.doi}" if source.doi else ""
        yield Fact(
            kind="source", key=key, says=f"{source.title}. {source.by}, {source.year}.{doi}", amount=source.kind, unit="",
            source=key, at=f"read: {source.read_as}", confidence="high" if source.read_as == "itself" else "medium",
            **home_of(known, f"source:{key}"), note=source.note or "",
        )  # fmt: skip


SOURCES = (_drugs, _products, _equivalences, _limits, _protocols, _risk, _people, _interactions, _sources)
"""What answers to a key, in the order in which it is shown."""
