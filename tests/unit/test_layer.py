"""A clinic's layer over the base: only ever stricter, in the digest, and nothing that ships is edited."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import TODAY
from tests.strategies.cases import a_case

from opentaper import Knowledge, load, propose, review
from opentaper.exchange import Edition
from opentaper.exchange.faces.heading import heading
from opentaper.exchange.language import ENGLISH
from opentaper.knowledge import DATA, LAYER, KnowledgeError, ReviewState, lay, layer_text, parse_toml, read_layer
from opentaper.knowledge.lay import COUNTED, LEFT, SHARES
from opentaper.knowledge.layer import FILE, SIGNOFFS, Layer
from opentaper.knowledge.limits import MEASURES

HEAD = 'clinic = "Lindenhof"\nnumber = 2\nfrom = 2026-12-01\n'
FIFTH = '[[stricter]]\nlimit = "two-week-reduction"\nvalue = "1/5"\nbecause = "We have seen too many setbacks."\n'
PRICE = '[[price]]\nproduct = "us-clonazepam-tablet-0.5mg"\nper_unit = "0.12"\ncurrency = "USD"\non = 2026-11-20\n'
STOCK = '[[stock]]\ndrug = "clonazepam"\nproducts = ["us-clonazepam-tablet-0.5mg"]\n'


def content(*parts: str) -> Mapping[str, Any]:
    return parse_toml(FILE, "\n".join((HEAD, *parts)).encode())


def stricter(limit: str, value: str) -> str:
    return f'[[stricter]]\nlimit = "{limit}"\nvalue = "{value}"\nbecause = "x"\n'


def test_a_stricter_limit_takes_the_place_of_the_one_that_ships_and_says_so(known: Knowledge) -> None:
    laid = lay(known, content(FIFTH))
    limit = laid.limit("dose-reduction")
    assert (limit.value, limit.source, limit.at) == (Fraction(1, 5), LAYER, "version 2, from 2026-12-01")
    assert limit.says.startswith("We have seen too many setbacks. ")
    assert "at most 1/4 (jcpg-2025, Recommendation 6)" in limit.says
    assert laid.sources[LAYER].by == "Lindenhof"
    assert laid.homes["limit:two-week-reduction"] == FILE
    assert laid.home("limit:two-week-reduction") == "limits/jcpg-2025.toml"
    assert laid.states[FILE] is ReviewState.DRAFT


def test_what_ships_stays_what_it_is(known: Knowledge) -> None:
    before = (known.limits, dict(known.sources), dict(known.homes), dict(known.files), known.digest)
    laid = lay(known, content(FIFTH, PRICE, STOCK))
    assert before == (known.limits, dict(known.sources), dict(known.homes), dict(known.files), known.digest)
    assert laid.products == known.products, "a regimen means the same with the layer and without"
    assert laid.equivalences == known.equivalences and laid.drugs == known.drugs
    assert LAYER not in known.sources


def test_the_digest_covers_every_word_of_the_layer(known: Knowledge) -> None:
    ways = [(), (FIFTH,), (PRICE,), (STOCK,), (FIFTH.replace("setbacks", "falls"),), (PRICE.replace("0.12", "0.13"),)]
    digests = {lay(known, content(*parts)).digest for parts in ways} | {known.digest}
    assert len(digests) == len(ways) + 1


def test_a_base_with_a_layer_beside_its_files_loads_as_the_layer_laid_over_it(known: Knowledge, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    (folder / "clinic").mkdir()
    (folder / FILE).write_text("\n".join((HEAD, FIFTH, PRICE, STOCK)), encoding="utf-8")
    laid = lay(known, content(FIFTH, PRICE, STOCK))
    read = load(TODAY, folder)
    assert read.digest == laid.digest
    assert (read.limits, read.layer, read.sources, read.homes) == (laid.limits, laid.layer, laid.sources, laid.homes)
    mark = read.files[FILE]
    signoff = f'[[signoff]]\nof = "{FILE}"\ndigest = "{mark}"\nby = "Dr A"\nrole = "prescriber"\non = 2026-11-30\ndue = 2027-11-30\n'
    (folder / SIGNOFFS).write_text(signoff, encoding="utf-8")
    signed = load(TODAY, folder)
    assert signed.states[FILE] is ReviewState.REVIEWED and signed.digest == read.digest
    assert load(dt.date(2028, 1, 1), folder).states[FILE] is ReviewState.OVERDUE
    assert load(dt.date(2028, 1, 1), folder).limit("dose-reduction").value == Fraction(1, 5), "it binds all the same"
    (folder / SIGNOFFS).write_text(signoff.replace(FILE, "limits/jcpg-2025.toml"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="and nothing else"):
        load(TODAY, folder)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (stricter("two-week-reduction", "1/3"), "1/3 is not stricter than at most 1/4, which ships (jcpg-2025, Recommendation 6)"),
        (stricter("two-week-reduction", "1/4"), "is not stricter"),
        (stricter("two-week-reduction", "1/200"), "finer than any product can follow"),
        (stricter("step-interval", "7"), "7 is not stricter than at least 14"),
        (stricter("step-interval", "20.5"), "no whole number"),
        (stricter("step-interval", "200"), "more than the longest hold of 112 days"),
        (stricter("longest-hold", "7"), "days between steps are more than the longest hold of 7 days"),
        (stricter("last-dose", "1/2"), "no whole number"),
        (stricter("two-week-reduction", "1/10"), "it needs 140 days on the dose before; the longest hold is 112"),
        (stricter("last-diazepam-equivalent", "0"), "not above zero"),
        (stricter("tolerance-review-from", "9"), "on no day"),
        (stricter("older-adult-age", "60"), "stays as it ships: the sentences"),
        (stricter("switch-overlap", "10"), "stays as it ships"),
        (stricter("plausible-diazepam-equivalent", "100"), "stays as it ships"),
        (stricter("two-week-reductoin", "1/5"), 'did you mean "two-week-reduction"'),
        (FIFTH + FIFTH, "stands in it twice"),
        (STOCK.replace("0.5mg", "0.6mg"), 'did you mean "us-clonazepam-tablet-0.5mg"'),
        (STOCK.replace('drug = "clonazepam"', 'drug = "lorazepam"'), "there is no product"),
        (PRICE.replace('"0.12"', '"-0.12"'), ""),
        (PRICE.replace("on = 2026-11-20\n", ""), "missing"),
        ("colour = 1\n", "not known here"),
    ],
)  # fmt: skip
def test_whatever_is_not_stricter_or_does_not_exist_is_refused_in_a_sentence(
    known: Knowledge, part: str, says: str
) -> None:
    with pytest.raises(KnowledgeError) as refused:
        lay(known, content(part))
    assert says in str(refused.value)
    assert str(refused.value).startswith(FILE)


@given(
    number=st.fractions(min_value=0, max_value=600, max_denominator=200),
    place=st.integers(min_value=0, max_value=18),
)
def test_no_layer_makes_any_limit_looser(known: Knowledge, number: Fraction, place: int) -> None:
    limit = known.limits[place % len(known.limits)]
    try:
        laid = lay(known, content(stricter(limit.id, str(number))))
    except KnowledgeError:
        return
    [own] = [each for each in laid.limits if each.id == limit.id]
    assert own.value > limit.value if limit.bound == "at least" else own.value < limit.value
    assert (own.effect, own.per, own.bound, own.measures) == (limit.effect, limit.per, limit.bound, limit.measures)
    assert [each for each in laid.limits if each.id != limit.id] == [
        each for each in known.limits if each.id != limit.id
    ]


def test_a_layer_is_written_as_it_is_read(known: Knowledge) -> None:
    from opentaper.knowledge import Table

    layer = lay(known, content(FIFTH.replace("We", 'We \\"and\\" \\\\'), PRICE, STOCK)).layer
    assert layer is not None
    again = read_layer(Table(parse_toml(FILE, layer_text(layer).encode()), FILE), known)
    assert (again.stock, again.prices, again.stricter, again.from_) == (
        layer.stock, layer.prices, layer.stricter, layer.from_,
    )  # fmt: skip
    with pytest.raises(ValueError, match="one line"):
        layer_text(Layer(clinic="a\nb", number=1, from_=TODAY, stock={}, prices={}, stricter=(), over={}))


def test_of_a_drug_of_which_nobody_spoke_everything_is_had(known: Knowledge) -> None:
    laid = lay(known, content(STOCK))
    had = {each.key for each in laid.products_of("clonazepam", "US") if laid.stocked(each)}
    assert had == {"us-clonazepam-tablet-0.5mg"}
    assert all(laid.stocked(each) for each in laid.products_of("lorazepam"))


def test_every_measure_is_counted_a_share_or_an_amount_and_what_reads_a_case_is_left(known: Knowledge) -> None:
    amounts = {each for each in MEASURES if each.endswith("diazepam-equivalent")}
    assert {*COUNTED, *SHARES, *amounts, *LEFT} == set(MEASURES)
    patient = Path(__file__).parents[2] / "src/opentaper/patient"
    read = {
        measure
        for path in (patient / "read.py", patient / "wish.py")
        for measure in MEASURES
        if f'known.limit("{measure}")' in path.read_text()
    }
    assert read == {"plausible-diazepam-equivalent", "switch-overlap"} <= LEFT.keys()


def test_every_output_names_the_layer_and_counts_only_the_files_that_ship(known: Knowledge) -> None:
    from opentaper.exchange import knowledge_note

    laid = lay(known, content(FIFTH))
    assert knowledge_note(laid)["layer"] == {"clinic": "Lindenhof", "number": 2, "from": "2026-12-01"}
    assert "layer" not in knowledge_note(known)
    case = a_case(laid)
    plan = next(each for each in propose(case, laid).plans if each.name == "usual")
    on = plan.regimen.steps[0].from_
    judged = review(plan.regimen, case, laid, on=on)
    edition = Edition(plan=plan, case=case, reviewed=judged, known=laid, made_on=on)
    lines = heading(edition, ENGLISH)
    assert "By what Lindenhof has drawn closer itself, version 2, from 2026-12-01." in lines
    assert any(f" of {len(known.states)} files are signed" in line for line in lines), lines
