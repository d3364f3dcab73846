"""Cases of a clinic, opened and brought into force through its pages."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opentaper.clinic.cases.record import history_of
from opentaper.clinic.people.models import Person
from opentaper.record import History


def today() -> dt.date:
    """Return the day it is in the clinics of the tests."""
    return timezone.localdate(timezone=ZoneInfo("Europe/Zurich"))


EXAMPLE = (Path(__file__).parents[2] / "examples" / "clonazepam-2mg.toml").read_text(encoding="utf-8")


def case_text(**changed: str) -> str:
    """Return a case file that begins today with a fortnight on the present dose, with any line of it changed."""
    text = re.sub(r"starts_on = \S+", f"starts_on = {today()}\nbaseline_days = 14", EXAMPLE)
    for key, value in changed.items():
        text, count = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert count == 1, key
    return text


def just_now(browser: Client, ago_s: int = 0) -> None:
    """Let the person of a browser have proved who they are, so many seconds ago."""
    session = browser.session
    who = Person.objects.get(pk=session["_auth_user_id"])
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = user_id_to_str(who)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": timezone.now().timestamp() - ago_s}]
    session.save()


def sent(browser: Client, path: str, seen: int, **fields: Any) -> Any:
    """Send a form with what was seen and a key of its own."""
    return browser.post(path, {"seen": seen, "key": fields.pop("key", uuid.uuid4()), **fields})


def case_opened(browser: Client, text: str | None = None, name: str = "Maria Test", key: Any = None) -> uuid.UUID:
    """Open a case and return its key."""
    answer = sent(
        browser, reverse("new-case"), 0, key=key or uuid.uuid4(), name=name, case=case_text() if text is None else text
    )
    assert answer.status_code == 302, answer.content.decode()
    return uuid.UUID(answer.url.rstrip("/").rsplit("/", 1)[-1])


def stands(who: Person, case: uuid.UUID) -> History:
    return history_of(who.clinic_id, case, today())


def reviewed(browser: Client, who: Person, case: uuid.UUID, option: str = "usual") -> str:
    """Have an option reviewed and return the digest of its version."""
    answer = sent(browser, reverse("options", args=[case]), stands(who, case).number, option=option)
    assert answer.status_code == 302, answer.content.decode()
    return next(reversed(stands(who, case).versions))


def signed(browser: Client, who: Person, case: uuid.UUID) -> str:
    """Have the usual option reviewed and signed, with a reason wherever one is asked for."""
    mark = reviewed(browser, who, case)
    just_now(browser)
    page = browser.get(reverse("version", args=[case, mark])).content.decode()
    reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page), "discussed")
    answer = sent(browser, reverse("sign", args=[case, mark]), stands(who, case).number, **reasons)
    assert answer.status_code == 302, answer.content.decode()
    return mark


def started(browser: Client, who: Person, case: uuid.UUID) -> str:
    """Bring the usual option into force."""
    mark = signed(browser, who, case)
    answer = sent(browser, reverse("start", args=[case, mark]), stands(who, case).number)
    assert answer.status_code == 302, answer.content.decode()
    assert stands(who, case).force == mark
    return mark
