"""The first page after log-in: who you are, and what you may do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from opentaper.clinic.language import said
from opentaper.clinic.people.models import Person
from opentaper.clinic.people.roles import known_roles, may


def begin(request: HttpRequest) -> HttpResponse:
    """Open on what the role is there for: on who needs something, for whoever sees cases; else on who is logged in."""
    assert isinstance(request.user, Person)
    return redirect("cases" if may(request.user, "see-cases") else "home")


def home(request: HttpRequest) -> HttpResponse:
    """Show who is logged in, their clinic, their role and what it allows."""
    assert isinstance(request.user, Person)
    known, role = known_roles(), request.user.held
    acts = [said(says) for act, says in known.acts.items() if role and act in role.may]
    return render(request, "people/home.html", {"role": role, "acts": acts})


def enrol(request: HttpRequest) -> HttpResponse:
    """Show how to set up a second factor; nothing else opens before."""
    return render(request, "people/enrol.html")
