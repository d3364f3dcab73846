"""Other people's engines on the same work, and the truth by an ODE solver; each is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cohort import DAILY_H, DAYS, EC50_NG_PER_ML, INTERVAL_H, SHARE, TAU_H, Cohort, Floats
from numpy.typing import ArrayLike, NDArray
from reference import Course

NG_PER_ML = 1000.0


def openpkflow_troughs(people: Cohort) -> Floats:
    """Case A by openpkflow: its closed form of one dose, superposed by its own function, person by person."""
    from openpkflow.sim import superpose
    from openpkflow.sim.methods import c_1cmt_oral

    taken_h = people.taken_h.tolist()
    level = np.empty((len(people), DAYS))
    for person in range(len(people)):
        clearance, volume, ka = (each[person] for each in (people.clearance, people.volume, people.absorption))

        def unit(
            since: Floats, dose: float, clearance: float = clearance, volume: float = volume, ka: float = ka
        ) -> Floats:
            return c_1cmt_oral(since, dose, clearance, volume, ka)

        level[person] = NG_PER_ML * superpose(DAILY_H, taken_h, people.dose_mg[person].tolist(), unit)
    return level


def diffrax_adaptation(people: Cohort, *, tolerance: float = 1e-6) -> Callable[[], Course]:
    """Case C by diffrax: Tsit5 from dose to dose in a scan, everybody in one system, compiled. Returns what to time.

    One system with a row for each compartment was the fastest form found: 2 times as fast as people side by side (vmap),
    and 7 times as fast as people side by side with a vector of five each.
    """
    import diffrax
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    term, solver = diffrax.ODETerm(_change), diffrax.Tsit5()
    control = diffrax.PIDController(rtol=tolerance, atol=tolerance / 100.0)

    def follow(ka: Any, clearance: Any, volume: Any, doses: Any) -> Any:
        def between(state: Any, dose: Any) -> Any:
            solution = diffrax.diffeqsolve(
                term,
                solver,
                0.0,
                INTERVAL_H,
                0.05,
                (state[0] + dose, *state[1:]),
                (ka, clearance / volume, volume),
                stepsize_controller=control,
                saveat=diffrax.SaveAt(t1=True),
                max_steps=None,
                adjoint=diffrax.ForwardMode(),
            )
            after = tuple(each[0] for each in solution.ys)
            return after, after[1:]

        return jax.lax.scan(between, (jnp.zeros_like(ka),) * 5, doses)[1]

    run = jax.jit(follow)
    given = [jnp.asarray(each) for each in (people.absorption, people.clearance, people.volume, people.dose_mg.T)]

    def work() -> Course:
        amount, *adapted = (np.asarray(each)[1::2].T for each in jax.block_until_ready(run(*given)))
        return read(amount, people.volume, np.stack(adapted, axis=1))

    return work


def _change(_time: Any, state: Any, about: Any) -> Any:
    """This function will return what changes in an hour: gut and body [mg], and three adaptations."""
    gut, body, *adapted = state
    ka, rate, volume = about
    level = NG_PER_ML * body / volume
    effect = level / (EC50_NG_PER_ML + level)
    slow = ((effect - each) / tau for each, tau in zip(adapted, TAU_H.tolist(), strict=True))
    return (-ka * gut, ka * gut - rate * body, *slow)


def truth(people: Cohort, *, days: int = DAYS, tolerance: float = 1e-12) -> Course:
    """Case C by scipy's DOP853, everything as differential equations, everybody in one system, from dose to dose."""
    from scipy.integrate import solve_ivp

    many = len(people)
    about = (people.absorption, people.clearance / people.volume, people.volume)

    def change(time_h: float, flat: Floats) -> Floats:
        return np.concatenate(_change(time_h, flat.reshape(5, many), about))

    state, taken = np.zeros((5, many)), []
    per_day = round(24.0 / INTERVAL_H)
    for dose in range(per_day * days):
        state[0] += people.dose_mg[:, dose]
        solved = solve_ivp(
            change, (0.0, INTERVAL_H), state.ravel(), method="DOP853", rtol=tolerance, atol=tolerance * 1e-3
        )
        state = solved.y[:, -1].reshape(5, many).copy()
        if dose % per_day == per_day - 1:
            taken.append(state.copy())
    states = np.stack(taken, axis=-1)
    return read(states[1], people.volume, np.moveaxis(states[2:], 0, 1))


def read(amount_mg: Floats, volume: Floats, adapted: Floats) -> Course:
    """Read the outputs of case C off amounts, axes (person, time), and adaptations, axes (person, process, time)."""
    level = NG_PER_ML * amount_mg / volume[:, None]
    effect = level / (EC50_NG_PER_ML + level)
    lacking = np.einsum("k,pkt->pt", SHARE, adapted - effect[:, None])
    return Course(level=level, effect=effect, withdrawal=np.maximum(lacking, 0.0), adapted=adapted)


def furthest(found: ArrayLike, true: ArrayLike) -> float:
    """Return the largest relative difference."""
    true = np.asarray(true)
    return float(np.max(np.abs(np.asarray(found) - true) / np.abs(true)))


def furthest_of_top(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Return the largest difference relative to each person's highest value: for what may be 0."""
    return float(np.max(np.abs(found - true) / np.max(true, axis=-1, keepdims=True)))
