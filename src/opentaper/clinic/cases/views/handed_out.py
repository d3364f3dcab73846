"""What is handed out: every face of a signed version, and everything that there is of one person."""

from __future__ import annotations

import io
import json
import uuid
import zipfile

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from opentaper.care import plan_of
from opentaper.clinic.cases import base
from opentaper.clinic.cases.following import FILES
from opentaper.clinic.cases.record import chain_of
from opentaper.clinic.cases.show import told
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import SOFTWARE, ours, today
from opentaper.clinic.people.models import Clinic
from opentaper.exchange import LANGUAGES, Edition, LabelError, Signature, UnfitError, Wish, face, language
from opentaper.knowledge import Knowledge
from opentaper.patient import case_file, regimen_file
from opentaper.record import History, Progress
from opentaper.review import review

SIGNED = (Progress.ACCEPTED, Progress.IN_FORCE, Progress.PAST)


README = _(
    """Everything that {clinic} has recorded of {name} with OpenTaper {software}, as of {on}.

story.txt       what happened, in words, the oldest first: who did it, and when (UTC)
case.toml       what is known of the person now
versions/       every version of every plan, as it was reviewed
record.jsonl    every event as it lies in the record, one a line, with its place and hashes in the clinic's chain

It is about one person's health. The law may protect it from being passed on without their written consent.
"""
)


@require_safe
def one(request: HttpRequest, case: uuid.UUID, mark: str, name: str) -> HttpResponse:
    """Hand out one face of a version that is signed; of what nobody signed there is none."""
    now = history_or_404(request, case)
    followed = now.versions.get(mark)
    if name not in FILES or followed is None or followed.signed is None or followed.progress not in SIGNED:
        raise Http404
    tag = request.GET.get("lang", "en")
    lang = language(tag if tag in LANGUAGES else "en")
    wish = Wish(lang=lang, zone=ours(request).clinic.time_zone)
    try:
        known = base.of(followed.version.knowledge, today(request))
        made = face(name, edition(now, mark, known, ours(request).clinic), wish)
    except (UnfitError, LabelError, base.NoBaseError) as problem:
        return render(request, "cases/unfit.html", {"case": case, "now": now, "says": str(problem)}, status=409)
    answer = HttpResponse(made, content_type=FILES[name][1])
    # The name says nothing of whom it is about: it may lie in a list of downloads for years.
    answer["Content-Disposition"] = (
        f'attachment; filename="{followed.version.identity}-{followed.version.number}-{name}"'
    )
    return answer


def edition(now: History, mark: str, known: Knowledge, clinic: Clinic) -> Edition:
    """Return a signed version as it is handed out, with the plan behind it.

    Args:
        now: where the case stands.
        mark: the digest of the version.
        known: the base that it was made with.
        clinic: whose day the signature is of.

    Raises:
        UnfitError: review blocks it.
    """
    followed = now.versions[mark]
    version, signed = followed.version, followed.signed
    assert signed is not None
    return Edition(
        plan=plan_of(now, mark, known),
        case=version.case,
        reviewed=review(version.regimen, version.case, known, on=followed.judged.on),
        known=known,
        made_on=version.made_on,
        number=version.number,
        root=version.root,
        before=version.before,
        held=version.held,
        gone=version.gone,
        signature=Signature(by=signed.by.name, role=signed.by.role, on=clinic.day_of(signed.at), digest=mark),
    )


def _story(now: History) -> str:
    return "".join(
        f"{event.number}. {event.at:%Y-%m-%d %H:%M} UTC, {event.by.name} ({event.by.role})\n   {told(event, now)}\n\n"
        for event in now.events
    )


@require_safe
def everything(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Hand out everything that there is of one person: to be read by people, and by programs."""
    now = history_or_404(request, case)
    person, day = ours(request), today(request)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "README.txt", str(README).format(software=SOFTWARE, clinic=person.clinic.name, on=day, name=now.name)
        )
        archive.writestr("story.txt", _story(now))
        archive.writestr(
            "record.jsonl",
            "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in chain_of(person.clinic_id, case)),
        )
        if now.case:
            archive.writestr("case.toml", case_file(now.case, "What is known of the person now"))
        for followed in now.versions.values():
            version = followed.version
            says = f"{version.name}, version {version.number}: {followed.progress.value}"
            archive.writestr(
                f"versions/{version.number}-{version.digest[:12]}.toml", regimen_file(version.regimen, says)
            )
    answer = HttpResponse(whole.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="case-{case}.zip"'
    return answer
