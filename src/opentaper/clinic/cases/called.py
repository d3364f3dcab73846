"""What the words of closed lists of the record are called on a page: how far a version came, what was observed, verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from opentaper.review import Verdict

PROGRESS = {
    "reviewed": _("reviewed"),
    "accepted": _("accepted"),
    "declined": _("declined"),
    "void": _("void"),
    "in force": _("in force"),
    "past": _("past"),
    "stopped": _("stopped"),
    "no plan in force": _("no plan in force"),
}
OBSERVED = {
    "note": _("note"),
    "dose-taken": _("dose taken"),
    "score": _("score"),
    "level": _("level"),
    "symptom": _("symptom"),
    "missed": _("missed"),
    "contact": _("contact"),
    "risk-benefit-review": _("risk benefit review"),
}
VERDICT = {
    "pass": _("pass"),
    "note": _("note"),
    "caution": _("caution"),
    "unknown": _("unknown"),
    "block": _("block"),
}
ANSWER = {"yes": _("yes"), "no": _("no"), "unknown": _("unknown")}
CALLED: Mapping[str, object] = {**ANSWER, **VERDICT, **OBSERVED, **PROGRESS}

MEANS = {
    Verdict.PASS: _("nothing stands against it"),
    Verdict.NOTE: _("may be started; read the notes"),
    Verdict.CAUTION: _("may be started once the reasons asked for are given"),
    Verdict.UNKNOWN: _("cannot be started: somebody must answer what is unknown"),
    Verdict.BLOCK: _("cannot be started"),
}
"""What a verdict means for starting."""


def called(word: object) -> str:
    """Return a word of a closed list as a page says it; any other as it is."""
    return str(CALLED.get(str(word), word))
