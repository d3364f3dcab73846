"""A change to what is known: proposed with a source, discussed, decided, signed, and handed out as a change of the data files."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from opentaper import load
from opentaper.clinic.library.change import WHERE, Change, ConflictError, applied, place
from opentaper.clinic.library.models import Proposal, Remark, Signed
from opentaper.clinic.library.shipped import shipped, text_of
from opentaper.clinic.people.models import Person
from opentaper.knowledge import DATA, Knowledge, ReviewState
from tests.clinic.cases import just_now, today
from tests.clinic.library import FILE, LIMIT, entry_of, proposal_in, proposed, settled, signed_file
from tests.clinic.people import Browser, browser_of, person

pytestmark = pytest.mark.django_db
FIFTH = ('value = "1/4"', 'value = "1/5"')


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def doctor() -> Browser:
    return browser_of(person("prescriber"))


@pytest.fixture
def reviewer() -> Person:
    return person("reviewer")


@pytest.fixture
def judges(reviewer: Person) -> Browser:
    return browser_of(reviewer)


def applied_by_git(folder: Path, diff: bytes) -> Knowledge:
    """Return the base after `git apply` in a checkout that has its data files."""
    shutil.copytree(DATA, folder / WHERE)
    for command in (["git", "init", "-q"], ["git", "apply", "--check", "-"], ["git", "apply", "-"]):
        subprocess.run(command, cwd=folder, input=diff, check=True, capture_output=True)
    return load(today(), folder / WHERE)


def test_a_change_is_proposed_discussed_accepted_signed_and_applied_to_the_data_files(
    doctor: Browser, judges: Browser, reviewer: Person, tmp_path: Path
) -> None:
    made = proposal_in(proposed(doctor, entry_of(doctor).replace(*FIFTH)))
    page = said(doctor.get(reverse("contribution", args=[made])))
    assert 'added: value = "1/5"' in page and 'taken out: value = "1/4"' in page and "I read it again." in page
    assert "Change proposed by" in said(doctor.get(f"/library/{LIMIT}/"))
    for who, says in ((doctor, "Page 12."), (judges, "Which edition?")):
        answer = who.post(reverse("comment", args=[made]), {"key": uuid.uuid4(), "says": says})
        assert answer.status_code == 302
    assert settled(judges, made).status_code == 302
    assert signed_file(judges, reviewer).status_code == 302
    page = said(judges.get(reverse("contribution", args=[made])))
    for words in ("Page 12.", "Which edition?", "accepted by reviewer of Lindenhof", "not in force"):
        assert words in page, words
    assert f"{FILE}: reviewed" in said(judges.get(reverse("export-knowledge")))
    diff = judges.get(reverse("knowledge-diff"))
    after, before = applied_by_git(tmp_path, diff.content), shipped(today())
    assert after.limit("dose-reduction").value * 5 == 1
    assert after.states[FILE] is ReviewState.REVIEWED
    assert {name for name in after.files if after.files[name] != before.files.get(name)} == {FILE}
    assert set(after.states.values()) == {ReviewState.REVIEWED, ReviewState.DRAFT}


def test_nothing_that_a_plan_is_computed_from_changes_before_it_ships(
    doctor: Browser, judges: Browser, reviewer: Person
) -> None:
    before = {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()}
    settled(judges, proposal_in(proposed(doctor, entry_of(doctor).replace(*FIFTH))))
    signed_file(judges, reviewer)
    judges.get(reverse("knowledge-diff"))
    assert {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()} == before
    shipped.cache_clear()
    assert shipped(today()).limit("dose-reduction").value * 4 == 1
    assert shipped(today()).signed == 0
    assert "at most 1/4 in 14 days" in said(doctor.get(f"/library/{LIMIT}/"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('value = "1/4"', 'value = "5/4"'), "jcpg-2025.toml: [[limit]] 2 value: a share is above 0 and at most 1"),
        (('measures = "dose-reduction"', 'measures = "dose-reductio"'), 'did you mean "dose-reduction"'),
        (("effect =", "efect ="), "this key is missing"),
        (('value = "1/4"', "value = "), "not valid TOML"),
        (("", ""), "nothing would change"),
    ],
)
def test_a_change_with_which_the_base_cannot_be_loaded_is_refused_in_the_words_of_the_base(
    doctor: Browser, change: tuple[str, str], words: str
) -> None:
    typed = entry_of(doctor).replace(*change)
    answer = proposed(doctor, typed)
    assert answer.status_code == 422
    assert words in said(answer)
    assert html.escape(typed.strip().splitlines()[-1]) in answer.content.decode(), "what was typed is not lost"
    assert not Proposal.objects.exists()


def test_a_source_that_is_defined_nowhere_is_refused_and_a_new_one_may_be_brought(
    doctor: Browser, judges: Browser, tmp_path: Path
) -> None:
    answer = proposed(doctor, entry_of(doctor).replace(*FIFTH), source="jcpg-2024")
    assert answer.status_code == 422 and "did you mean “jcpg-2025”" in said(answer).replace("Did", "did")
    about = "drugs/lormetazepam/" + shipped(today()).drugs["lormetazepam"].claims[0].id
    old = entry_of(doctor, about)
    typed = re.sub(r'source = ".*"', 'source = "smith-2026"', old)
    new = '[smith-2026]\ntitle = "A paper"\nby = "Smith"\nyear = 2026\nkind = "paper"\nread = "itself"\n'
    assert proposed(doctor, typed, about, source="smith-2026").status_code == 422
    made = proposal_in(proposed(doctor, typed, about, source="smith-2026", new_source=new))
    assert settled(judges, made).status_code == 302
    after = applied_by_git(tmp_path, judges.get(reverse("knowledge-diff")).content)
    assert after.sources["smith-2026"].by == "Smith"
    assert after.drugs["lormetazepam"].claims[0].source == "smith-2026"


def test_nobody_accepts_what_they_proposed_themselves(judges: Browser) -> None:
    made = proposal_in(proposed(judges, entry_of(judges).replace(*FIFTH)))
    assert "Accept</button>" not in judges.get(reverse("contribution", args=[made])).content.decode()
    answer = settled(judges, made)
    assert answer.status_code == 422 and "another reviewer accepts it" in said(answer)
    assert not Remark.objects.exists()
    other = browser_of(person("reviewer", name="second"))
    assert settled(other, made).status_code == 302


def test_what_was_settled_is_settled_and_needs_a_reason(doctor: Browser, judges: Browser) -> None:
    made = proposal_in(proposed(doctor, entry_of(doctor).replace(*FIFTH)))
    empty = {"key": uuid.uuid4(), "says": " ", "decision": "accepted"}
    assert judges.post(reverse("settle", args=[made]), empty).status_code == 422
    assert settled(judges, made, "declined").status_code == 302
    again = settled(judges, made)
    assert again.status_code == 422 and "settled before" in said(again)
    assert "Nothing." in said(judges.get(reverse("export-knowledge")))


def test_what_is_sent_twice_is_recorded_once(doctor: Browser, judges: Browser, reviewer: Person) -> None:
    key, typed = uuid.uuid4(), entry_of(doctor).replace(*FIFTH)
    first, second = (proposal_in(proposed(doctor, typed, key=key)) for _ in range(2))
    assert first == second
    for _ in range(2):
        doctor.post(reverse("comment", args=[first]), {"key": key, "says": "Page 12."})
        signed_file(judges, reviewer, key=key)
    assert (Proposal.objects.count(), Remark.objects.count(), Signed.objects.count()) == (1, 1, 1)


def test_of_two_changes_to_one_entry_the_second_is_refused_once_the_first_is_accepted(
    doctor: Browser, judges: Browser
) -> None:
    one, two = (
        proposal_in(proposed(doctor, entry_of(doctor).replace('value = "1/4"', f'value = "{value}"')))
        for value in ("1/5", "1/6")
    )
    assert settled(judges, one).status_code == 302
    answer = settled(judges, two)
    assert answer.status_code == 422 and "not what it was when this was proposed" in said(answer)
    assert 'value = "1/5"' in entry_of(doctor), "who contributes now sees what was accepted"


def test_a_signature_needs_a_proof_of_who_signs_and_is_over_what_was_read(
    doctor: Browser, judges: Browser, reviewer: Person
) -> None:
    just_now(judges, ago_s=3_600)
    answer = judges.post(
        reverse("sign-file", args=[FILE]), {"key": uuid.uuid4(), "digest": "0" * 64, "due": "2027-01-01"}
    )
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_reauthenticate"))
    assert "another one since you read it" in said(signed_file(judges, reviewer, digest="0" * 64))
    assert "within five years" in said(signed_file(judges, reviewer, due=str(today())))
    assert not Signed.objects.exists()
    # Signed, and then a change is accepted: the signature no longer counts, and is not handed out.
    signed_file(judges, reviewer)
    settled(judges, proposal_in(proposed(doctor, entry_of(doctor).replace(*FIFTH))))
    page = said(judges.get(reverse("export-knowledge")))
    assert "Sign-offs of what has changed since" in page and f"{FILE}: pending review: nobody" in page
    assert b"signoffs.toml" not in judges.get(reverse("knowledge-diff")).content


def test_another_clinic_sees_nothing_of_it(doctor: Browser, judges: Browser) -> None:
    made = proposal_in(proposed(doctor, entry_of(doctor).replace(*FIFTH)))
    settled(judges, made)
    stranger = browser_of(person("reviewer", at="Elsewhere"))
    assert stranger.get(reverse("contribution", args=[made])).status_code == 404
    assert settled(stranger, made).status_code == 404
    assert "Nobody has proposed" in said(stranger.get(reverse("contributions")))
    assert 'value = "1/4"' in entry_of(stranger)


@pytest.mark.parametrize("file", ["../settings/__init__.py", "nothing.toml", "drugs", "/etc/passwd"])
def test_a_file_that_is_not_of_the_base_is_shown_to_nobody(judges: Browser, file: str) -> None:
    assert judges.get(f"/library/files/{file}/").status_code == 404
    assert text_of(file) == ""


A, B, C = '[[x]]\nid = "a"\n', '[[x]]\nid = "b"\n', '[[x]]\nid = "a"\nsays = "more"\n'


def test_a_change_that_ships_already_is_left_as_it_is() -> None:
    change = Change(file="f", before=A, after=C)
    once = applied(f"{A}\n{B}", change)
    assert once == f"{C}\n{B}" == applied(once, change)
    less = Change(file="f", before=C, after=A)
    assert applied(f"{C}\n{B}", less) == f"{A}\n{B}", "less than before is not taken for there already"
    both = Change(file="f", before=A, after=f"{A}\n{C}")
    assert applied(applied(A, both), both) == f"{A}\n{C}"
    with pytest.raises(ConflictError):
        applied(B, change)
    assert place(f"{B}\n{A}", A) == len(B) + 1
