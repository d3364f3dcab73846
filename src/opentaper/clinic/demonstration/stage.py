"""Every stage at which somebody can be in a clinic, each as the shortest story that leads there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from opentaper.care import (
    ask,
    ask_to_resume,
    change_case,
    correct,
    decline,
    hold,
    remake,
    reply,
    resume,
    slow,
    step_back,
    stop,
)
from opentaper.clinic.demonstration.invent import words
from opentaper.clinic.demonstration.way import DAY, Way
from opentaper.patient import case_of
from opentaper.plan import propose
from opentaper.record import Dispensed, Observed

Story = Callable[[Way], None]

STORIES: dict[str, Story] = {}
"""By name, in the order in which they are told."""
ENDLESS = "no-plan"
"""The story of somebody for whom no plan satisfies the limits."""


def story(name: str) -> Callable[[Story], Story]:
    """Register a story under the stage to which it leads."""

    def registered(told: Story) -> Story:
        STORIES[name] = told
        return told

    return registered


def length(way: Way, down_to: str = "0") -> int:
    """Return how many days the usual plan takes from its first day to its last dose, whenever it begins."""
    text = way.person.file(way.today, down_to=down_to)
    [plan] = propose(case_of(text, way.known), way.known, only="usual").plans
    return (plan.regimen.steps[-1].from_ - plan.regimen.steps[0].from_).days


def underway(way: Way, days: int, *, down_to: str = "0", baseline: int = 14) -> str:
    """Begin a plan so many days ago, and live until today minus what the story says next; return its version."""
    first = way.ago(days)
    role = way.dice.choice(["prescriber", "coordinator"])
    opened = first - way.dice.randint(3, 9) * DAY
    way.opens(role, opened, way.person.file(first, down_to=down_to, baseline=baseline))
    mark = way.chooses(first - 2 * DAY)
    way.signs(mark, first - 2 * DAY)
    way.starts(mark, first)
    return mark


@story("waiting")
def waiting(way: Way) -> None:
    """A draft that waits for a signature, reviewed today."""
    way.opens("coordinator", way.ago(4), way.person.file(way.today + 7 * DAY))
    way.chooses(way.today)


@story("halfway")
def halfway(way: Way) -> None:
    underway(way, length(way) * way.dice.randint(35, 65) // 100)
    way.lives(way.today)


@story("held")
def held(way: Way) -> None:
    """A hold is under way."""
    underway(way, 75)
    way.lives(way.ago(4))
    because = way.dice.choice(words("holds"))
    on = way.ago(4)
    way.does(
        way.dice.choice(["therapist", "prescriber"]), on,
        lambda now, by: hold(now, way.known, days=14, because=because, on=on, by=by),
    )  # fmt: skip
    way.lives(way.today)


@story("ends-soon")
def supply_ends_soon(way: Way) -> None:
    """Supplied for two more days."""
    way.person = replace(way.person, instalment=0)
    underway(way, 4 * 28 - 2)
    way.lives(way.today)


@story("overdue")
def overdue(way: Way) -> None:
    """The supply has ended, and nobody came."""
    way.person = replace(way.person, instalment=0)
    underway(way, 3 * 28 + 5)
    way.collects_until = way.ago(6)
    way.lives(way.ago(2))
    way.sees("coordinator", way.ago(1), "missed", way.dice.choice(words("missed")))
    way.lives(way.today)


@story("opened")
def opened(way: Way) -> None:
    """Just opened, with questions that nobody has answered."""
    unanswered = way.dice.sample(["withdrawal_seizure_or_delirium", "alcohol_heavy", "suicide_risk", "opioids"], 2)
    text = way.person.file(way.today + 10 * DAY, answers=dict.fromkeys(unanswered, "unknown"), conditions=None)
    way.opens("coordinator", way.ago(way.dice.randint(0, 2)), text)


@story("looked")
def looked(way: Way) -> None:
    """The options were looked at, and none is chosen."""
    way.opens("prescriber", way.ago(6), way.person.file(way.today + 7 * DAY))
    way.looks(way.ago(3))


@story("blocked")
def blocked(way: Way) -> None:
    """A draft that review blocks: a question has no answer, or an answer stops an automatic plan."""
    answers = way.dice.choice([{"alcohol_heavy": "unknown"}, {"withdrawal_seizure_or_delirium": "yes"}])
    way.opens("coordinator", way.ago(3), way.person.file(way.today + 7 * DAY, answers=answers))
    way.chooses(way.today)


@story("signed")
def signed(way: Way) -> None:
    """Signed, and the first day is still to come."""
    first = way.today + way.dice.randint(2, 6) * DAY
    way.opens("prescriber", way.ago(5), way.person.file(first))
    mark = way.chooses(way.ago(1))
    way.signs(mark, way.ago(1))


@story("early")
def early(way: Way) -> None:
    underway(way, way.dice.randint(3, 24))
    way.lives(way.today)


@story("near-the-end")
def near_the_end(way: Way) -> None:
    underway(way, length(way) - way.dice.randint(4, 20))
    way.lives(way.today)


@story("hold-over")
def hold_over(way: Way) -> None:
    """A hold that ended by itself, and the plan went on."""
    underway(way, 110)
    on = way.ago(40)
    way.lives(on)
    because = way.dice.choice(words("holds"))
    way.does("therapist", on, lambda now, by: hold(now, way.known, days=14, because=because, on=on, by=by))
    way.lives(way.today)


@story("slowed")
def slowed(way: Way) -> None:
    underway(way, 70)
    on = way.ago(20)
    way.lives(on)
    because = way.dice.choice(words("slows"))
    way.does(
        "prescriber", on,
        lambda now, by: slow(now, way.known, times=Fraction(3, 2), because=because, on=on, by=by),
    )  # fmt: skip
    way.lives(way.today)


@story("stepped-back")
def stepped_back(way: Way) -> None:
    underway(way, 80)
    on = way.ago(9)
    way.lives(on)
    way.sees("therapist", on, "symptom", way.dice.choice(words("symptoms")))
    because = way.dice.choice(words("backs"))
    way.does("prescriber", on, lambda now, by: step_back(now, way.known, steps=1, because=because, on=on, by=by))
    way.lives(way.today)


@story("observed")
def observed(way: Way) -> None:
    """Much was written down: notes, scores, a level, symptoms, doses, a missed contact."""
    underway(way, 60)
    kinds = {
        "note": "notes", "score": "scores", "level": "levels", "symptom": "symptoms", "dose-taken": "taken", "missed": "missed",
        "contact": "contacts", "risk-benefit-review": "weighed",
    }  # fmt: skip
    for place, (what, kind) in enumerate(kinds.items()):
        on = way.ago(55 - 7 * place)
        way.lives(on)
        way.sees(
            "prescriber" if what in ("level", "risk-benefit-review") else "therapist",
            on,
            what,
            way.dice.choice(words(kind)),
        )
    way.lives(way.today)


@story("declined")
def declined(way: Way) -> None:
    way.opens("prescriber", way.ago(12), way.person.file(way.today + 3 * DAY))
    mark = way.chooses(way.ago(10))
    because = way.dice.choice(words("declines"))
    way.does("prescriber", way.ago(8), lambda now, by: decline(now, mark, because, by=by))


@story("stopped")
def stopped(way: Way) -> None:
    underway(way, 90)
    on = way.ago(way.dice.randint(3, 30))
    way.lives(on)
    because = way.dice.choice(words("stops"))
    way.does("prescriber", on, lambda now, by: stop(now, because, on=on, by=by))


@story("planned-again")
def planned_again(way: Way) -> None:
    """Ended, and planned again from the dose of that day; the new plan waits for a signature."""
    stopped(way)
    assert way.now.last is not None and way.now.stopped is not None
    before = way.now.versions[way.now.last].version.printed
    [step] = before.on(way.now.stopped.at.date())
    case, on = way.case, way.today
    bare = tuple(replace(each, portions=None) for each in step.intakes)
    taking = tuple(replace(each, intakes=bare) if each.drug == case.goal.of else each for each in case.taking)
    again = replace(case, taking=taking, goal=replace(case.goal, starts_on=on + 5 * DAY))
    way.does("prescriber", on, lambda now, by: change_case(now, again, "ready to go on, from the dose of now", by=by))
    way.chooses(on)


@story("finished")
def finished(way: Way) -> None:
    """Takes nothing any more."""
    underway(way, length(way) + way.dice.randint(6, 60))
    way.lives(way.today)
    way.sees("therapist", way.today, "contact", way.dice.choice(words("contacts")))


@story("stays-lower")
def stays_lower(way: Way) -> None:
    """Stays on a lower dose, which was the goal."""
    lower = way.person.lower
    days = length(way, lower)
    underway(way, days + way.dice.randint(6, 60), down_to=lower)
    way.lives(way.today)


@story("void")
def void(way: Way) -> None:
    """Signed, and then something was learnt that makes it void."""
    first = way.today + 4 * DAY
    way.opens("prescriber", way.ago(7), way.person.file(first))
    mark = way.chooses(way.ago(5))
    way.signs(mark, way.ago(5))
    now_known = case_of(way.person.file(first, answers={"alcohol_heavy": "yes"}), way.known)
    way.does("coordinator", way.ago(1), lambda now, by: change_case(now, now_known, "told us of drinking", by=by))


@story("changed")
def changed(way: Way) -> None:
    """A plan is in force, and something is known otherwise since it was made."""
    underway(way, 50)
    way.lives(way.ago(3))
    text = way.person.file(way.ago(50), answers={"opioids": "yes"})
    now_known = case_of(text, way.known)
    way.does(
        "coordinator", way.ago(3),
        lambda now, by: change_case(now, now_known, "takes codeine after an operation", by=by),
    )  # fmt: skip
    way.lives(way.today)


@story("asks-to-resume")
def asks_to_resume(way: Way) -> None:
    """Held, and a version that goes on at once waits for a signature."""
    held(way)
    on = way.today
    way.does("prescriber", on, lambda now, by: ask_to_resume(now, way.known, on=on, by=by))


@story("resumed")
def resumed(way: Way) -> None:
    """A hold ended early, by a signature."""
    underway(way, 90)
    way.lives(way.ago(30))
    on, then = way.ago(30), way.ago(20)
    because = way.dice.choice(words("holds"))
    way.does("therapist", on, lambda now, by: hold(now, way.known, days=21, because=because, on=on, by=by))
    way.lives(then)
    way.does("prescriber", then, lambda now, by: ask_to_resume(now, way.known, on=then, by=by))
    mark = way.latest
    way.signs(mark, then)
    way.does("prescriber", then, lambda now, by: resume(now, mark, way.known, on=then, by=by))
    way.lives(way.today)


@story("other-products")
def other_products(way: Way) -> None:
    """The same plan from fewer products, because one is out of stock; it waits for a signature."""
    underway(way, 45)
    way.lives(way.today)
    assert way.now.in_force is not None
    version = way.now.in_force.version
    used = {portion.product.key: portion.product for _, _, portion in version.regimen.portions()}
    products = tuple(sorted(used.values(), key=lambda each: each.key))
    on = way.today
    way.does("prescriber", on, lambda now, by: remake(now, way.known, products, on=on, by=by))


@story("corrected")
def corrected(way: Way) -> None:
    """An observation and a supply were written down wrongly, and corrected."""
    underway(way, 40)
    way.lives(way.ago(12))
    on = way.ago(12)
    way.sees("therapist", on, "score", "Insomnia severity 71 of 28")
    number = way.now.number
    instead = Observed(on=on, what="score", says="Insomnia severity 17 of 28")
    way.does("prescriber", on, lambda now, by: correct(now, number, instead, "digits swapped", by=by))
    supplied, last = list(way.now.dispensed.items())[-1]
    more = tuple(replace(each, amount=each.amount + 1) for each in last.items)
    true = Dispensed(version=last.version, from_=last.from_, until=last.until, items=more)
    on_next = way.ago(11)
    way.does("prescriber", on_next, lambda now, by: correct(now, supplied, true, "counted again", by=by))
    way.lives(way.today)


@story("asked")
def asked(way: Way) -> None:
    """The pharmacist asks about one row, and nobody has answered."""
    underway(way, 30)
    way.lives(way.ago(1))
    assert way.now.force is not None and way.now.in_force is not None
    mark, says = way.now.force, way.dice.choice(words("queries"))
    steps = way.now.in_force.version.regimen.steps
    step = next((each.from_ for each in steps if each.from_ > way.today), steps[-1].from_)
    way.does("pharmacist", way.ago(1), lambda now, by: ask(now, mark, step, says, by=by))
    way.lives(way.today)


@story("answered")
def answered(way: Way) -> None:
    """The pharmacist asked, and the prescriber answered."""
    asked(way)
    number, says = max(way.now.queries), way.dice.choice(words("replies"))
    way.does("prescriber", way.today, lambda now, by: reply(now, number, says, by=by))


@story(ENDLESS)
def no_plan(way: Way) -> None:
    """No plan satisfies the limits with the products of the country; the options say why."""
    way.opens("prescriber", way.ago(2), way.person.file(way.today + 7 * DAY))
    way.looks(way.ago(2))


MORE = (
    "halfway",
    "early",
    "observed",
    "halfway",
    "near-the-end",
    "ends-soon",
    "halfway",
    "waiting",
    "finished",
    "early",
)
"""What most people of a clinic are at, beyond one of each."""


def stage_of(number: int) -> str:
    """Return the stage of the person with a number: one of each first."""
    names = list(STORIES)
    return names[number] if number < len(names) else MORE[(number - len(names)) % len(MORE)]
