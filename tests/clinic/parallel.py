"""Many who write at once to a clinic that runs, and what came of it, as JSON.

python -m tests.clinic.parallel PORT POSTS ROUNDS     with the environment of the clinic
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

from tests.clinic.server import Answer, Caller

AT_ONCE = 16


def at_once(wishes: Iterable[Callable[[], Answer]], threads: int) -> list[Answer]:
    """Send everything, as many at once as there are threads."""
    with ThreadPoolExecutor(threads) as pool:
        return [each.result() for each in [pool.submit(wish) for wish in wishes]]


def told(answers: list[Answer]) -> dict[str, Any]:
    return {
        "statuses": {str(status): count for status, count in Counter(each.status for each in answers).items()},
        "to": sorted({each.to for each in answers if each.status == 302}),
    }


def main(port: int, posts: int, rounds: int) -> dict[str, Any]:
    """Send it all, and return what came back and what is in the record."""
    from opentaper.clinic.cases.record import audit, events
    from opentaper.record import Head
    from tests.clinic.cases import case_text, just_now, today
    from tests.clinic.people import browser_of, person

    def caller(at: str) -> tuple[Any, Caller]:
        who = person("prescriber", at=at)
        browser = browser_of(who)
        just_now(browser)
        return who.clinic_id, Caller(port, browser.session.session_key)

    (ours, doctor), (theirs, stranger) = caller("Lindenhof"), caller("Elsewhere")
    found: dict[str, Any] = {}

    opening = {"seen": 0, "key": uuid.uuid4(), "name": "Maria Test", "case": case_text()}
    answers = at_once([lambda: doctor.post("/cases/new/", **opening)] * (posts // 4), AT_ONCE)
    found["opened"] = told(answers)
    path = answers[0].to
    case = uuid.UUID(path.split("/")[2])

    note = {"seen": 1, "key": uuid.uuid4(), "on": "2026-01-02", "what": "note", "says": "slept well"}
    found["noted"] = told(at_once([lambda: doctor.post(f"{path}observe/", **note)] * posts, AT_ONCE))

    found["rounds"] = []
    for number in range(2, 2 + rounds):
        edits = [
            lambda who=who, number=number: doctor.post(
                f"{path}observe/", seen=number, on="2026-01-02", what="note", says=f"round {number}, writer {who}"
            )
            for who in range(8)
        ]
        answers = at_once(edits, 8)
        clear = all("Nothing of yours was recorded" in each.body for each in answers if each.status == 409)
        found["rounds"].append({**told(answers), "clear": clear})
    found["numbers"] = [event.number for event in events(ours, case, today())]

    # A plan is searched for inside the transaction that records it: eight at once wait for one another, and none fails.
    opened = at_once(
        [lambda who=who: doctor.post("/cases/new/", seen=0, name=f"Case {who}", case=case_text()) for who in range(8)],
        8,
    )
    planned = [lambda to=each.to: doctor.post(f"{to}options/", seen=1, option="usual") for each in opened]
    found["planned"] = told(at_once(planned, 8))["statuses"]

    # The same processes answer both clinics, one after the other, on connections that are used again.
    stranger.post("/cases/new/", seen=0, name="Nora Other", case=case_text())
    looks = [lambda who=who: who.get("/cases/") for who in (doctor, stranger) * (posts // 4)]
    lists = at_once(looks, AT_ONCE)
    found["looks"] = told(lists)["statuses"]
    found["leaks"] = sum(
        (("Maria Test" in each.body) is not (place % 2 == 0)) or (("Nora Other" in each.body) is not (place % 2 == 1))
        for place, each in enumerate(lists)
    )
    found["strangers"] = stranger.get(path).status
    found["whole"] = [isinstance(audit(clinic, today()), Head) for clinic in (ours, theirs)]
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*map(int, sys.argv[1:4]))))
