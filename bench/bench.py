"""Benchmarks: whole processes, the clinic's pages, the search and the engine, as ratios within this run; one JSON object a line.

With --check the exit status is 1 when a line missed its bar. README.md says how to read them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import engine
import line

from opentaper import Case, Knowledge, load, propose, read_case, review
from opentaper.exchange import Edition, faces
from opentaper.exchange.faces.leaflet import leaflet
from opentaper.plan.rules import Rules, SearchRate, Window
from opentaper.plan.search import AskedPace, Staircase, closest, fastest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "clonazepam-2mg.toml"
RUNS = 7


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median wall time of some runs [s], after one that does not count."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def process(*args: str) -> Callable[[], object]:
    environment = line.as_users_have_it()
    return lambda: subprocess.run([sys.executable, *args], capture_output=True, check=True, env=environment)


def show(name: str, value: float, ratio_to: str, base: float) -> None:
    line.show(name, value, "s", ratio_to, value / base)


def five_years() -> None:
    """Search 8 mg in steps of 0.025 mg for all three options; the gentle one, at 3.5 %, takes more than five years."""
    rules = Rules(
        rates=(SearchRate("two-week-reduction", Fraction(1, 4), 14),),
        windows=(Window("rolling-28-day-reduction", Fraction(7, 16), 28),),
        interval=14,
        coarse_at_most=Fraction(1, 2),
        longest_hold=112,
        end=5,
    )
    levels = range(319, -1, -1)
    effort = [1] * 320
    fastest(rules, 320, levels, effort)
    for share in (Fraction(7, 100), Fraction(7, 200)):
        found = closest(rules, AskedPace(share=share, of="current", every=14), 320, levels, effort)
    assert isinstance(found, Staircase)
    assert found.days > 5 * 365


def faces_of_the_example(start: float, known: Knowledge, case: Case) -> None:
    """Write one leaflet and every face of the example's usual plan, in this process and in one of its own."""
    day = dt.date(2026, 12, 1)
    plan = next(each for each in propose(case, known).plans if each.name == "usual")
    judged = review(plan.regimen, case, known, on=day)
    edition = Edition(plan=plan, case=case, reviewed=judged, known=known, made_on=day)
    show("one leaflet of the example", seconds(lambda: leaflet(edition)), "start Python", start)
    show("every face of the example", seconds(lambda: faces(edition), 3), "start Python", start)

    def own_process() -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--option", "usual", "--out", f"{folder}/out", "--as-of", "2026-12-01"]
            process("-m", "opentaper", "plan", str(EXAMPLE), *arguments)()

    show("opentaper plan … --option usual --out DIR", seconds(own_process, 3), "start Python", start)


def processes() -> None:
    """Time what a user waits for."""
    start = seconds(process("-c", "pass"))
    show("start Python", start, "start Python", start)
    show("opentaper --help", seconds(process("-m", "opentaper", "--help")), "start Python", start)
    show(
        "opentaper plan examples/clonazepam-2mg.toml",
        seconds(process("-m", "opentaper", "plan", str(EXAMPLE), "--as-of", "2026-12-01")),
        "start Python",
        start,
    )
    show(
        "opentaper facts clonazepam", seconds(process("-m", "opentaper", "facts", "clonazepam")), "start Python", start
    )
    day = dt.date(2026, 12, 1)
    known = load(day)
    show("load the base", seconds(lambda: load(day)), "start Python", start)
    case = read_case(EXAMPLE, known)
    show("propose three options for the example", seconds(lambda: propose(case, known)), "start Python", start)
    faces_of_the_example(start, known, case)
    show("search five years at 0.025 mg, three options", seconds(five_years, 3), "start Python", start)


def pages() -> None:
    """Time the clinic's pages in a process of their own, which Django's settings are made for."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("pages.py"))], stdout=subprocess.PIPE, text=True, check=True
    )
    for told in done.stdout.splitlines():
        print(told, flush=True)
        found = json.loads(told)
        line.missed += [found["name"]] if not found.get("met", True) else []


def main() -> int:
    """Run everything and return the exit status."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--check", action="store_true", help="fail when a line misses its bar")
    check = asked.parse_args().check
    processes()
    pages()
    engine.main()
    if find_spec("front"):
        import front

        getattr(front, "main", lambda: None)()
    return 1 if check and line.missed else 0


if __name__ == "__main__":
    sys.exit(main())
