"""The library of a clinic with one of everything in it, written through its pages."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from opentaper.clinic.library.contribution import digest_of
from opentaper.clinic.people.models import Person
from tests.clinic.cases import just_now, today
from tests.clinic.people import browser_of, person

LIMIT = "limits/jcpg-2025/two-week-reduction"
FILE = "limits/jcpg-2025.toml"


def entry_of(browser: Client, about: str = LIMIT) -> str:
    """Return the entry as the page to contribute shows it."""
    page = browser.get(reverse("contribute", args=about.split("/", 1)))
    assert page.status_code == 200
    return str(page.context["form"].initial["after"])


def proposed(browser: Client, after: str, about: str = LIMIT, **fields: Any) -> Any:
    """Propose an entry; the answer of the page."""
    sent = {"key": uuid.uuid4(), "after": after, "source": "jcpg-2025", "new_source": "", "because": "I read it again."}
    return browser.post(reverse("contribute", args=about.split("/", 1)), {**sent, **fields})


def proposal_in(answer: Any) -> uuid.UUID:
    """Return the proposal to whose page an answer leads."""
    assert answer.status_code == 302, answer.content.decode()
    return uuid.UUID(re.search(r"contributions/([0-9a-f-]{36})/", answer.url)[1])  # type: ignore[index]


def settled(browser: Client, proposal: uuid.UUID, decision: str = "accepted") -> Any:
    """Accept or decline a proposal; the answer of the page."""
    sent = {"key": uuid.uuid4(), "says": "As the source has it.", "decision": decision}
    return browser.post(reverse("settle", args=[proposal]), sent)


def signed_file(browser: Client, who: Person, file: str = FILE, **fields: Any) -> Any:
    """Sign a file as it would ship, after proving who signs; the answer of the page."""
    just_now(browser)
    digest = digest_of(who.clinic_id, file, today())
    sent = {"key": uuid.uuid4(), "digest": digest, "due": str(today() + dt.timedelta(days=300))}
    return browser.post(reverse("sign-file", args=[file]), {**sent, **fields})


def one_of_everything(at: str) -> None:
    """Fill every table of the library of a clinic, as its people would."""
    author, reviewer = person("therapist", at=at, name="author"), person("reviewer", at=at, name="judge")
    writes, judges = browser_of(author), browser_of(reviewer)
    made = proposal_in(proposed(writes, entry_of(writes).replace('value = "1/4"', 'value = "1/5"')))
    assert settled(judges, made).status_code == 302
    assert signed_file(judges, reviewer).status_code == 302
    stricter(browser_of(person("prescriber", at=at, name="signer")))


def layer_written(browser: Client, **fields: Any) -> Any:
    """Write a version of the clinic's layer; the answer of the page.

    Args:
        browser: of a prescriber or a pharmacist.
        fields: rows, with _ for the first - of their names: value_two-week-reduction, only_clonazepam, price_…
    """
    form = browser.get(reverse("write-layer")).context["form"].initial
    sent = {"key": uuid.uuid4(), "number": form["number"], "from_day": str(today()), "priced_on": str(today())}
    rows = {name.replace("_", "-", 1): value for name, value in fields.items() if name not in (*sent, "currency")}
    head = {name: value for name, value in fields.items() if name in (*sent, "currency")}
    return browser.post(reverse("write-layer"), {**sent, "currency": "CHF", **head, **rows})


def version_in(answer: Any) -> int:
    """Return the version to whose page an answer leads."""
    assert answer.status_code == 302, answer.content.decode()
    return int(answer.url.rstrip("/").rsplit("/", 1)[-1])


def layer_signed(browser: Client, number: int, **fields: Any) -> Any:
    """Sign a version of the layer as its page shows it, after proving who signs; the answer of the page."""
    just_now(browser)
    page = browser.get(reverse("layer-version", args=[number]))
    sent = {"key": uuid.uuid4(), "digest": page.context["form"].initial["digest"]}
    return browser.post(reverse("sign-layer", args=[number]), {**sent, **fields})


def stricter(browser: Client, limit: str = "two-week-reduction", value: str = "1/5", **fields: Any) -> int:
    """Write and sign a layer with one stricter limit, and return its number."""
    rows = {f"value_{limit}": value, f"because_{limit}": "We have seen too many setbacks."}
    number = version_in(layer_written(browser, **{**rows, **fields}))
    assert layer_signed(browser, number).status_code == 302
    return number
