"""The engine of the pharmacology room against C and against other people's engines: agreement, speed, start-up, memory.

The cases, A to G, are in README.md. Run by bench.py, or alone.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import competitors
import ours
import reference
from cohort import DAILY_H, Cohort, cohort
from line import as_users_have_it, faster, in_turn, show
from ours import Ready

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "clonazepam-2mg.toml"
MILLION = Path(__file__).with_name("million.py")
CORES = {1: "one core", 2: "two cores"}
CLOCK = {1: time.process_time, 2: time.perf_counter}
"""One core is timed by what the process had of it, so that others on the machine do not count; two by the wall."""
MANY, SOME = 10_000, 1_000
START_UP = 3.6
"""0.4 s, where importing numpy takes 0.11 s: seconds alone say how busy a machine is."""


def main() -> None:
    """Print the lines of every case."""
    regular, irregular = cohort(MANY), cohort(MANY, irregular=True)
    agreement(regular.extremes(), irregular.extremes())
    for threads in CORES:
        against_c("A: 730 doses, 365 levels", regular, threads, ours.troughs, reference.troughs, "ratio >= 0.7")
        against_c(
            "B: 730 doses, 8,760 levels", regular.first(SOME), threads, ours.hourly, reference.hourly, "ratio >= 0.7"
        )
        against_c("C: and effect, withdrawal", regular, threads, ours.adaptation, reference.adaptation, "ratio >= 0.6")
    irregular_against_regular(irregular, regular)
    against_openpkflow(regular)
    against_diffrax(regular)
    start_up()
    memory()


def agreement(few: Cohort, odd: Cohort) -> None:
    """Before speed: whether all say the same, of ordinary people and of the fastest and slowest."""
    ours_few, ours_odd = ours.ready(few, threads=1), ours.ready(odd, threads=1)
    troughs, hourly, at_odd_times = ours.troughs(ours_few), ours.hourly(ours_few), ours.troughs(ours_odd)
    furthest, of_top = competitors.furthest, competitors.furthest_of_top
    error("A: level, ours and C", furthest(troughs, reference.troughs(few, threads=1)), "1e-12")
    error("A: level, ours and openpkflow", furthest(troughs, competitors.openpkflow_troughs(few)), "1e-12")
    error("B: level, ours and C", furthest(hourly, reference.hourly(few, threads=1)), "1e-12")
    error("G: level, ours and C", furthest(at_odd_times, reference.anytime(odd, DAILY_H, threads=1)), "1e-12")
    true, found, peer = competitors.truth(few), ours.adaptation(ours_few), reference.adaptation(few, threads=1)
    error("C: level, ours and DOP853", furthest(found.level, true.level), "1e-6")
    error("C: effect, ours and DOP853", furthest(found.effect, true.effect), "1e-6")
    error("C: adaptation, ours and DOP853", furthest(found.adapted, true.adapted), "1e-6")
    error("C: adaptation, C and DOP853", furthest(peer.adapted, true.adapted), "1e-6")
    error("C: withdrawal, ours and DOP853, of its top", of_top(found.withdrawal, true.withdrawal), "1e-6")


def error(name: str, largest: float, at_most: str) -> None:
    show(name, largest, "largest relative difference", "", None, bar=f"value <= {at_most}")


def against_c(
    name: str, people: Cohort, threads: int, own: Callable[[Ready], object], theirs: Callable[..., object], bar: str
) -> None:
    """Race the product against C, both from what they take to new arrays, on as many cores."""
    ready = ours.ready(people, threads=threads)
    work = {"ours": lambda: own(ready), "C": lambda: theirs(people, threads=threads)}
    taken = in_turn(work, lasting=6.0, clock=CLOCK[threads])
    rate(f"{name}, {CORES[threads]}", len(people), taken["ours"], f"C, {CORES[threads]}", taken["C"], bar)


def rate(name: str, people: int, own: list[float], ratio_to: str, theirs: list[float], bar: str) -> None:
    """Print by how much ours is faster; both times are for the same people."""
    unit = "people/s of a core" if name.endswith(CORES[1]) else "people/s"
    show(name, people / statistics.median(own), unit, ratio_to, faster(own, theirs), bar=bar)


def irregular_against_regular(irregular: Cohort, regular: Cohort) -> None:
    """Case G against case A, and against C, which remembers its exponentials too."""
    name = "G: irregular times, 365 levels, one core"
    odd, even = ours.ready(irregular, threads=1), ours.ready(regular, threads=1)
    work: dict[str, Callable[[], object]] = {
        "G": lambda: ours.troughs(odd),
        "A": lambda: ours.troughs(even),
        "C": lambda: reference.anytime(irregular, DAILY_H, threads=1),
    }
    taken = in_turn(work, lasting=6.0, clock=CLOCK[1])
    rate(name, len(irregular), taken["G"], "our A, one core", taken["A"], "ratio >= 0.3")
    rate(name, len(irregular), taken["G"], "C at irregular times, one core", taken["C"], "")


def against_openpkflow(people: Cohort, few: int = 20) -> None:
    """Case A; openpkflow takes a few of the people, and its time is scaled to all of them."""
    ready = ours.ready(people, threads=1)
    work: dict[str, Callable[[], object]] = {
        "ours": lambda: ours.troughs(ready),
        "openpkflow": lambda: competitors.openpkflow_troughs(people.first(few)),
    }
    taken = in_turn(work, rounds=3, clock=CLOCK[1])
    theirs = scaled(taken["openpkflow"], len(people) / few)
    rate("A: 730 doses, 365 levels, one core", len(people), taken["ours"], "openpkflow", theirs, "ratio >= 2000")


def against_diffrax(people: Cohort, few: int = 1024, often: int = 64) -> None:
    """Case C; diffrax at a tolerance that errs as little as ours, and at one that just does.

    Both take the same people, ours many times in a round, for it is done in a hundredth of a second. Both may use two
    cores; diffrax gains little from the second.
    """
    some = people.first(few)
    ready = ours.ready(some, threads=2)

    def own_work() -> None:
        for _ in range(often):
            ours.adaptation(ready)

    work: dict[str, Callable[[], object]] = {"ours": own_work}
    for tolerance in (1e-6, 1e-5):
        work[f"diffrax Tsit5 {tolerance:.0e}"] = competitors.diffrax_adaptation(some, tolerance=tolerance)
    taken = in_turn(work, rounds=3)
    own = scaled(taken.pop("ours"), 1.0 / often)
    for (name, theirs), bar in zip(taken.items(), ("ratio >= 500", ""), strict=True):
        rate("C: and effect, withdrawal, two cores", few, own, f"{name}, two cores", theirs, bar)


def scaled(taken: list[float], by: float) -> list[float]:
    return [each * by for each in taken]


def start_up() -> None:
    """Case F: a whole process, from the shell to the answer; and that it compiles nothing on the way."""
    command = [sys.executable, "-m", "opentaper", "simulate", str(EXAMPLE)]
    environment = as_users_have_it()
    watched = [sys.executable, "-X", "importtime", *command[1:]]
    tried = subprocess.run(watched, capture_output=True, text=True, check=False, env=environment)
    name = f"F: opentaper simulate {EXAMPLE.relative_to(ROOT)}"
    if tried.returncode:
        show(name, None, "s", "import numpy", None, bar=f"ratio <= {START_UP}")
        return
    taken = in_turn(
        {
            "ours": lambda: subprocess.run(command, capture_output=True, check=True, env=environment),
            "numpy": lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True, env=environment),
        },
        rounds=9,
    )
    slower = 1.0 / faster(taken["ours"], taken["numpy"])
    show(name, statistics.median(taken["ours"]), "s", "import numpy", slower, bar=f"ratio <= {START_UP}")
    compilers = sum(line.split("|")[-1].strip() in {"numba", "llvmlite", "jax"} for line in tried.stderr.splitlines())
    show("F: compilers loaded", compilers, "compilers", "", None, bar="value <= 0")


def memory() -> None:
    """Case D, in a fresh process."""
    ran = subprocess.run([sys.executable, str(MILLION)], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    name = f"D: 1,000,000 people, {found['days']} days in bands, two cores"
    show(name, found["seconds"], "s", "100,000 people", found["ratio"], bar="9 <= ratio <= 11")
    show(f"{name}: highest memory", found["mib"], "MiB", "", None, bar="value < 1024")


if __name__ == "__main__":
    main()
