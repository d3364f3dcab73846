"""Case D: a million people summarised in bands, in a process of its own, whose memory nothing else has touched."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import sys
import time
from pathlib import Path

from opentaper import load, propose, read_case
from opentaper.pharmacology.cohort import bands
from opentaper.pharmacology.course import Course, body_of
from opentaper.pharmacology.people import Assumptions
from opentaper.pharmacology.simulate import AS_PLANNED, TAIL, USUAL_EFFECT, chosen_models, effect_model

EXAMPLE = Path(__file__).parents[1] / "examples" / "clonazepam-2mg.toml"
DAY = dt.date(2026, 12, 1)
CORES = 2
SMALL, LARGE = 100_000, 1_000_000
ROUNDS, AROUND = 2, 5
"""Large ones, and small ones before and after each: as many people in all, so that a busy half minute slows both alike."""


def main() -> None:
    """Print, as one JSON object, the times [s], their ratio and the highest memory [MiB]."""
    known = load(DAY)
    case = read_case(EXAMPLE, known)
    regimen = next(plan for plan in propose(case, known).plans if plan.name == "usual").regimen
    models = chosen_models(regimen.drugs, known)
    course = Course.of(case, regimen, known, models, regimen.steps[-1].from_ + TAIL, AS_PLANNED)
    assumed = Assumptions(
        kinetics=models,
        effect=effect_model(USUAL_EFFECT, known),
        potencies=known.potencies,
        adaptation=known.adaptation,
    )
    body = body_of(case, course)

    def seconds(people: int) -> float:
        began = time.perf_counter()
        bands(course, assumed, body, people, seed=1, cores=CORES)
        return time.perf_counter() - began

    seconds(4096)
    small, large = [], []
    for _ in range(ROUNDS):
        small += [seconds(SMALL) for _ in range(AROUND)]
        large.append(seconds(LARGE))
        small += [seconds(SMALL) for _ in range(AROUND)]
    ratio = statistics.mean(large) / statistics.mean(small)
    days = len(bands(course, assumed, body, 1, seed=1).on)
    found = {"seconds": statistics.mean(large), "ratio": ratio, "mib": peak_mib(), "days": days}
    json.dump(found, sys.stdout)


def peak_mib() -> float:
    """Return the most memory that this process has held [MiB].

    Not `ru_maxrss`, which a process inherits from the one that started it.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / 1024.0
    raise OSError("this system does not say how much memory a process has held")


if __name__ == "__main__":
    main()
