"""A cohort from the command line: bands of as many people as are asked for, and everybody, a row a day, as Parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opentaper.cli.door import InputError
from opentaper.pharmacology import Simulation, rounded
from opentaper.pharmacology.cohort import MEASURES, Looked, bands, in_blocks
from opentaper.quantity import decimal_text


def cores() -> int:
    """Return how many blocks of people are worked out side by side."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def cohort_document(simulation: Simulation, count: int) -> dict[str, Any]:
    """Return the bands of a cohort, by the day, before the first intake: decimal text, for JSON and for a table."""
    found = bands(simulation.course, simulation.assumed, simulation.body, count, seed=simulation.seed, cores=cores())
    document: dict[str, Any] = {
        "modelled": True,
        "people": count,
        "seed": simulation.seed,
        "quantiles": [decimal_text(rounded(each)) for each in found.at],
        "on": [day.isoformat() for day in found.on],
    }
    for measure, values in found.of.items():
        share = measure in MEASURES
        name = f"{measure}_percent" if share else f"{_column(measure)}"
        times, places = (100.0, 1) if share else (1.0, 2)
        document[name] = [[decimal_text(rounded(each * times, places)) for each in row] for row in values.tolist()]
    return document


WINDOW_DAYS = 28


def cohort_table(document: dict[str, Any], basis: str) -> Iterator[str]:
    """Yield lines on the withdrawal of a cohort: in every four weeks the worst day, the middle person and nine of ten.

    Args:
        document: what `cohort_document` found.
        basis: what it assumes, who says so, and how far that is checked.
    """
    yield ""
    yield f"Modelled: withdrawal in a cohort of {document['people']} people who differ as the base says (seed {document['seed']}),"
    yield "under the plan and whatever else was asked above; % of the effect of the present dose, before the first intake of a"
    yield "day, so less than at the worst hour of the day. The worst day in every four weeks: the middle person, nine of ten."
    yield basis
    low, middle, high = (document["withdrawal_percent"][place] for place in (0, 2, 4))
    for begun in range(0, len(document["on"]), WINDOW_DAYS):
        days = range(begun, min(begun + WINDOW_DAYS, len(document["on"])))
        worst = max(days, key=lambda day: float(middle[day]))
        around = f"{float(low[worst]):.0f}–{float(high[worst]):.0f}"
        yield f" {document['on'][begun]}  {float(middle[worst]):.0f} % ({around}) on {document['on'][worst]}"


def write_parquet(file: Path, simulation: Simulation, count: int) -> None:
    """Write everybody, one row a person and day, a block of people at a time.

    The columns: person, on, level_<drug>_ng_per_ml, effect, adapted and withdrawal, the last three as shares of the
    effect of the dose before the first day. The file's own notes say that it is modelled, and with what.

    Raises:
        InputError: the extra `cohort` is not installed, or the file cannot be written.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InputError("--parquet needs the extra cohort: pip install opentaper[cohort]") from None
    if file.exists():
        raise InputError(f"--parquet {file}: there is a file already; give a new name")
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        blocks = in_blocks(
            simulation.course, simulation.assumed, simulation.body, count, seed=simulation.seed, cores=cores()
        )
        first = next(blocks)
        schema = pa.schema(
            [("person", pa.int64()), ("on", pa.date32()), *((_column(name), pa.float32()) for name in first.each())]
        ).with_metadata(_notes(simulation, count))
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for begun, block in _numbered(first, blocks):
                writer.write_table(pa.table(_columns(pa, simulation, begun, block), schema=schema))
        unfinished.replace(file)
    except OSError as problem:
        raise InputError(f"--parquet {file}: cannot be written ({problem.strerror or problem})") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _numbered(first: Looked, blocks: Iterator[Looked]) -> Iterator[tuple[int, Looked]]:
    begun, block = 0, first
    while True:
        yield begun, block
        begun += block.effect.shape[0]
        following = next(blocks, None)
        if following is None:
            return
        block = following


def _column(measure: str) -> str:
    return measure if measure in MEASURES else f"level_{measure}_ng_per_ml"


def _columns(pa: Any, simulation: Simulation, begun: int, block: Looked) -> dict[str, Any]:
    import numpy as np

    people, days = block.effect.shape
    return {
        "person": pa.array(np.repeat(np.arange(begun, begun + people), days)),
        "on": pa.array(np.tile(np.array(simulation.on, dtype="datetime64[D]"), people)),
        **{_column(name): pa.array(values.ravel().astype(np.float32)) for name, values in block.each().items()},
    }


def _notes(simulation: Simulation, count: int) -> dict[str, str]:
    return {
        "says": "Modelled, not measured; looked at once a day before the first intake.",
        "people": str(count),
        "seed": str(simulation.seed),
        "kinetics": ", ".join(model.key for model in simulation.kinetics.values()),
        "effect": simulation.effect.key,
    }
