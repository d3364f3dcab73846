"""Every form that a person finds in the clinic, read from its pages as a browser reads them, and what is sent instead."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.urls import NoReverseMatch, Resolver404, URLPattern, resolve, reverse

from opentaper.clinic.people.check import views
from tests.clinic.people import path_of

NOT_SENT = ("account_logout",)
"""Forms that only end what is being tried."""


A_GREAT_MANY = 40


def _first(name: str) -> str:
    return name.split("-", maxsplit=1)[0]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as a page has it.

    Args:
        name: of the view that it is sent to.
        path: where it is sent.
        fields: with what stands in them.
        blind: whether no page has it, and it was made with every field there is.
    """

    name: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    blind: bool = False

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.fields)})"

    def unlike(self) -> Iterator[str]:
        """Yield the fields, but two alone of a great many that are called alike, such as the prices of all products."""
        called, met = Counter(map(_first, self.fields)), Counter[str]()
        for name in self.fields:
            met[_first(name)] += 1
            if called[_first(name)] <= A_GREAT_MANY or met[_first(name)] <= 2:
                yield name


class Reader(HTMLParser):
    """Reads the forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._open: dict[str, str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._open = {}
            if of.get("method", "").lower() == "post":
                self.found.append((of.get("action", ""), self._open))
        elif self._open is not None and of.get("name"):
            if tag in ("input", "button"):
                self._open.setdefault(of["name"], of.get("value", ""))
            elif tag in ("textarea", "select"):
                self._text = of["name"]
                self._open[self._text] = ""
        elif tag == "option" and self._open is not None and self._text and not self._open.get(self._text):
            self._open[self._text] = of.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._text and self.lasttag == "textarea":
            self._open[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag in ("textarea", "select"):
            self._text = ""


@dataclass(frozen=True, kw_only=True)
class There:
    """What exists in the clinic that a path can name."""

    cases: Mapping[uuid.UUID, Sequence[str]]
    people: Sequence[uuid.UUID]

    def paths(self, pattern: URLPattern) -> Iterator[str]:
        """Yield the paths of a view, to what exists."""
        assert pattern.name is not None
        names = list(pattern.pattern.converters)
        given: dict[str, Iterable[object]] = {
            "person": self.people, "pk": [1], "uidb64": ["MQ"], "token": ["abc-def"], "number": [1, 6, 7], "row": [0, 3],
            "name": ["usual", "taper.ics"],
        }  # fmt: skip
        for case, marks in self.cases.items() if "case" in names else [(None, ())]:
            given |= {"case": [case], "mark": marks}
            for values in itertools.product(*(given.get(name, ["1"]) for name in names)):
                with suppress(NoReverseMatch):  # no such name can stand there
                    yield reverse(pattern.name, kwargs=dict(zip(names, values, strict=True)))


def forms(browser: Any, there: There) -> list[Form]:
    """Return every form that somebody finds on any page, and an empty one for each view that no page has a form for."""
    found: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    every: dict[str, list[str]] = {}
    for _, pattern in views():
        assert pattern.name is not None
        if pattern.name in NOT_SENT:
            continue
        every[pattern.name] = list(there.paths(pattern)) or [path_of(pattern)]
        for path in every[pattern.name]:
            answer = browser.get(path)
            assert answer.status_code < 500, path
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            for action, fields in read(answer.content.decode()):
                to = urlsplit(action).path or path
                name = _name(to)
                if name and name not in NOT_SENT:
                    found.setdefault((name, to, tuple(sorted(fields))), Form(name=name, path=to, fields=fields))
    forms = list(found.values())
    names = sorted({name for form in forms for name in form.fields} - {"csrfmiddlewaretoken"})
    with_one = {form.name for form in forms}
    blind = [Form(name=name, path=paths[0], fields=dict.fromkeys(names, "1"), blind=True) for name, paths in every.items()
             if name not in with_one and paths]  # fmt: skip
    return sorted([*forms, *blind], key=lambda form: (form.name, re.sub(r"[0-9a-f-]{36}", "", form.path), *form.fields))


def read(page: str) -> list[tuple[str, dict[str, str]]]:
    """Return the forms of a page: where each is sent, and what stands in it."""
    reader = Reader()
    reader.feed(page)
    return reader.found


def _name(path: str) -> str | None:
    try:
        return resolve(path).url_name
    except Resolver404:
        return None
