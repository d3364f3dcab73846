"""What the base holds, and what it refuses to hold."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from tests.conftest import TODAY

from opentaper import Knowledge, load
from opentaper.exchange import facts
from opentaper.knowledge import KnowledgeError, ReviewState, verified
from opentaper.knowledge.load import DATA
from opentaper.patient import diazepam_equivalent
from opentaper.quantity import Dose


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_it_covers_the_countries_and_drugs_that_it_promises(known: Knowledge) -> None:
    assert {product.country for product in known.products.values()} >= {"US", "UK", "CA", "AU", "CH", "DE", "FR", "NL"}
    assert {"clonazepam", "diazepam", "lorazepam", "alprazolam", "zolpidem", "zopiclone"} <= set(known.drugs)
    assert len(known.equivalences) == 10
    assert len(known.interactions) >= 87
    assert len(known.protocols) == 9


@pytest.mark.parametrize(
    "key", ["us-clonazepam-odt-0.125mg", "uk-clonazepam-solution-0.1mg-per-ml", "ch-clonazepam-drops-2.5mg-per-ml"]
)
def test_products_are_known_by_country_drug_form_and_strength(known: Knowledge, key: str) -> None:
    assert key in known.products


def test_a_brand_with_another_score_is_its_own_product(known: Knowledge) -> None:
    generic, brand = known.products["us-clonazepam-tablet-1mg"], known.products["us-clonazepam-tablet-1mg-klonopin"]
    assert (generic.score, brand.score) == ("half", "none")


def test_clonazepam_says_what_a_good_drug_article_says(known: Knowledge) -> None:
    told = {claim.about for claim in known.drugs["clonazepam"].claims}
    assert told >= {
        "class", "mechanism", "indication", "onset", "duration", "half-life", "metabolism", "adverse-effect", "warning",
        "interaction", "pregnancy", "special-population", "dependence", "withdrawal", "tapering", "testing", "contested",
        "history", "use", "price",
    }  # fmt: skip


def test_a_popular_claim_that_is_half_right_says_what_is_wrong_with_it(known: Knowledge) -> None:
    claims = [claim for claim in known.drugs["clonazepam"].claims if claim.half_right]
    assert len(claims) >= 4
    assert any("third" in claim.says.lower() or "third" in (claim.half_right or "") for claim in claims)


def test_disagreeing_half_lives_stand_side_by_side(known: Knowledge) -> None:
    claims = [claim for claim in known.drugs["clonazepam"].claims if claim.about == "half-life" and claim.disputes]
    assert len({claim.source for claim in claims}) >= 2


def test_the_two_tables_of_the_guideline_differ_twofold_for_clonazepam(known: Knowledge) -> None:
    half, one = (known.equivalences[key].of("clonazepam", Dose.read("1 mg")) for key in ("ashton-2002", "va-dod-2021"))
    assert half == (Dose.read("20 mg"), Dose.read("20 mg"))
    assert one == (Dose.read("10 mg"), Dose.read("10 mg"))


def test_defined_daily_doses_are_never_an_equivalence(known: Knowledge) -> None:
    """Clonazepam's defined daily dose of 8 mg would call 2 mg equal to 2.5 mg of diazepam."""
    table = known.equivalences["who-ddd-2026"]
    assert not table.equivalence
    assert table.because
    band = diazepam_equivalent("clonazepam", Dose.read("2 mg"), known)
    assert band is not None
    assert band[0] == Dose.read("20 mg")


def test_what_was_recalled_is_shown_as_unverified(known: Knowledge) -> None:
    price = next(fact for fact in facts(known, "us-clonazepam-odt-0.125mg") if "price" in fact.says)
    assert price.confidence == "general-knowledge"
    assert not price.verified


def test_nothing_recalled_is_promoted_to_something_read(known: Knowledge) -> None:
    """A figure counts as verified only when its source was read somehow."""
    told = [
        (claim.source, claim.confidence) for drug in known.drugs.values() for claim in (*drug.claims, *drug.identifiers)
    ]
    told += [(product.source, product.confidence) for product in known.products.values()]
    told += [(table.source, row.confidence) for table in known.equivalences.values() for row in table.rows]
    told += [
        (each.source, each.confidence)
        for each in (*known.interactions.values(), *known.limits, *known.protocols.values())
    ]
    assert not [source for source, sure in told if verified(sure) and known.sources[source].read_as == "memory"]


def test_every_fact_has_a_source_a_place_a_confidence_and_a_state(known: Knowledge) -> None:
    for key in (*known.drugs, *known.equivalences, *known.protocols, "two-week-reduction", "opioids", "epilepsy"):
        for fact in facts(known, key):
            assert fact.source in known.sources
            assert fact.at and fact.confidence and fact.state


def test_the_glucuronidated_drugs_are_three_and_their_list_is_shown_as_recalled(known: Knowledge) -> None:
    named = [drug for drug in known.drugs.values() if drug.has_trait("glucuronidated")]
    assert [drug.key for drug in named] == ["lorazepam", "oxazepam", "temazepam"]
    assert not any(verified(trait.confidence) for drug in named for trait in drug.traits)
    assert not any(drug.has_trait("long-acting") for drug in named)
    assert known.drugs["diazepam"].has_trait("long-acting")
    with pytest.raises(ValueError, match="no trait"):
        known.drugs["diazepam"].has_trait("long acting")


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("limits/jcpg-2025.toml", "bound =", "buond =", "bound"),
        ("limits/jcpg-2025.toml", 'effect = "block"', 'effect = "blok"', 'did you mean "block"'),
        ("limits/jcpg-2025.toml", 'value = "1/4"', "value = 0.25", "not exact text"),
        ("limits/jcpg-2025.toml", 'value = "1/4"', 'value = "5/4"', "a share is above 0 and at most 1"),
        ("limits/jcpg-2025.toml", 'id = "two-week-reduction"', 'id = "initial-reduction"', "already"),
        ("products/us.toml", 'drug = "clonazepam"', 'drug = "clonazapam"', "clonaz"),
        ("products/us.toml", 'score = "half"', 'score = "halves"', 'did you mean "half"'),
        (
            "equivalence/ashton-2002.toml",
            'source = "ashton-2002"',
            'source = "ashton-2003"',
            'did you mean "ashton-2002"',
        ),
        ("drugs/clonazepam.toml", 'unit = "h"', 'unit = "hours"', "unit"),
        ("drugs/lorazepam.toml", 'is = "glucuronidated"', 'is = "glucuronised"', 'did you mean "glucuronidated"'),
        ("drugs/diazepam.toml", 'is = "long-acting"', 'was = "long-acting"', "this key is missing"),
        ("protocols/nardi-2010.toml", "every_days_low = 14", "every_day_low = 14", "every_days_low"),
        ("screening/conditions.toml", 'key = "bipolar"', 'key = "epilepsy"', "already"),
    ],
)
def test_a_key_that_is_not_known_stops_loading(copy: Path, name: str, old: str, new: str, says: str) -> None:
    edit(copy, name, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load(TODAY, copy)
    assert says in str(caught.value)


def sign(folder: Path, known: Knowledge, name: str, on: str = "2026-11-01", due: str = "2027-11-01") -> None:
    entry = (
        f'[[signoff]]\nof = "{name}"\ndigest = "{known.files[name]}"\nby = "Dr A. Example"\nrole = "prescriber"\n'
        f"on = {on}\ndue = {due}\n\n"
    )
    path = folder / "signoffs.toml"
    path.write_text((path.read_text() if path.exists() else "") + entry)


def test_a_signed_file_is_reviewed_until_it_is_due_or_changed(copy: Path, known: Knowledge) -> None:
    name = "limits/jcpg-2025.toml"
    assert known.states[name] is ReviewState.DRAFT
    sign(copy, known, name)
    assert load(TODAY, copy).states[name] is ReviewState.REVIEWED
    assert load(dt.date(2028, 1, 1), copy).states[name] is ReviewState.OVERDUE
    assert load(dt.date(2026, 10, 1), copy).states[name] is ReviewState.DRAFT
    edit(copy, name, "# The joint guideline", "# A comment changes nothing. The joint guideline")
    assert load(TODAY, copy).states[name] is ReviewState.REVIEWED
    edit(copy, name, 'value = "1/4"', 'value = "1/5"')
    assert load(TODAY, copy).states[name] is ReviewState.CHANGED


def test_the_base_is_as_checked_as_its_least_checked_file(copy: Path, known: Knowledge) -> None:
    for name in known.files:
        sign(copy, known, name)
    assert load(TODAY, copy).state is ReviewState.REVIEWED
    edit(copy, "risk/jcpg-2025.toml", 'low_at_most_mg = "0.5"', 'low_at_most_mg = "0.6"')
    assert load(TODAY, copy).state is ReviewState.CHANGED


def test_nobody_can_type_reviewed(copy: Path) -> None:
    edit(copy, "drugs/clonazepam.toml", 'key = "clonazepam"', 'key = "clonazepam"\nstate = "reviewed"')
    with pytest.raises(KnowledgeError, match="this key is not known here"):
        load(TODAY, copy)


def test_a_signature_over_another_content_counts_for_nothing(copy: Path, known: Knowledge) -> None:
    name = "limits/jcpg-2025.toml"
    sign(copy, known, name)
    text = (copy / "signoffs.toml").read_text().replace(known.files[name], "0" * 64)
    (copy / "signoffs.toml").write_text(text)
    assert load(TODAY, copy).states[name] is ReviewState.CHANGED
