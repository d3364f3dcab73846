"""The reference kernels of reference.c, compiled on the spot and called with arrays."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from cohort import DAYS, EC50_NG_PER_ML, HOURLY_H, INTERVAL_H, SHARE, TAU_H, Cohort, Floats

SOURCE = Path(__file__).with_name("reference.c")
COMPILE = ("gcc", "-O3", "-march=native", "-fopenmp", "-fPIC")
FAST = "-ffast-math"
NODES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """Case C by the day: level [ng/mL], effect, withdrawal, axes (person, time); adapted, axes (person, process, time)."""

    level: Floats
    effect: Floats
    withdrawal: Floats
    adapted: Floats

    @classmethod
    def empty(cls, people: int) -> Course:
        day = (people, DAYS)
        return cls(
            level=np.empty(day), effect=np.empty(day), withdrawal=np.empty(day), adapted=np.empty((people, 3, DAYS))
        )


@cache
def library(*, fast: bool = False) -> ctypes.CDLL:
    """Compile reference.c and load it.

    With `fast` its sums may be reordered, which case C gains from. Linked without that flag, so that the whole process
    does not begin to flush small numbers to zero.
    """
    if not shutil.which("gcc"):
        raise SystemExit("the reference is in C: install gcc to run the benchmarks")
    with tempfile.TemporaryDirectory() as folder:
        made, whole = f"{folder}/reference.o", f"{folder}/reference.so"
        subprocess.run([*COMPILE, *([FAST] if fast else []), "-c", str(SOURCE), "-o", made], check=True)
        subprocess.run(["gcc", "-shared", "-fopenmp", made, "-o", whole, "-lm"], check=True)
        return ctypes.CDLL(whole)


def troughs(people: Cohort, *, threads: int) -> Floats:
    """Case A: levels at the end of each day [ng/mL], axes (person, time)."""
    level = np.empty((len(people), DAYS))
    library().troughs(*_whole(len(people), DAYS), *_regular(people), _at(level), threads)
    return level


def hourly(people: Cohort, *, threads: int) -> Floats:
    """Case B: levels at the end of each hour [ng/mL], axes (person, time)."""
    level = np.empty((len(people), len(HOURLY_H)))
    library().hourly(*_whole(len(people), DAYS), *_regular(people), _at(level), threads)
    return level


def adaptation(people: Cohort, *, threads: int) -> Course:
    """Case C by the day, with the quadrature of 16 nodes."""
    course = Course.empty(len(people))
    node_h, pull, keep = quadrature()
    library(fast=True).adaptation(
        *_whole(len(people), DAYS),
        *_regular(people),
        *map(_at, (node_h, pull, keep, SHARE)),
        ctypes.c_double(EC50_NG_PER_ML),
        *map(_at, (course.level, course.effect, course.withdrawal, course.adapted)),
        threads,
    )
    return course


def anytime(people: Cohort, look_h: Floats, *, threads: int) -> Floats:
    """Case G: levels at any times after doses at any times [ng/mL], axes (person, time)."""
    level = np.empty((len(people), len(look_h)))
    ka, clearance, volume, dose = _regular(people)
    sizes = _whole(len(people), len(people.taken_h), len(look_h))
    library().anytime(*sizes, ka, clearance, volume, _at(people.taken_h), dose, _at(look_h), _at(level), threads)
    return level


@cache
def quadrature() -> tuple[Floats, Floats, Floats]:
    """Return the nodes [h], what each adds to each adaptation, axes (process, node), and what an interval leaves."""
    root, mass = np.polynomial.legendre.leggauss(NODES)
    u, du = (root + 1.0) / 2.0, mass / 2.0
    node_h = INTERVAL_H * u * u
    tau = TAU_H[:, None]
    pull = np.exp(-(INTERVAL_H - node_h) / tau) / tau * 2.0 * INTERVAL_H * u * du
    return node_h, pull, np.exp(-INTERVAL_H / TAU_H)


def _whole(*numbers: int) -> list[ctypes.c_int64]:
    return [ctypes.c_int64(number) for number in numbers]


def _at(array: Floats) -> ctypes.c_void_p:
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        raise ValueError("the reference takes contiguous arrays of 64-bit floats")
    return array.ctypes.data_as(ctypes.c_void_p)


def _regular(people: Cohort) -> list[ctypes.c_void_p]:
    return [_at(each) for each in (people.absorption, people.clearance, people.volume, people.dose_mg)]
