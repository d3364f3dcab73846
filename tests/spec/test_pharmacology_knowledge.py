"""The numbers behind a simulation: which the base holds, what it refuses, and that nothing recalled is promoted."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from tests.conftest import TODAY

from opentaper import Knowledge, load
from opentaper.exchange import facts, keys, kinds
from opentaper.knowledge import PARAMETER_UNITS, KnowledgeError, verified
from opentaper.knowledge.load import DATA

CONCENTRATIONS, OUTCOMES = 92, 63
"""Rows of the evidence review's two validation tables: every one of them is carried."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def said(known: Knowledge) -> Iterator[tuple[str, str]]:
    """Yield source and confidence of every number behind a simulation."""
    for model in known.kinetics.values():
        yield model.source, model.confidence
        yield from ((row.source, row.confidence) for row in model.rows)
    for effect in known.effects.values():
        yield effect.source, effect.confidence
        yield from ((row.source, row.confidence) for row in effect.parameters)
    for potency in (*known.potencies.values(), *known.rival_potencies):
        yield potency.source, potency.confidence
    yield from ((part.source, part.confidence) for part in known.adaptation.parts.values())
    yield from ((each.source, each.confidence) for each in known.observations.values())


def test_every_tapered_drug_of_the_evidence_has_a_model_and_exactly_one_is_chosen(known: Knowledge) -> None:
    without = {drug.key for drug in known.drugs.values() if drug.tapered and not known.kinetics_of(drug.key)}
    assert without == {"flunitrazepam", "loprazolam", "lormetazepam", "midazolam", "quazepam"}
    for drug in {model.drug for model in known.kinetics.values()}:
        first, *others = known.kinetics_of(drug)
        assert first.chosen and first.because
        assert not any(model.chosen for model in others)


def test_three_models_of_clonazepam_stand_side_by_side_and_disagree(known: Knowledge) -> None:
    models = known.kinetics_of("clonazepam")
    assert [model.key for model in models] == [
        "clonazepam-tablet", "clonazepam-greenblatt-2005", "clonazepam-kruizinga-2022",
    ]  # fmt: skip
    clearances = [model.value("clearance") for model in models]
    assert [row.value for row in clearances if row] == [Fraction("3.7"), Fraction("4.32"), Fraction("2.98")]
    assert "by hand" in models[0].name
    assert models[0].source == "opentaper"


def test_the_published_population_model_is_carried_as_it_is_printed(known: Knowledge) -> None:
    model = known.kinetics["clonazepam-kruizinga-2022"]
    printed = {row.name: (row.value, row.cv_percent) for row in model.parameters}
    assert printed == {
        "clearance": (Fraction("2.98"), None),
        "central-volume": (Fraction("109.5"), None),
        "between-clearance": (Fraction("61.37"), 50),
        "peripheral-volume": (Fraction("130.6"), None),
        "absorption-rate": (Fraction("1.106"), 40),
        "fast-absorption-rate": (100, None),
        "fast-part": (Fraction(1, 4), None),
        "bioavailability": (1, 16),
    }
    assert model.absorption == "mixture-of-people"
    assert model.residual_percent == Fraction("7.62")


def test_a_parameter_that_a_model_lacks_is_none_and_one_that_no_model_has_is_an_error(known: Knowledge) -> None:
    model = known.kinetics["clonazepam-tablet"]
    assert model.value("lag") is None
    with pytest.raises(KeyError):
        model.value("volume")


def test_a_prodrug_is_measured_as_its_product(known: Knowledge) -> None:
    products = {model.drug: model.analyte for model in known.kinetics.values() if model.analyte != model.drug}
    assert products == {"clorazepate": "nordazepam", "flurazepam": "desalkylflurazepam"}


def test_every_analyte_of_every_model_has_a_potency_with_a_band(known: Knowledge) -> None:
    for analyte in {analyte for model in known.kinetics.values() for analyte in model.analytes}:
        estimate = known.potencies[analyte].estimate
        assert estimate.low < estimate.value < estimate.high


def drive(known: Knowledge, drug: str, daily: Fraction) -> Fraction:
    """Return how much of the half-filling levels a day's dose reaches on average: the model written out by hand."""
    model = known.kinetics_of(drug)[0]
    reaching = daily / 24 * 1000
    for name in ("bioavailability", "molar-ratio"):
        row = model.value(name)
        reaching *= row.value if row else 1
    formed = {model.analyte: reaching}
    clearance = model.value("clearance")
    assert clearance
    total = reaching / clearance.value / known.potencies[model.analyte].estimate.value
    for each in model.metabolites:
        formed[each.analyte] = (
            formed[each.from_] * each.value("fraction-formed").value * each.value("molar-ratio").value
        )
        total += formed[each.analyte] / each.value("clearance").value / known.potencies[each.analyte].estimate.value
    return total


@pytest.mark.parametrize("drug", ["alprazolam", "lorazepam", "diazepam", "clorazepate", "chlordiazepoxide", "temazepam",
                                  "oxazepam", "clobazam", "nitrazepam", "triazolam", "zolpidem", "zopiclone"])  # fmt: skip
def test_doses_that_ashton_calls_equal_come_within_about_twofold_in_a_simulation(known: Knowledge, drug: str) -> None:
    """Else a switch of drug would be simulated as a large rise or fall of dose."""
    table = known.equivalences["ashton-2002"]
    rows = {row.drug: row.low.mg for row in table.rows} | {"diazepam": table.reference_dose.mg}
    ratio = drive(known, drug, rows[drug]) / drive(known, "clonazepam", rows["clonazepam"])
    assert Fraction(45, 100) <= ratio <= 2


def test_the_reviews_own_potency_of_diazepam_is_kept_and_not_the_chosen_one(known: Knowledge) -> None:
    assert [each.estimate.value for each in known.rival_potencies if each.analyte == "diazepam"] == [600]
    assert known.potencies["diazepam"].estimate.value == 3600


def test_four_rival_assumptions_about_effect_each_say_what_speaks_against_them(known: Knowledge) -> None:
    assert {key: model.kind for key, model in known.effects.items()} == {
        "straight": "linear", "occupancy": "occupancy", "amplified": "occupancy", "two-state": "two-state",
    }  # fmt: skip
    assert all(model.against and model.because for model in known.effects.values())
    assert known.effects["amplified"].potency_scale == Fraction(131, 960)
    assert {key for key, model in known.effects.items() if model.potency_scale != 1} == {"amplified"}


def test_the_open_state_gains_less_than_one_kilocalorie(known: Knowledge) -> None:
    assert known.effects["two-state"].value("drug-preference").estimate.low == Fraction(1, 5)


def test_adaptation_is_whole_and_the_slow_process_is_in_few_people(known: Knowledge) -> None:
    processes = known.adaptation.processes
    assert sum(each.share.value for each in processes.values() if each.of == "whole") == 1
    assert processes["slow"].of == "main"
    assert (processes["slow"].people_percent.low, processes["slow"].people_percent.high) == (10, 15)
    assert processes["fast"].days.value < processes["main"].days.value < processes["slow"].days.value


def test_nothing_about_effect_potency_or_adaptation_counts_as_verified(known: Knowledge) -> None:
    parts = [*known.adaptation.parts.values(), *known.potencies.values(), *known.rival_potencies]
    assert not [part for part in (*parts, *known.effects.values()) if verified(part.confidence)]


def test_nothing_recalled_is_promoted_to_something_read(known: Knowledge) -> None:
    sources = known.sources
    assert not [key for key, sure in said(known) if verified(sure) and sources[key].read_as == "memory"]


def test_a_figure_whose_note_calls_it_recalled_is_unverified(known: Knowledge) -> None:
    for each in known.observations.values():
        if "numbers recalled" in each.at or "percentages recalled" in each.at:
            assert not verified(each.confidence), each.id
    assert not verified(known.observations["czp-crev-iv-vz"].confidence)


def test_every_row_of_the_validation_tables_is_carried(known: Knowledge) -> None:
    files = Counter(each.file for each in known.observations.values())
    assert files == {"validation/concentrations.toml": CONCENTRATIONS, "validation/withdrawal.toml": OUTCOMES}


@pytest.mark.parametrize(
    ("key", "low", "high", "sd", "unit", "prints"),
    [
        ("czp-crev-po-cmax", "14.9", "14.9", None, "ng/mL", "14.9 ng/mL"),
        ("czp-crev-po-half-life", "39", "39", None, "h", "39.0 h"),
        ("czp-kor-cmax", "41.25", "41.25", "10.82", "ng/mL", "41.25 (10.82) ng/mL"),
        ("czp-berlin-sd-half-life", "19", "60", None, "h", "19-60 h"),
        ("czp-berlin-sd-tmax", None, "4", None, "h", "<=4 h"),
        ("w-gillin-studies-with-disturbed-sleep", "7/9", "7/9", None, "fraction", "7/9"),
        ("w-trz87-sleep-duration-vs-baseline", "-1.4", "-1.4", None, "h", "-1.4 h"),
        ("w-moroz-withdrawal-syndrome", None, None, None, "words", "none suggestive"),
    ],
)
def test_a_printed_figure_is_read_exactly(
    known: Knowledge, key: str, low: str | None, high: str | None, sd: str | None, unit: str, prints: str
) -> None:
    each = known.observations[key]
    read = tuple(Fraction(text) if text else None for text in (low, high, sd))
    assert (each.low, each.high, each.sd) == read
    assert (each.unit, each.prints) == (unit, prints)


def test_an_interval_is_kept_apart_from_the_value(known: Knowledge) -> None:
    each = known.observations["w-empowered-cessation-or"]
    assert (each.value, each.ci_low, each.ci_high) == (Fraction("5.31"), Fraction("1.12"), Fraction("25.12"))


def test_computed_levels_are_never_called_observed(known: Knowledge) -> None:
    computed = {each.id for each in known.observations.values() if each.kind == "model-derived"}
    assert len(computed) == 15
    assert all(key.startswith("czp-kruiz-") for key in computed)


def test_every_number_is_a_fact_with_source_confidence_place_and_state(known: Knowledge) -> None:
    told = kinds(known)
    for kind, count in (("kinetics", 19), ("effects", 4), ("potencies", 20), ("adaptations", 1), ("observations", 155)):
        assert len(told[kind]) == count
        for key in told[kind]:
            found = facts(known, key)
            assert found
            for fact in found:
                assert fact.source in known.sources
                assert fact.at and fact.confidence and fact.state and fact.file in known.files
    assert {"clonazepam-tablet", "amplified", "adaptation", "czp-kor-cmax"} <= set(keys(known))


def test_a_model_shows_every_parameter_and_marks_what_nobody_read(known: Knowledge) -> None:
    model = known.kinetics["diazepam-oral"]
    lines = [fact for fact in facts(known, model.key) if fact.kind == "kinetic parameter"]
    assert len(lines) == len(model.rows) + len(model.older)
    assert [fact.verified for fact in lines] == [verified(row.confidence) for row in (*model.rows, *model.older)]
    assert any("general-knowledge" in fact.confidence for fact in lines)
    assert all(fact.unit in {*PARAMETER_UNITS.values(), ""} for fact in lines)


def test_a_source_shows_what_was_observed_in_it(known: Knowledge) -> None:
    ids = {fact.key for fact in facts(known, "d-chung-2004") if fact.kind.startswith("observation")}
    assert ids == {"czp-kor-cmax", "czp-kor-tmax", "czp-kor-auc", "czp-kor-half-life"}


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("kinetics/clonazepam-tablet.toml", 'name = "clearance"', 'name = "clearence"', 'did you mean "clearance"'),
        ("kinetics/clonazepam-tablet.toml", 'name = "central-volume"', 'name = "lag"', "needs 'central-volume'"),
        ("kinetics/clonazepam-tablet.toml", '"two-compartment"', '"one-compartment"', "has no 'between-clearance'"),
        ("kinetics/clonazepam-tablet.toml", '"two-compartment"', '"three-compartment"', "allowed: one-compartment"),
        ("kinetics/clonazepam-tablet.toml", 'value = "3.7"', 'value = "0"', "must be above zero"),
        ("kinetics/clonazepam-tablet.toml", 'value = "3.7"', 'value = "-3.7"', "never negative"),
        ("kinetics/clonazepam-tablet.toml", 'value = "3.7"', "value = 3.7", "not exact text"),
        ("kinetics/clonazepam-tablet.toml", 'low = "2.98"', 'low = "3.8"', "outside its own range"),
        ("kinetics/clonazepam-tablet.toml", 'high = "4.4"\n', "", "both ends"),
        ("kinetics/clonazepam-tablet.toml", "because = ", "becuase = ", "because"),
        ("kinetics/clonazepam-tablet.toml", "chosen = true", "chosen = false", "this key is not known here"),
        ("kinetics/clonazepam-tablet.toml", 'drug = "clonazepam"', 'drug = "clonazapam"', "clonaz"),
        ("kinetics/clonazepam-tablet.toml", 'key = "clonazepam-tablet"', 'key = "tablet"', "not the file's name"),
        ("kinetics/clonazepam-greenblatt-2005.toml", "chosen = false", 'chosen = true\nbecause = "x"', "exactly one"),
        ("kinetics/clonazepam-kruizinga-2022.toml", 'value = "0.25"', 'value = "1.25"', "at most 1"),
        ("kinetics/diazepam-oral.toml", 'from = "diazepam"', 'from = "clobazam"', "does not stand before it"),
        ("kinetics/diazepam-oral.toml", 'name = "fraction-formed"', 'name = "lag"', "needs 'fraction-formed'"),
        ("kinetics/diazepam-oral.toml", 'cv_source = "d-herman-1996"', 'cv_source = "d-herman-1997"', "d-herman-1996"),
        ("kinetics/lorazepam-oral.toml", 'name = "lag"', 'name = "molar-ratio"', "has no 'molar-ratio'"),
        ("effects/amplified.toml", 'kind = "occupancy"', 'kind = "two-state"', "takes exactly"),
        ("effects/amplified.toml", 'potency_scale = "131/960"', 'potency_scale = "0"', "above zero"),
        ("effects/two-state.toml", 'name = "gaba-level"', 'name = "gaba-affinity"', "takes exactly"),
        ("effects/straight.toml", "against =", "againts =", "against"),
        ("potencies.toml", 'analyte = "clonazepam"', 'analyte = "clonidine"', "defined nowhere"),
        ("potencies.toml", "chosen = true", "chosen = false", "none of its potencies is the chosen one"),
        ("potencies.toml", "chosen = false", "chosen = true", "already"),
        ("adaptation.toml", 'share = { value = "0.75"', 'share = { value = "0.7"', "not to 1"),
        ("adaptation.toml", 'name = "slow"', 'name = "slower"', 'did you mean "slow"'),
        ("adaptation.toml", 'name = "effect-delay-half-life"', 'name = "assumed-clearance-cv"', "once each"),
        ("adaptation.toml", '"d-busto-1986"', '"d-busto-1987"', 'did you mean "d-busto-1986"'),
    ],
)
def test_a_number_that_cannot_be_right_stops_loading(copy: Path, name: str, old: str, new: str, says: str) -> None:
    edit(copy, name, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load(TODAY, copy)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "ng/mL"', 'unit = "mg/mL"', "did you mean"),
        ('value = "14.9"', 'value = "14,9"', "a comma can mean two things"),
        ('value = "14.9"', 'valeu = "14.9"', "every other has a number"),
        ('unit = "ng/mL"', 'unit = "words"', 'has the unit "words" and no number'),
        ('id = "czp-crev-po-cmax"', 'id = "czp-crev-po-tmax"', "already"),
        ('drugs = ["clonazepam"]', 'drugs = ["clonazapam"]', 'did you mean "clonazepam"'),
        ('source = "d-crevoisier-2003"', 'source = "d-crevoisier-2004"', 'did you mean "d-crevoisier-2003"'),
    ],
)
def test_an_observation_that_cannot_be_right_stops_when_it_is_asked_for(
    copy: Path, old: str, new: str, says: str
) -> None:
    edit(copy, "validation/concentrations.toml", old, new)
    known = load(TODAY, copy)
    with pytest.raises(KnowledgeError) as caught:
        _ = known.observations
    assert says in str(caught.value)


def test_a_changed_observation_changes_the_digest_of_the_base_although_it_is_read_late(
    copy: Path, known: Knowledge
) -> None:
    name = "validation/concentrations.toml"
    assert name in known.files and name in known.states
    edit(copy, name, 'value = "14.9"', 'value = "15.9"')
    changed = load(TODAY, copy)
    assert changed.files[name] != known.files[name]
    assert changed.digest != known.digest
