"""The page itself, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.validation import drawn
from docs.validation.checks import CODE, FREE, NOT_MODELLED, ORIGINS, USED, Compared, all_compared, printed

from opentaper import Knowledge
from opentaper.exchange.charts import Chart

FOLDER = Path(__file__).parents[1] / "explanation"
NAME = "validation.md"


def groups(every: Sequence[Compared]) -> list[tuple[str, list[Compared]]]:
    """Return all comparisons under headings, in the order of the page."""
    found = {title: [] for title in ("Clonazepam tablets", "Clonazepam, the two other models", "Diazepam, nordazepam and lorazepam", "Stopping, and what is felt", "The published clonazepam model, digit by digit")}  # fmt: skip
    titles = list(found)
    for each in every:
        if each.check.origin == CODE:
            found[titles[4]].append(each)
        elif each.printed.id.startswith(("w-", "t-", "clonazepam/")):
            found[titles[3]].append(each)
        elif each.check.model in ("clonazepam-kruizinga-2022", "clonazepam-greenblatt-2005"):
            found[titles[1]].append(each)
        elif each.printed.id.startswith("czp-"):
            found[titles[0]].append(each)
        else:
            found[titles[2]].append(each)
    return list(found.items())


def charts(known: Knowledge, every: Sequence[Compared]) -> tuple[Chart, ...]:
    """Return the charts of the page."""
    return drawn.ratio_chart(groups(every)), drawn.stopping_chart(known)


def plain(value: float) -> str:
    """Return a number with three digits that count, never in powers of ten."""
    if value == 0.0:
        return "0"
    text = f"{value:.3g}"
    return f"{float(text):.0f}" if "e" in text else text


def exactly(value: float) -> str:
    return f"{value:.3f}"


def page(known: Knowledge, every: Sequence[Compared], drawings: Sequence[Chart]) -> str:
    """Return the page.

    Raises:
        KeyError: nobody has said what a miss means.
    """
    parts = (_head(known, every, drawings), _misses(every), _tables(every), _silent(known), _foot())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(known: Knowledge, every: Sequence[Compared], drawings: Sequence[Chart]) -> Iterator[str]:
    counted = Counter((each.check.origin, each.agrees) for each in every)
    ratio, stopping = drawings
    yield f"""# Does it agree with what was measured?

**Modelled, pending review.** No clinician has signed these figures, and agreement with old averages is no promise about
one person. This page is generated: `make validation` writes it anew, and a test fails when it is out of date.

The base holds {len(known.observations)} published observations. {len({each.printed.id for each in every if "/" not in each.printed.id})} of them, and two claims about a single dose, are held against the models in
{len(every)} comparisons, some by several models; of the other {len(NOT_MODELLED)} the models say nothing, and the reason stands below.

| | agree | MISS | |
|---|---:|---:|---|
| free | {counted[FREE, True]} | {counted[FREE, False]} | {ORIGINS[FREE]} |
| used | {counted[USED, True]} | {counted[USED, False]} | {ORIGINS[USED]} |
| code | {counted[CODE, True]} | {counted[CODE, False]} | {ORIGINS[CODE]} |

**Only the free rows are evidence.** Several of them share a model, so they are not independent of one another either.

![{ratio.says}]({ratio.name}.svg)

![{stopping.says}]({stopping.name}.svg)

## What counts as agreement

For levels, one rule set before the numbers were compared: inside a printed range; within one SD of a printed mean; 0.8 to
1.25 times a single printed figure; half to twice a printed time of a peak; the last printed digit for levels that the
evidence review computed from a published model. Some bands for clonazepam are the evidence review's own, which also chose
the figures of the tablet model. For stopping and for what is felt, published findings are mostly words and round days, so
definition and band stand in each row; they were written with the model's numbers in view, and agreement there is weak
evidence at best. The model's number is that of one typical person of 70 kg. Withdrawal and what is felt are those of the
*occupancy* model, with the range over all four rival models of the effect beside it.

*Withdrawal* is what people are used to less the effect, as far as dependence has grown, as a share of the average effect
of the dose that was stopped. *Gone* means below 5 % of it. *Felt* means an effect of at least half of its own peak. These
are our definitions; nobody has measured any of them."""
    yield ""


def _misses(every: Sequence[Compared]) -> Iterator[str]:
    yield "## Known misses\n"
    yield "| published | prints | model says | by | why, or what it means |"
    yield "|---|---|---:|---|---|"
    for each in every:
        if not each.agrees:
            yield f"| {_label(each)} | {each.printed.prints} | **{_number(each)}** | {each.check.model} | {MEANS[each.check.key]} |"
    yield ""


def _label(each: Compared) -> str:
    part = f", {each.check.part}" if each.check.part else ""
    return f"{each.printed.label}{part}"


def _number(each: Compared) -> str:
    found = exactly(each.found) if each.check.origin == CODE else plain(each.found)
    unit = "" if each.unit in ("ratio", "fraction", "words") else f" {each.unit}"
    return f"{found}{unit}"


def _tables(every: Sequence[Compared]) -> Iterator[str]:
    for title, rows in groups(every):
        yield f"## {title}\n"
        rivals = any(each.rivals for each in rows)
        yield (
            "| published | prints | model | "
            + ("over rivals | " if rivals else "")
            + "ratio | verdict | tolerance | set by it? | source | confidence |"
        )
        yield "|---|---|---:|" + ("---|" if rivals else "") + "---:|---|---|---|---|---|"
        for each in rows:
            yield _row(each, rivals=rivals)
        yield ""


def _row(each: Compared, *, rivals: bool) -> str:
    said = each.printed
    ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
    verdict = "agrees" if each.agrees else "**MISS**"
    range_ = ""
    if rivals and each.rivals:
        range_ = f"{plain(each.rivals[0])}-{plain(each.rivals[1])}"
    how = f". *{each.check.how[0].upper()}{each.check.how[1:]}.*" if each.check.how else ""
    limits = f"{plain(each.band.low)}-{plain(each.band.high)}, {each.band.why}"
    if each.check.origin == CODE:
        limits = each.band.why
    return (
        f"| {said.says.rstrip('.')}{how} | {said.prints} | {_number(each)} ({each.check.model}) | "
        + (f"{range_} | " if rivals else "")
        + f"{ratio} | {verdict} | {limits} | {each.check.origin} | {said.source}, {said.at} | {said.confidence} |"
    )


def _silent(known: Knowledge) -> Iterator[str]:
    yield "## Of what the models say nothing\n"
    yield "| published | prints | why not | source | confidence |"
    yield "|---|---|---|---|---|"
    for key, why in NOT_MODELLED.items():
        said = printed(known, key)
        yield f"| {said.says} | {said.prints} | {why} | {said.source}, {said.at} | {said.confidence} |"
    yield ""
    yield "## What the model says and nobody published\n"
    shares = drawn.between_doses(known)
    yield (
        "On an unchanged dose the model finds withdrawal between doses of drugs that leave within the day: at its worst "
        + ", ".join(f"{plain(100.0 * share)} % of the effect of the dose on {drug}" for drug, share in shares.items())
        + ". Rebound in the daytime on short-acting drugs is described; figures of this size are not. So a withdrawal after "
        "a step is to be read against that of the day before it. And every model lets people get used to every effect "
        "alike, where anxiety and memory probably are not (Vinkers 2012).\n"
    )


def _foot() -> Sequence[str]:
    return (
        "## How it is checked",
        "",
        "`tests/science/test_validation.py` makes every comparison again, fails when an observation of the base is in "
        "neither table, holds every agreement to its tolerance, and holds every miss to being that miss: a miss that goes "
        "away has to be taken off the list by hand. That the levels are what the equations give is another question, "
        "answered in `tests/science/test_kinetics.py` and `test_adaptation.py`: against a step-controlled solver of the "
        "differential equations to 1e-9 of the highest level, and adaptation of every typical person to 1e-6 of its most.",
    )


SPREAD = "studies differ among themselves; the model stands with the others"
TIMES = "the old are given the young model's figure times the ratio that the study found, and the young one is too high already"
MEANS = {
    ("czp-kor-auc", "clonazepam-tablet", ""): "the study could not see below 5 ng/mL: cut off there, the model's area would be 1330, within one SD",
    ("czp-kor-half-life", "clonazepam-tablet", ""): "a cut tail looks steeper; other studies print 38-43 h",
    ("czp-yukawa-css", "clonazepam-tablet", ""): "in children and young adults clearance is higher than weight explains: not a model for them",
    ("czp-kaplan-cmax", "clonazepam-tablet", ""): "tablets and assays of 1974 peaked lower than those of 2003 that the model was set by",
    ("czp-crev-po-cmax", "clonazepam-kruizinga-2022", ""): "a solution, and a third below the peak of tablets: do not test tablets with it",
    ("czp-crev-po-auc0-inf", "clonazepam-kruizinga-2022", ""): "its clearance is the lowest that is published",
    ("czp-crev-po-half-life", "clonazepam-kruizinga-2022", ""): "sampled for 48 h, so that its last half-life is an extrapolation",
    ("czp-green05-po-half-life", "clonazepam-kruizinga-2022", ""): "as before",
    ("czp-green05-po-apparent-clearance", "clonazepam-kruizinga-2022", ""): "as before",
    ("czp-green05-po-accumulation-ratio-day7-day1", "clonazepam-kruizinga-2022", ""): "too long a half-life accumulates too much",
    ("czp-ch-ss-cmin-ss-pre-dose", "clonazepam-kruizinga-2022", ""): "as before: 80 where the label prints 55",
    ("czp-crev-po-cmax", "clonazepam-greenblatt-2005", ""): "one compartment flattens the peak to half",
    ("czp-crev-po-auc0-inf", "clonazepam-greenblatt-2005", ""): "its people cleared faster than Crevoisier's",
    ("dzp-herman-iv-volume-young-men-20-30", "diazepam-oral", ""): "the model's volume is that of 48 men and of children scaled up; seven young men had less",
    ("dzp-herman-iv-volume-elderly-men-60-75", "diazepam-oral", ""): TIMES,
    ("dzp-herman-iv-clearance-elderly-men-60-75", "diazepam-oral", ""): "the model's clearance is that of 48 men, faster than in either of the study's groups",
    ("dzp-green21-half-life-diazepam-young-21-33", "diazepam-oral", ""): SPREAD,
    ("dzp-green21-half-life-nordazepam-young-21-33", "diazepam-oral", ""): SPREAD,
    ("dzp-green21-half-life-nordazepam-elderly-61-78", "diazepam-oral", ""): TIMES,
    ("dzp-green21-css-ratio", "diazepam-oral", "diazepam"): "the model changes diazepam's volume with age and not its clearance, as Herman 1996 has it; not significant in the study",
    ("dmdz-clz-po-cmax", "clorazepate-oral", ""): "one compartment has no first hours: the peak is less than half; over days it hardly matters",
    ("lzp-green79-po-absorption-half-life-2-mg", "lorazepam-oral", ""): "one rate for both doses of the study",
    ("lzp-green79-po-absorption-half-life-4-mg", "lorazepam-oral", ""): "as before",
    ("w-petur-duration-of-full-withdrawal-syndrome", "lorazepam", ""): "above half of the peak is one reading of a full syndrome; by the 5 % of Busto it lasts 26 days",
    ("w-petur-duration-of-full-withdrawal-syndrome", "diazepam", ""): "as before, by five hours",
    ("w-gillin-carry-over-benefit-then-mild-rebound", "flurazepam-oral", "benefit"): "after 33 nights people are used to nearly all of it, so nothing is left over to carry; the published benefit is of sleep, to which tolerance may be less",
    ("clonazepam/duration-6-12", "clonazepam-tablet", "2 mg"): "the larger the dose the longer it is above half of a peak that the curve flattens; at 0.5 mg it agrees",
}  # fmt: skip
"""What each known miss means; a miss without an entry stops the page."""


def files(known: Knowledge) -> dict[str, str]:
    """Return the page and its charts, by the names of their files."""
    every = all_compared(known)
    drawings = charts(known, every)
    return {NAME: page(known, every, drawings), **{f"{each.name}.svg": each.svg() for each in drawings}}


def write(known: Knowledge, folder: Path = FOLDER) -> None:
    """Write the page and its charts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(known).items():
        (folder / name).write_text(text, encoding="utf-8")
