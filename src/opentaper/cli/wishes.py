"""How the faces of a plan were asked for: language, time zone, hours, length of a label."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opentaper.cli.door import InputError
from opentaper.exchange import LANGUAGES, Edition, Language, faces, language, plan_document
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, nearest
from opentaper.patient import TIMES, Case, regimen_file
from opentaper.plan import Options
from opentaper.review import Reviewed

NO_PLACES = ("Factory", "localtime", "posixrules")
"""Names in the time zone database that are no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person who hands a plan out has chosen."""

    lang: Language
    zone: str | None
    hours: Mapping[str, dt.time]
    sig_length: int | None

    @classmethod
    def of(cls, tag: str, zone: str | None, at: Sequence[str], sig_length: int | None) -> Wishes:
        """Read them as they were typed.

        Raises:
            InputError: there is no such language, time zone or time of day, or the hour is none.
        """
        if tag not in LANGUAGES:
            raise InputError(f"--lang {tag!r}: there is {', '.join(LANGUAGES)}")
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                zone = ""
            if not zone or zone in NO_PLACES:
                raise InputError("--time-zone: that is no time zone; write one such as Europe/Zurich")
        hours = dict(map(_hour, at))
        if len(set(hours.values())) < len(hours):
            raise InputError("--at: two times of day at the same hour")
        return cls(lang=language(tag), zone=zone, hours=hours, sig_length=sig_length)

    def faces(self, edition: Edition, changed: Sequence[str] = ()) -> dict[str, str | bytes]:
        """Return every face of an edition as it was asked for, by file name."""
        return faces(edition, self.lang, zone=self.zone, hours=self.hours, sig_length=self.sig_length, changed=changed)


def _hour(text: str) -> tuple[str, dt.time]:
    time, _, hour = text.partition("=")
    if time not in TIMES:
        close = nearest(time, TIMES)
        hint = f'did you mean "{close}"?' if close else f"there are {', '.join(TIMES)}"
        raise InputError(f"--at {text!r}: there is no time of day {time!r}; {hint}")
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", hour)
    if match is None:
        raise InputError(f"--at {text!r}: write the hour as 07:30")
    return time, dt.time(int(match[1]), int(match[2]))


def overview(
    name: str, case: Case, found: Options, reviewed: Sequence[Reviewed], known: Knowledge, lang: Language
) -> dict[str, str | bytes]:
    """Return plan.json and one regimen file an option, of those that review does not block."""
    open_ = [(plan, judged) for plan, judged in zip(found.plans, reviewed, strict=True) if not judged.verdict.blocks]
    if not open_:
        return {}
    kept = Options(plans=tuple(plan for plan, _ in open_), infeasible=found.infeasible)
    document = plan_document(kept, [judged for _, judged in open_], known, case, lang)
    files: dict[str, str | bytes] = {"plan.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n"}
    for plan, _ in open_:
        heading = (
            f"{case.goal.of} {case.present.daily} to {case.goal.daily} a day, {name}: {plan.title}; knowledge "
            f"{known.digest[:12]}, {known.review_note}. Draft, not signed."
        )
        files[f"{plan.name}.toml"] = regimen_file(plan.regimen, heading)
    return files
