"""The people of a clinic, for its administrator."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from opentaper.clinic.isolation import reading
from opentaper.clinic.language import said
from opentaper.clinic.people import action
from opentaper.clinic.people.form import PersonForm, RoleForm
from opentaper.clinic.people.models import Access, Person
from opentaper.clinic.people.roles import known_roles

LINES = 200


def _of_our_clinic(request: HttpRequest, person: uuid.UUID) -> Person:
    assert isinstance(request.user, Person)
    return get_object_or_404(Person, pk=person, clinic_id=request.user.clinic_id)


def _page(request: HttpRequest, form: PersonForm, *, status: int = 200, **shown: object) -> HttpResponse:
    assert isinstance(request.user, Person)
    found = Person.objects.filter(clinic_id=request.user.clinic_id).order_by("full_name", "email")
    known = known_roles().roles
    rows = [
        {
            "of": each,
            "role": said(known[each.role].name) if each.role in known else each.role,
            "form": RoleForm(initial={"role": each.role}, auto_id=f"role-{each.pk}"),
        }
        for each in found
    ]
    return render(request, "people/people.html", {"rows": rows, "form": form, **shown}, status=status)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody of the clinic, and a form to add somebody."""
    return _page(request, PersonForm())


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add a person, and show once the link at which they set their password."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        person = action.add(request, **form.cleaned_data)
    except action.RefusedError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=422)
    return _with_link(request, person, action.link_for(person))


def _with_link(request: HttpRequest, person: Person, path: str) -> HttpResponse:
    # It stands in this answer alone, and in nothing that is kept.
    return _page(request, PersonForm(), link=request.build_absolute_uri(path), link_for=person)


@require_POST
def change_role(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Give somebody another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This role cannot be given to anybody."))
        return redirect("people")
    return _done(request, _of_our_clinic(request, person), "role", form.cleaned_data["role"])


@require_POST
def disable(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Let somebody in no more."""
    return _done(request, _of_our_clinic(request, person), "disable")


@require_POST
def enable(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Let somebody in again."""
    return _done(request, _of_our_clinic(request, person), "enable")


@require_POST
def new_link(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Make a new link for somebody who lost their password, and show it once."""
    of = _of_our_clinic(request, person)
    try:
        path = action.new_link(request, of)
    except action.RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("people")
    return _with_link(request, of, path)


def _done(request: HttpRequest, person: Person, what: str, role: str = "") -> HttpResponse:
    try:
        if what == "role":
            action.change_role(request, person, role=role)
            done = _("%(name)s: role changed. They have to log in again.")
        elif what == "disable":
            action.disable(request, person)
            done = _("%(name)s is disabled and logged out everywhere.")
        else:
            action.enable(request, person)
            done = _("%(name)s may log in again.")
    except action.RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done % {"name": person.full_name})
    return redirect("people")


@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """Show the newest lines of the clinic's access log: who, which act, which case, allowed or refused."""
    assert isinstance(request.user, Person)
    clinic = request.user.clinic_id
    names = dict(Person.objects.filter(clinic_id=clinic).values_list("pk", "full_name"))
    with reading(clinic):
        lines = list(Access.objects.filter(clinic_id=clinic).order_by("-id")[:LINES])
    acts = known_roles().acts
    rows = [
        {
            "line": line,
            "who": names.get(line.person_id, _("nobody")) if line.person_id else _("the operator"),
            "says": said(acts.get(line.act, line.act)),
            "about": names.get(line.about_id, "") if line.about_id else "",
        }
        for line in lines
    ]
    return render(request, "people/access.html", {"rows": rows, "lines": LINES})
