"""Who needs something today: read from what stands beside the events, with the same few queries for ten or ten thousand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, F, Min, Q, QuerySet

from opentaper.care import Why
from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Need, Summary
from opentaper.clinic.cases.summary import form_of
from opentaper.clinic.isolation import reading

Listable = TypeVar("Listable", Need, Summary)

ON_A_PAGE = 50
SORTS = ("urgency", "name", "since")
"""By what a list can be sorted: what could do harm the soonest, the name, or what waits the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wishes to see.

    Args:
        why: one reason; None for any.
        everyone: also those who need nothing today.
        name: a part of the name; empty for any.
        sort: one of `SORTS`.
        page: 1 for the first.
    """

    why: Why | None = None
    everyone: bool = False
    name: str = ""
    sort: str = SORTS[0]
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A case in the list: where it stands, and everything it needs today."""

    summary: Summary
    needs: Sequence[Need]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """One page of the list.

    Args:
        rows: the cases on it.
        counts: how many cases there are for each reason, whatever was asked for.
        total: how many cases what was asked for has.
        needing, everyone: how many cases need something today, and how many there are.
        old: of how many cases the list is of an older program or base, and is being made anew.
        page, pages: which page this is, of how many.
    """

    rows: Sequence[Listed]
    counts: Mapping[Why, int]
    total: int
    needing: int
    everyone: int
    old: int
    page: int
    pages: int


def worklist(clinic: uuid.UUID, today: dt.date, asked: Asked) -> Worklist:
    """Return one page of who needs something on a day, or of everyone."""
    form = form_of(base.now(today, clinic))
    with reading(clinic):
        open_ = Need.objects.filter(Q(until=None) | Q(until__gt=today), clinic_id=clinic, from_day__lte=today)
        counted = open_.order_by().values("why").annotate(cases=Count("case", distinct=True))
        counts: dict[Why, int] = {Why(row["why"]): row["cases"] for row in counted}
        whole = Summary.objects.filter(clinic_id=clinic).aggregate(
            everyone=Count("pk"), old=Count("pk", filter=~Q(form=form))
        )
        needing = open_.aggregate(cases=Count("case", distinct=True))["cases"]
        if asked.everyone:
            chosen = _named(Summary.objects.filter(clinic_id=clinic), "name", asked.name)
            total = chosen.count() if asked.name else whole["everyone"]
        else:
            needed = _named(open_.filter(why=asked.why.value) if asked.why else open_, "case__name", asked.name)
            if asked.name:
                total = needed.aggregate(cases=Count("case", distinct=True))["cases"]
            else:
                total = counts.get(asked.why, 0) if asked.why else needing
        pages = max(1, -(-total // ON_A_PAGE))
        page = min(asked.page, pages)
        part = slice((page - 1) * ON_A_PAGE, page * ON_A_PAGE)
        on_page = _everyone(chosen, asked.sort, today)[part] if asked.everyone else _needing(needed, asked.sort)[part]
        rows = _rows([key for (key,) in on_page], today)
    return Worklist(
        rows=rows,
        counts={why: counts.get(why, 0) for why in Why},
        total=total,
        needing=needing,
        everyone=whole["everyone"],
        old=whole["old"],
        page=page,
        pages=pages,
    )


def _everyone(chosen: QuerySet[Summary], sort: str, today: dt.date) -> QuerySet[Summary, Any]:
    if sort in ("since", "name"):
        return chosen.order_by("changed_at" if sort == "since" else "name", "pk").values_list("pk")
    open_ = Q(needs__from_day__lte=today) & (Q(needs__until=None) | Q(needs__until__gt=today))
    urgent = chosen.values("pk").annotate(first=Min("needs__rank", filter=open_), since=Min("needs__on", filter=open_))
    return urgent.order_by(F("first").asc(nulls_last=True), "since", "pk").values_list("pk")


def _needing(needed: QuerySet[Need], sort: str) -> QuerySet[Need, Any]:
    # The names are joined only where somebody asks for their order: the index alone answers the rest.
    grouped = needed.values("case", "case__name") if sort == "name" else needed.values("case")
    order = {"name": ("case__name",), "since": ("since", "first")}.get(sort, ("first", "since"))
    return grouped.annotate(first=Min("rank"), since=Min("on")).order_by(*order, "case").values_list("case")


def _named(found: QuerySet[Listable], field: str, name: str) -> QuerySet[Listable]:
    return found.filter(**{f"{field}__icontains": name}) if name else found


def _rows(cases: Sequence[uuid.UUID], today: dt.date) -> list[Listed]:
    """This function will return the cases of a page in their order, each with everything that it needs."""
    summaries = Summary.objects.in_bulk(cases)
    needs: dict[uuid.UUID, list[Need]] = {case: [] for case in cases}
    # Found by their cases, of which there are few; asked for the day as well, a database would look through the whole day.
    for need in Need.objects.filter(case__in=cases).order_by("rank", "on", "pk"):
        if need.from_day <= today and (need.until is None or need.until > today):
            needs[need.case_id].append(need)
    return [Listed(summary=summaries[case], needs=needs[case]) for case in cases]


def needs_of(clinic: uuid.UUID, case: uuid.UUID, today: dt.date) -> list[Need]:
    """Return what one case needs on a day, what could do harm the soonest first."""
    with reading(clinic):
        found = Need.objects.filter(case=case).order_by("rank", "on", "pk")
        return [each for each in found if each.from_day <= today and (each.until is None or today < each.until)]
